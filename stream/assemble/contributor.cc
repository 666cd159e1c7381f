#include "stream/assemble/contributor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "detectors/sketch/distinct.h"
#include "stream/assemble/facts.h"

namespace tidewatch {
namespace {

/// A name as measures have them: lower case, digits and `_`. Characters beyond ASCII stay: names of one language must
/// not fall together.
std::string measure_suffix(std::string_view name) {
  constexpr size_t kMostBytes = 64;
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  size_t end = std::min(name.size(), kMostBytes);
  while (end > 0 && end < name.size() && continues(name[end])) --end;
  std::string out;
  for (const char c : name.substr(0, end)) {
    if (!is_ascii(c) || std::isalnum(static_cast<unsigned char>(c)) != 0)
      out.push_back(is_ascii(c) ? static_cast<char>(std::tolower(static_cast<unsigned char>(c))) : c);
    else
      out.push_back('_');
  }
  return out;
}

/// Whose vote it is: of the user, or else of the session, or else of nobody known.
uint64_t voter_of(const Labels& labels, const v1::FeedbackFacts& feedback, const Exemplar& exemplar) {
  for (const std::string_view name : {"user", "session"})
    if (const auto value = labels.get(name); !value.empty()) return hash_key(value);
  return hash_key(exemplar.trace_id.empty() ? feedback.id() : exemplar.trace_id);
}

/// Questions of near words fall into one of 32 groups together: bits of the fingerprint are a locality-sensitive hash
/// (Charikar, STOC 2002).
std::string topic_of(uint64_t content_fingerprint) {
  constexpr unsigned kBits = 5;
  return fmt::format("topic-{:02}", content_fingerprint >> (64 - kBits));
}

/// The model that a price would be of.
std::string_view priced_as(const Call& call) {
  if (!call.facts().response_model().empty()) return call.facts().response_model();
  return call.model.empty() ? "unknown" : std::string_view(call.model);
}

/// Models whose calls without a price are counted by name; those of more as of "other".
constexpr size_t kMaxUnpricedModels = 50;

}  // namespace

/// The aggregates of one entity and pane, by measure.
class Contributor::Cells {
 public:
  /// `only`: the measures that count there; null: all.
  Cells(PaneCells& cells, const MeasureCatalog& catalog, const std::vector<MeasureId>* only = nullptr)
      : cells_(&cells), catalog_(&catalog), only_(only) {}

  void trial(MeasureId id, bool success, const Exemplar& exemplar, double weight = 1) const {
    if (counts(id)) of(id).add_trial(success, weight, shown(exemplar));
  }
  void vote(MeasureId id, bool is_positive, uint64_t voter, const Exemplar& exemplar, double weight) const {
    if (counts(id)) of(id).add_clustered_trial(is_positive, voter, weight, shown(exemplar));
  }
  void value(MeasureId id, double value, const Exemplar& exemplar, double weight = 1) const {
    if (counts(id)) of(id).add_value(value, weight, shown(exemplar));
  }
  void amount(MeasureId id, double value, double weight = 1) const {
    if (counts(id)) of(id).add_value(value, weight);
  }
  void category(MeasureId id, std::string_view name, double weight = 1) const {
    if (!name.empty() && counts(id)) of(id).add_category(name, weight);
  }
  void key(MeasureId id, std::string_view name) const {
    if (!name.empty() && counts(id)) of(id).add_key(hash_key(name));
  }
  void saw(std::string_view label, std::string_view value, const Request& request) const {
    if (only_ == nullptr) cells_->saw(label, value, request.time, request.trace_id);
  }

 private:
  Aggregate& of(MeasureId id) const { return cells_->cell(id, catalog_->info(id)); }
  bool counts(MeasureId id) const {
    return only_ == nullptr || std::find(only_->begin(), only_->end(), id) != only_->end();
  }
  /// What names no trace (feedback on a session) has nothing to show, and groups of a rollout show nothing.
  const Exemplar* shown(const Exemplar& exemplar) const {
    return exemplar.trace_id.empty() || only_ != nullptr ? nullptr : &exemplar;
  }

