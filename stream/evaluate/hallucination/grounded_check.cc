#include "stream/evaluate/hallucination/grounded_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>

#include "schemas/embedded.h"
#include "stream/evaluate/hallucination/claims.h"

namespace tidewatch {
namespace {

constexpr size_t kMaxDocumentBytes = size_t{1} << 16;  ///< of all documents together
constexpr size_t kMissingShown = 5;
constexpr double kSupported = 0.5;

/// What each part of the evidence means, in the order of ClaimEvidence::kNames.
constexpr std::array<std::string_view, ClaimEvidence::kNames.size()> kMeanings{
    "words that are not in the documents",
    "names that are not in the documents",
    "numbers that are not in the documents",
    "words put together from different places",
    "words that do not stand together in the documents",
    "taken from a passage that has little to do with the question",
    "nothing but words of the question",
    "denies what the passage says, or says what it denies",
    "the opposite of a word of the passage",
    "another number than the passage has",
    "no passage has anything to do with it",
};

}  // namespace

GroundednessWeights GroundednessWeights::embedded() {
  const auto files = embedded_weights();
  const auto file = std::find_if(files.begin(), files.end(),
                                 [](const EmbeddedFile& each) { return each.first == "groundedness.yaml"; });
  TW_CHECK(file != files.end(), "no weights of groundedness");
  const YAML::Node table = YAML::Load(std::string(file->second));
  GroundednessWeights out;
  out.bias = table["bias"].as<double>();
  TW_CHECK(table["weights"].size() == ClaimEvidence::kNames.size(), "weights of groundedness and its evidence differ");
  for (size_t i = 0; i < out.weights.size(); ++i)
    out.weights[i] = table["weights"][std::string(ClaimEvidence::kNames[i])].as<double>();
  TW_CHECK(std::all_of(out.weights.begin(), out.weights.end(), [](double weight) { return weight >= 0; }),
           "evidence against a claim has a weight for it");
  return out;
}

double GroundednessWeights::log_odds(const ClaimEvidence& evidence) const {
  double out = bias;
  for (size_t i = 0; i < weights.size(); ++i) out += weights[i] * evidence.values[i];
  return out;
}

std::optional<Grounded> GroundedCheck::check(std::string_view answer, const std::vector<std::string>& documents,
                                             const std::string& question) const {
  if (documents.empty()) return std::nullopt;
  const ContextIndex context(documents, languages_, kMaxDocumentBytes);
  const auto asked = terms_of(words_of(question), languages_, context.language());
  Grounded out;
  double supported = 0;
  double all = 0;
  for (std::string& claim : claims_of(answer)) {
    auto found = examine_claim(claim, asked, context, contradictions_, languages_);
    if (!found) continue;
    const double support = 1 / (1 + std::exp(weights_.log_odds(found->evidence)));
    all += found->weight;
    if (support >= kSupported) supported += found->weight;
    if (out.claims.empty() || support < out.claims[out.weakest].support) out.weakest = out.claims.size();
    out.claims.push_back({std::move(claim), support, std::move(*found)});
  }
  if (out.claims.empty()) return std::nullopt;
  out.support = out.claims[out.weakest].support;
  out.supported_share = supported / all;
  return out;
}

std::string Grounded::why() const {
  const CheckedClaim& claim = claims[weakest];
  if (support >= kSupported) return fmt::format("all {} claims are borne out by the documents", claims.size());
  const auto is_weak = [](const CheckedClaim& each) { return each.support < kSupported; };
  std::string out = fmt::format("{} of {} claims not borne out by the documents; least: \"{}\"",
                                std::count_if(claims.begin(), claims.end(), is_weak), claims.size(), claim.text);
  const auto& values = claim.found.evidence.values;
  std::vector<std::string_view> reasons;
  for (size_t i = 0; i < values.size(); ++i)
    if (values[i] >= 0.5) reasons.push_back(kMeanings[i]);
  if (!reasons.empty()) out += fmt::format(" ({})", fmt::join(reasons, "; "));
  const auto& missing = claim.found.missing;
  if (!missing.empty()) {
    const auto shown = std::min(missing.size(), kMissingShown);
    out += fmt::format("; missing: {}{}",
                       fmt::join(missing.begin(), missing.begin() + static_cast<ptrdiff_t>(shown), ", "),
                       shown < missing.size() ? ", …" : "");
  }
  return out;
}

}  // namespace tidewatch
