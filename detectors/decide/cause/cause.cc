#include "detectors/decide/cause/cause.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "detectors/decide/cause/clues.h"
#include "detectors/decide/cause/weights.h"

namespace tidewatch {
namespace {

/// A label with the value that moved the measure, or without: as much as its being new.
constexpr double kOnlyThere = 3.5;
constexpr double kEverywhere = -3;
constexpr size_t kMostClues = 3;
/// Causes less likely than this are not told beside another.
constexpr double kWorthNaming = 0.1;

using Odds = std::array<double, kCauseKinds>;
size_t at(CauseKind kind) { return static_cast<size_t>(kind); }

double weight_for(const Clue& clue, CauseKind cause) {
  double out = 0;
  for (const ClueWeight& row : clue_weights())
    if (row.clue == clue.kind && row.cause == cause) out += clue.strength * row.nats;
  if (clue.facet && cause_of(*clue.facet) == cause) {
    if (clue.kind == ClueKind::only_there) out += kOnlyThere;
    if (clue.kind == ClueKind::everywhere) out += kEverywhere;
  }
  return out;
}

Odds probabilities_of(const std::vector<Clue>& clues) {
  Odds out{};
  out[at(CauseKind::unknown)] = kUnknownNats;
  for (size_t kind = 0; kind + 1 < kCauseKinds; ++kind)
    for (const Clue& clue : clues) out[kind] += weight_for(clue, static_cast<CauseKind>(kind));
  const double most = *std::max_element(out.begin(), out.end());
  for (double& odds : out) odds = std::exp(odds - most);
  const double sum = std::accumulate(out.begin(), out.end(), 0.0);
  for (double& odds : out) odds /= sum;
  return out;
}

/// What spoke for a cause, first what changed first.
std::vector<const Clue*> clues_for(CauseKind cause, const std::vector<Clue>& clues) {
  std::vector<const Clue*> out;
  for (const Clue& clue : clues)
    if (weight_for(clue, cause) > 0 && !clue.words.empty()) out.push_back(&clue);
  std::stable_sort(out.begin(), out.end(),
                   [&](const Clue* a, const Clue* b) { return weight_for(*a, cause) > weight_for(*b, cause); });
  out.resize(std::min(out.size(), kMostClues));
  std::stable_sort(out.begin(), out.end(), [](const Clue* a, const Clue* b) {
    return a->at.value_or(kMaxTimestamp) < b->at.value_or(kMaxTimestamp);
  });
  return out;
}

/// "the same model, prompt_version and retrieval": what was seen and did not change, where that spoke against a cause.
std::string unchanged(const std::vector<Clue>& clues) {
  std::vector<std::string_view> same;
  for (const Clue& clue : clues)
    if (clue.kind == ClueKind::same_model || clue.kind == ClueKind::same_prompt ||
        clue.kind == ClueKind::same_retrieval || clue.kind == ClueKind::same_users)
      same.push_back(clue.words);
  std::string out;
  for (size_t i = 0; i < same.size(); ++i)
    out += fmt::format("{}{}", i == 0 ? "the same " : i + 1 == same.size() ? " and " : ", ", same[i]);
  return out;
}

/// "model and retrieval are not reported": what would have to be known.
std::string missing(const CauseEvidence& evidence) {
  const auto has_mix = [&](Facet facet) {
    return std::any_of(evidence.mixes.begin(), evidence.mixes.end(),
                       [&](const Mix& mix) { return mix.facet == facet; });
  };
  const auto has_movement = [&](Trait trait) {
    return std::any_of(evidence.movements.begin(), evidence.movements.end(), [&](const Movement& movement) {
      return movement.trait == trait && (movement.is_moved || movement.is_steady);
    });
  };
  std::vector<std::string_view> names;
  if (!has_mix(Facet::model)) names.emplace_back("response models");
  if (!has_mix(Facet::prompt_version)) names.emplace_back("prompt versions");
  if (!has_movement(Trait::retrieval)) names.emplace_back("retrievals");
  if (!has_mix(Facet::segment) && !has_mix(Facet::language)) names.emplace_back("segments and languages");
  std::string out;
  for (size_t i = 0; i < names.size(); ++i)
    out += fmt::format("{}{}", i == 0 ? "" : i + 1 == names.size() ? " and " : ", ", names[i]);
  return out.empty() ? out : out + (names.size() == 1 && names[0].back() != 's' ? " is" : " are") + " not seen";
}

std::string why_known(const Cause& cause, const std::vector<Clue>& clues) {
  std::string out = fmt::format("Likely cause: {}", name_of(cause.kind));
  const auto told = clues_for(cause.kind, clues);
  for (size_t i = 0; i < told.size(); ++i) out += (i == 0 ? ": " : "; ") + told[i]->words;
  if (const std::string same = unchanged(clues); !same.empty()) out += "; " + same;
  return out + fmt::format(" (confidence {:.2f}).", cause.confidence);
}

std::string why_unknown(const Cause& cause, const CauseEvidence& evidence, const std::vector<Clue>& clues) {
  std::string out = "Cause unknown";
  std::vector<CauseKind> kinds;
  for (size_t kind = 0; kind + 1 < kCauseKinds; ++kind)
    if (cause.probabilities[kind] >= kWorthNaming) kinds.push_back(static_cast<CauseKind>(kind));
  std::sort(kinds.begin(), kinds.end(),
            [&](CauseKind a, CauseKind b) { return cause.probabilities[at(a)] > cause.probabilities[at(b)]; });
  for (size_t i = 0; i < kinds.size() && i < 2; ++i)
    out += fmt::format("{}{} ({:.2f})", i == 0 ? ": the evidence is thin, at most " : " or ", name_of(kinds[i]),
                       cause.probabilities[at(kinds[i])]);
  if (kinds.empty()) out += ": nothing that was seen explains it";
  if (const std::string same = unchanged(clues); !same.empty()) out += "; " + same;
  if (const std::string names = missing(evidence); !names.empty()) out += "; " + names;
  return out + ".";
}

}  // namespace

std::string_view name_of(CauseKind kind) {
  switch (kind) {
    case CauseKind::model:
      return "model";
    case CauseKind::prompt:
      return "prompt";
    case CauseKind::data:
      return "data";
    case CauseKind::users:
      return "users";
    case CauseKind::provider:
      return "provider";
    case CauseKind::service:
      return "service";
    case CauseKind::telemetry:
      return "telemetry";
    case CauseKind::rollout:
      return "rollout";
    case CauseKind::unknown:
      break;
  }
  return "unknown";
}

Cause likeliest_cause(const CauseEvidence& evidence) {
  const std::vector<Clue> clues = clues_of(evidence);
  Cause out;
  out.probabilities = probabilities_of(clues);
  const auto best = std::max_element(out.probabilities.begin(), out.probabilities.end());
  if (*best >= kLeastConfidence) out.kind = static_cast<CauseKind>(std::distance(out.probabilities.begin(), best));
  out.confidence = out.probabilities[at(out.kind)];
  out.why = out.kind == CauseKind::unknown ? why_unknown(out, evidence, clues) : why_known(out, clues);
  return out;
}

}  // namespace tidewatch