  PaneCells* cells_;
  const MeasureCatalog* catalog_;
  const std::vector<MeasureId>* only_;
};

Contributor::Contributor(const AssembleOptions& options)
    : groups_(options.entities),
      custom_(options.measures),
      prices_(PriceList::of(options)),
      combiner_(options.pane, catalog_) {
  for (const auto& measure : custom_) {
    const auto id = catalog_.add(measure.info);
    TW_CHECK(id.has_value(), "the config was checked: measures of the config fit the catalogue");
    custom_ids_.push_back(*id);
  }
  rollouts_ = RolloutArms(options.rollouts, catalog_);
}

bool Contributor::for_each_entity(const Labels& labels, std::string_view trace_id, Timestamp time, RequestKind kind,
                                  const std::function<void(Cells)>& add) {
  bool is_counted = false;
  for (const auto& group : groups_) {
    const std::string key = entity_key(group, labels);
    if (key.empty()) continue;
    add(Cells(combiner_.at(key, time, kind), catalog_));
    is_counted = true;
  }
  rollouts_.for_each(labels, trace_id, [&](const RolloutArms::Place& place) {
    add(Cells(combiner_.at(place.key, time, RequestKind::genai), catalog_, &place.measures));
  });
  return is_counted;
}

bool Contributor::add_request(const Request& request) {
  const Exemplar exemplar = request.exemplar();
  const auto cost = prices_.cost_of(request);
  const RequestKind kind = request.is_genai ? RequestKind::genai : RequestKind::plain;
  const auto count = [&](Cells cells) {
    cells.amount(m_requests, 1);
    cells.key(m_users, request.labels.get("user"));
    cells.key(m_sessions, request.labels.get("session"));
    cells.trial(m_error_rate, request.is_failed, exemplar);
    if (request.is_failed) cells.category(m_errors_by_kind, request.error_kind);
    if (request.has_root) cells.value(m_latency, to_seconds(request.latency), exemplar);
    if (cost) cells.value(m_cost_per_request, *cost, exemplar);
    cells.category(m_prompt_versions, request.labels.get("prompt_version"));
    cells.category(m_retrievals, request.labels.get("retrieval"));
    cells.category(m_endpoints, request.labels.get("endpoint"));
    cells.category(m_segments, request.labels.get("segment"));
    cells.category(m_variants, request.labels.get("variant"));
    for (const auto label : kChangeLabels)
      if (label != "response_model") cells.saw(label, request.labels.get(label), request);
    if (request.answer != nullptr)
      add_answer(request, cells);
    else if (request.last_model_call != nullptr)
      add_end_of_answer(request, *request.last_model_call, cells);
    add_custom(CountedOver::requests, request, nullptr, cells);
  };
  const bool is_counted = for_each_entity(request.labels, request.trace_id, request.time, kind, count);
  add_calls(request);
  return is_counted;
}

void Contributor::add_answer(const Request& request, Cells cells) const {
  const v1::TextSignals& signals = request.answer->facts().signals();
  const Exemplar exemplar = request.exemplar(request.answer);
  const auto rate = [&](bool is_known, MeasureId id, bool is_bad) {
    if (is_known) cells.trial(id, is_bad, exemplar);
  };
  rate(signals.has_refusal(), m_refusal_rate, signals.refusal() || signals.partial_refusal());
  rate(signals.has_hedging(), m_hedging_rate, signals.hedging());
  rate(signals.has_schema_mismatch(), m_schema_mismatch_rate, signals.schema_mismatch());
  rate(signals.has_truncated(), m_truncation_rate, signals.truncated());
  rate(signals.has_empty_output(), m_empty_rate, signals.empty_output());
  rate(signals.has_repeated_output(), m_repetition_rate, signals.repeated_output());
  rate(signals.has_wrong_language(), m_wrong_language_rate, signals.wrong_language());
  rate(signals.has_unsafe(), m_unsafe_rate, signals.unsafe());
  const bool is_soft_known = signals.has_schema_mismatch() || signals.has_truncated() || signals.has_empty_output() ||
                             signals.has_repeated_output();
  rate(is_soft_known, m_soft_error_rate,
       signals.schema_mismatch() || signals.truncated() || signals.empty_output() || signals.repeated_output());
  if (signals.has_groundedness()) cells.value(m_groundedness, signals.groundedness(), exemplar);
  if (signals.has_input_chars()) cells.value(m_question_length, signals.input_chars(), exemplar);
  if (signals.has_question_complexity()) cells.value(m_question_complexity, signals.question_complexity(), exemplar);
  if (signals.has_output_chars()) cells.value(m_answer_length, signals.output_chars(), exemplar);
  cells.category(m_languages, signals.question_language());
  if (signals.has_question_content()) cells.category(m_question_topics, topic_of(signals.question_content()));
}

/// Of an answer whose text was not recorded the model still says how it ended.
void Contributor::add_end_of_answer(const Request& request, const Call& call, Cells cells) const {
  const auto& reasons = call.facts().finish_reasons();
  if (call.facts().error() || reasons.empty()) return;
  cells.trial(m_truncation_rate, std::find(reasons.begin(), reasons.end(), "length") != reasons.end(),
              request.exemplar(&call));
}

void Contributor::add_calls(const Request& request) {
  for (const Call& call : request.calls) {
    if (prices_.is_unpriced(call)) count_unpriced(priced_as(call));
    for_each_entity(call.labels, request.trace_id, request.time, RequestKind::genai,
                    [&](Cells cells) { add_call(request, call, cells); });
  }
}

void Contributor::count_unpriced(std::string_view model) {
  const bool is_known = unpriced_.contains(model);
  ++unpriced_[is_known || unpriced_.size() < kMaxUnpricedModels ? std::string(model) : "other"];
}

void Contributor::flush(Effects& out) {
  combiner_.flush(out);
  for (auto& [model, calls] : unpriced_)
    if (calls > 0) out.count("unpriced_calls", model, std::exchange(calls, 0));
}

void Contributor::add_call(const Request& request, const Call& call, Cells cells) const {
  const v1::SpanFacts& facts = call.facts();
  const Exemplar exemplar = request.exemplar(&call);
  const double seconds = to_seconds(call.duration);
  const auto amount = [&](MeasureId id, std::optional<double> value) {
    if (value) cells.amount(id, *value);
  };
  amount(m_input_tokens, call.usage.input_tokens);
  amount(m_output_tokens, call.usage.output_tokens);
  amount(m_cached_tokens, call.usage.cached_tokens);
  amount(m_reasoning_tokens, call.usage.reasoning_tokens);
  const auto cost = prices_.cost_of(call);
  amount(m_cost, cost);
  if (prices_.is_unpriced(call)) cells.category(m_unpriced_models, priced_as(call));
  if (call.is_model_call) {
    cells.amount(m_llm_calls, 1);
    cells.trial(m_llm_error_rate, facts.error(), exemplar);
    cells.trial(m_rate_limited_rate, facts.error() && facts.error_kind() == "rate_limit", exemplar);
    if (!facts.error()) cells.value(m_llm_latency, seconds, exemplar);  // refused calls are quick: another population
    if (call.usage.input_tokens) cells.value(m_input_tokens_per_call, *call.usage.input_tokens, exemplar);
    if (call.usage.output_tokens) cells.value(m_output_tokens_per_call, *call.usage.output_tokens, exemplar);
    if (call.usage.input_tokens || call.usage.output_tokens)
      cells.trial(m_unpriced_rate, prices_.is_unpriced(call), exemplar);
    if (facts.has_time_to_first_token_nano()) {
      const double first = to_seconds(Duration(facts.time_to_first_token_nano()));
      cells.value(m_time_to_first_token, first, exemplar);
      if (call.usage.output_tokens && *call.usage.output_tokens > 1 && seconds > first)
        cells.value(m_time_per_output_token, (seconds - first) / (*call.usage.output_tokens - 1), exemplar);
    }
    cells.category(m_models, facts.response_model().empty() ? call.model : facts.response_model());
    cells.category(m_providers, facts.provider());
    for (const auto& reason : facts.finish_reasons()) cells.category(m_finish_reasons, reason);
    cells.saw("response_model", facts.response_model(), request);
    add_custom(CountedOver::llm_calls, request, &call, cells);
  } else if (call.operation == v1::OPERATION_RETRIEVAL) {
    cells.value(m_retrieval_latency, seconds, exemplar);
    if (facts.has_documents()) cells.value(m_documents, facts.documents(), exemplar);
    if (facts.has_retrieval_score()) cells.value(m_retrieval_score, facts.retrieval_score(), exemplar);
    add_custom(CountedOver::retrievals, request, &call, cells);
  } else if (call.operation == v1::OPERATION_TOOL) {
    cells.amount(m_tool_calls, 1);
    cells.trial(m_tool_error_rate, facts.error(), exemplar);
    cells.value(m_tool_latency, seconds, exemplar);
    cells.category(m_tools, facts.tool_name());
    add_custom(CountedOver::tool_calls, request, &call, cells);
  }
}

void Contributor::add_custom(CountedOver of, const Request& request, const Call* call, Cells cells) const {
  if (custom_.empty()) return;
  const Facts facts(request, call, prices_);
  const Exemplar exemplar = request.exemplar(call);
  for (size_t i = 0; i < custom_.size(); ++i) {
    const CustomMeasure& measure = custom_[i];
    if (measure.of != of) continue;
    const bool is_fulfilled = facts.fulfils(measure.where);
    if (measure.info.kind == MeasureKind::rate) {
      cells.trial(custom_ids_[i], is_fulfilled, exemplar);
      continue;
    }
    if (!is_fulfilled) continue;
    switch (measure.info.kind) {
      case MeasureKind::distinct:
        cells.key(custom_ids_[i], facts.text(measure.value));
        break;
      case MeasureKind::composition:
        cells.category(custom_ids_[i], facts.text(measure.value));
        break;
      default:
        if (measure.value.empty())
          cells.amount(custom_ids_[i], 1);
        else if (const auto value = facts.number(measure.value))
          cells.value(custom_ids_[i], *value, exemplar);
    }
  }
}

bool Contributor::add_feedback(const Labels& labels, const v1::FeedbackFacts& feedback, const Exemplar& exemplar,
                               double weight) {
  const Timestamp time{Duration(feedback.time_unix_nano())};
  return for_each_entity(labels, exemplar.trace_id, time, RequestKind::genai, [&](Cells cells) {
    cells.amount(m_votes, 1, weight);
    cells.category(m_voting_segments, labels.get("segment"), weight);
    if (feedback.has_positive())
      cells.vote(m_positive_feedback, feedback.positive(), voter_of(labels, feedback, exemplar), exemplar, weight);
    if (feedback.has_score()) cells.value(m_rating, feedback.score(), exemplar, weight);
  });
}

void Contributor::add_response(const Labels& labels, std::string_view trace_id, bool has_feedback, Timestamp time) {
  for_each_entity(labels, trace_id, time, RequestKind::genai,
                  [&](Cells cells) { cells.trial(m_feedback_rate, has_feedback, {}); });
}

bool Contributor::add_evaluation(const Labels& labels, const v1::EvaluationFacts& evaluation,
                                 const Exemplar& exemplar) {
  const std::string name = measure_suffix(evaluation.name());
  const double probability = evaluation.has_inclusion_probability() ? evaluation.inclusion_probability() : 1.0;
  const double weight = probability > 0 && probability <= 1 ? 1 / probability : 1.0;
  const auto score = evaluation.has_score() ? catalog_.find_or_derive("score_" + name) : std::nullopt;
  const auto passed = evaluation.has_passed() ? catalog_.find_or_derive("pass_" + name) : std::nullopt;
  const Timestamp time{Duration(evaluation.time_unix_nano())};
  const bool is_counted = for_each_entity(labels, exemplar.trace_id, time, RequestKind::genai, [&](Cells cells) {
    if (score) cells.value(*score, evaluation.score(), exemplar, weight);
    if (passed) cells.trial(*passed, evaluation.passed(), exemplar, weight);
  });
  return is_counted && (score || passed);
}

}  // namespace tidewatch
