#include "detectors/decide/cause/weights.h"

namespace tidewatch {

std::span<const ClueWeight> clue_weights() {
  using enum ClueKind;
  using Kind = CauseKind;
  static constexpr ClueWeight kWeights[] = {
      // What changed near the beginning.
      {new_model, Kind::model, 4.5},
      {same_model, Kind::model, -1.5},
      {new_prompt, Kind::prompt, 4.5},
      {same_prompt, Kind::prompt, -1.5},
      {new_provider, Kind::provider, 4},
      {new_retrieval, Kind::data, 3.5},
      {new_variant, Kind::rollout, 3.5},
      {worse_variant, Kind::rollout, 6},
      {worse_version, Kind::prompt, 5},
      // What is found.
      {worse_retrieval, Kind::data, 4},
      {same_retrieval, Kind::data, -1.5},
      {worse_grounding, Kind::data, 1},
      {gradual, Kind::data, 3.5},
      {gradual, Kind::model, -1},
      {gradual, Kind::prompt, -1},
      {gradual, Kind::provider, -1},
      {gradual, Kind::service, -1},
      // Who asks what: nothing that the service does changes who its users are, so it comes before what follows from
      // it.
      {other_users, Kind::users, 3.5},
      {other_users, Kind::data, -1},
      {other_users, Kind::service, -1},
      {other_questions, Kind::users, 2},
      {same_users, Kind::users, -1.5},
      // The model's provider, and the service.
      {slower_model, Kind::provider, 3.5},
      {failing_model, Kind::provider, 2.5},
      {failing_alone, Kind::service, 4},
      {failing_alone, Kind::provider, -1.5},
      {larger_calls, Kind::service, 3.5},
      {more_calls, Kind::service, 1},
      // Telemetry.
      {silence, Kind::telemetry, 5},
      {starvation, Kind::telemetry, 2.5},
      // Compared with others, and with the groups of which the whole is made up.
      {mix_explains, Kind::users, 3},
      {mix_explains_nothing, Kind::users, -2},
      // What an alert is about makes some causes implausible.
      {alerted_answers, Kind::service, -2},
      {alerted_answers, Kind::provider, -2},
      {alerted_answers, Kind::telemetry, -4},
      {alerted_retrieval, Kind::data, 1},
      {alerted_retrieval, Kind::model, -4},
      {alerted_retrieval, Kind::prompt, -3},
      {alerted_retrieval, Kind::provider, -3},
      {alerted_questions, Kind::users, 2.5},
      {alerted_questions, Kind::model, -4},
      {alerted_questions, Kind::prompt, -4},
      {alerted_questions, Kind::provider, -4},
      {alerted_questions, Kind::data, -3},
      {alerted_questions, Kind::rollout, -2},
      {alerted_model, Kind::data, -3},
      {alerted_model, Kind::prompt, -1.5},
      {alerted_model, Kind::users, -1},
      {alerted_model, Kind::telemetry, -4},
      {alerted_requests, Kind::data, -2},
      {alerted_requests, Kind::telemetry, -4},
      {alerted_size, Kind::data, -2},
      {alerted_size, Kind::provider, -2.5},
      {alerted_size, Kind::telemetry, -4},
      {alerted_volume, Kind::model, -4},
      {alerted_volume, Kind::prompt, -4},
      {alerted_volume, Kind::data, -4},
      {alerted_volume, Kind::provider, -3},
      {alerted_volume, Kind::rollout, -3},
  };
  return kWeights;
}

std::optional<CauseKind> cause_of(Facet facet) {
  switch (facet) {
    case Facet::model:
      return CauseKind::model;
    case Facet::provider:
      return CauseKind::provider;
    case Facet::prompt_version:
      return CauseKind::prompt;
    case Facet::retrieval:
      return CauseKind::data;
    case Facet::variant:
      return CauseKind::rollout;
    case Facet::segment:
    case Facet::language:
      return CauseKind::users;
    case Facet::endpoint:
      break;
  }
  return std::nullopt;
}

}  // namespace tidewatch
