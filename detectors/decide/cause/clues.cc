#include "detectors/decide/cause/clues.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tidewatch {
namespace {

/// A share of traffic below which a new value cannot move the whole.
constexpr double kLeastShare = 0.05;
/// What changes so near to the beginning may be its cause; beginnings are known no better, and often worse (blur).
/// Beyond it, what changed says less by half for each kHalving: it has been there without effect, or came when the
/// effect was there.
constexpr Duration kNear = std::chrono::minutes(10);
constexpr Duration kHalving = std::chrono::minutes(20);
/// Beyond so long it says nothing.
constexpr Duration kReach = std::chrono::hours(2);
/// A value that is not new, and comes back: from how much to how much. Those that serve side by side wander, as what
/// they are used for does.
constexpr double kMostOfAbsent = 0.05;
constexpr double kLeastOfReturned = 0.3;
/// Differences that are told apart from chance.
constexpr double kClear = 3;

const Movement* find_moved(const CauseEvidence& evidence, Trait trait, bool is_up) {
  const auto at = std::find_if(evidence.movements.begin(), evidence.movements.end(), [&](const Movement& movement) {
    return movement.trait == trait && movement.is_moved && movement.is_up() == is_up;
  });
  return at == evidence.movements.end() ? nullptr : &*at;
}

bool is_steady(const CauseEvidence& evidence, Trait trait) {
  bool is_known = false;
  for (const Movement& movement : evidence.movements) {
    if (movement.trait != trait) continue;
    if (movement.is_moved) return false;
    is_known |= movement.is_steady;
  }
  return is_known;
}

const Mix* find(const CauseEvidence& evidence, Facet facet) {
  const auto at =
      std::find_if(evidence.mixes.begin(), evidence.mixes.end(), [&](const Mix& mix) { return mix.facet == facet; });
  return at == evidence.mixes.end() ? nullptr : &*at;
}

const FirstValue* nearest(const CauseEvidence& evidence, Facet facet) {
  const FirstValue* out = nullptr;
  for (const FirstValue& first : evidence.first_values) {
    if (first.facet != facet) continue;
    if (std::chrono::abs(first.at - evidence.began) > kReach) continue;
    const auto distance = [&](const FirstValue& of) { return std::chrono::abs(of.at - evidence.began); };
    if (out == nullptr || distance(first) < distance(*out)) out = &first;
  }
  return out;
}

/// "retrieval_score fell from 0.82 to 0.60 (-27 %)".
std::string in_words(const Movement& movement) {
  const double relative = movement.before != 0 ? (movement.after - movement.before) / std::abs(movement.before) : 0;
  return fmt::format("{} {} from {} to {}, {}", movement.measure, movement.is_up() ? "rose" : "fell",
                     format_quantity(movement.before, movement.quantity, movement.noun),
                     format_quantity(movement.after, movement.quantity, movement.noun),
                     format_change(relative, movement.after - movement.before, movement.quantity));
}

std::string share(double value) { return format_quantity(value, Quantity::share); }

/// "language=es rose from 5.0 % to 35.0 % of the traffic".
std::string in_words(const Mix& mix) {
  return fmt::format("{}={} rose from {} to {} of the traffic", name_of(mix.facet), mix.gained, share(mix.before),
                     share(mix.after));
}

class Clues {
 public:
  explicit Clues(const CauseEvidence& evidence) : evidence_(evidence) {}

  std::vector<Clue> take() && {
    alerted();
    labels();
    retrieval();
    users();
    provider();
    service();
    volume();
    comparisons();
    return std::move(out_);
  }

 private:
  void add(ClueKind kind, std::string words = {}, std::optional<Timestamp> at = {}, std::optional<Facet> facet = {}) {
    Clue& clue = out_.emplace_back();
    clue.kind = kind;
    clue.words = std::move(words);
    clue.facet = facet;
    clue.at = at;
  }
  void add_change(ClueKind kind, std::string words, Timestamp at) {
    add(kind, std::move(words), at);
    out_.back().strength = strength_at(at);
  }
  double strength_at(Timestamp changed) const {
    const Duration distance = std::chrono::abs(changed - evidence_.began);
    if (distance > kReach) return 0;
    const Duration beyond = distance - kNear - evidence_.blur;
    return std::exp2(-std::max(0.0, to_seconds(beyond)) / to_seconds(kHalving));
  }
  void add(ClueKind kind, const Movement& movement) { add(kind, in_words(movement), movement.since); }

  void alerted() {
    switch (evidence_.alerted) {
      case Trait::answers:
      case Trait::answer_size:
      case Trait::grounding:
        return add(ClueKind::alerted_answers);
      case Trait::retrieval:
        return add(ClueKind::alerted_retrieval);
      case Trait::questions:
        return add(ClueKind::alerted_questions);
      case Trait::model_time:
      case Trait::model_errors:
        return add(ClueKind::alerted_model);
      case Trait::request_errors:
      case Trait::request_time:
        return add(ClueKind::alerted_requests);
      case Trait::call_size:
      case Trait::calls:
        return add(ClueKind::alerted_size);
      case Trait::volume:
        return add(ClueKind::alerted_volume);
      case Trait::other:
        break;
    }
  }

  /// Another value took over, or a new one is there.
  void label(Facet facet, ClueKind changed, std::optional<ClueKind> same) {
    const Mix* mix = find(evidence_, facet);
    const FirstValue* first = nearest(evidence_, facet);
    const bool has_moved = mix != nullptr && mix->is_moved && mix->moved >= kLeastShare && strength_at(mix->since) > 0;
    const bool is_new = first != nullptr && mix != nullptr && mix->gained == first->value;
    if (has_moved && is_new) {
      return add_change(changed,
                        fmt::format("{}={} was first seen {} and serves {} of the traffic", name_of(facet),
                                    first->value, beside(first->at), share(mix->after)),
                        first->at);
    }
    const double least = facet == Facet::variant ? kLeastShare : kLeastOfReturned;
    if (has_moved && mix->before < kMostOfAbsent && mix->after >= least)
      return add_change(changed, in_words(*mix), mix->since);
    // A new value of which too little was seen to say how much it serves.
    if (first != nullptr && mix == nullptr)
      return add_change(
          changed, fmt::format("{}={} was first seen {}", name_of(facet), first->value, beside(first->at)), first->at);
    if (mix != nullptr && same) add(*same, facet == Facet::prompt_version ? "prompt version" : "model");
  }

  std::string beside(Timestamp at) const {
    const Duration distance = std::chrono::abs(at - evidence_.began);
    if (distance < std::chrono::minutes(1)) return "as it began";
    return fmt::format("{} {} it began", format_length(std::chrono::floor<std::chrono::minutes>(distance)),
                       at < evidence_.began ? "before" : "after");
  }

  void labels() {
    label(Facet::model, ClueKind::new_model, ClueKind::same_model);
    label(Facet::prompt_version, ClueKind::new_prompt, ClueKind::same_prompt);
    label(Facet::provider, ClueKind::new_provider, {});
    label(Facet::retrieval, ClueKind::new_retrieval, {});
    label(Facet::variant, ClueKind::new_variant, {});
    if (!evidence_.contrasted) return;
    const std::string words = fmt::format("{}={} differs from the others in the same windows",
                                          name_of(*evidence_.contrasted), evidence_.contrasted_value);
    if (*evidence_.contrasted == Facet::variant) add(ClueKind::worse_variant, words);
    if (*evidence_.contrasted == Facet::prompt_version) add(ClueKind::worse_version, words);
  }

  void retrieval() {
    if (const Movement* found = find_moved(evidence_, Trait::retrieval, false))
      add(ClueKind::worse_retrieval, *found);
    else if (is_steady(evidence_, Trait::retrieval))
      add(ClueKind::same_retrieval, "retrieval");
    if (const Movement* found = find_moved(evidence_, Trait::grounding, false)) add(ClueKind::worse_grounding, *found);
    if (evidence_.is_gradual) add(ClueKind::gradual, "it came over days, without a step");
  }

  void users() {
    const Mix* segments = find(evidence_, Facet::segment);
    const Mix* languages = find(evidence_, Facet::language);
    std::string words;
    std::optional<Timestamp> at;
    for (const Mix* mix : {segments, languages}) {
      if (mix == nullptr || !mix->is_moved) continue;
      words += (words.empty() ? "" : ", ") + in_words(*mix);
      at = at ? std::min(*at, mix->since) : mix->since;
    }
    if (!words.empty()) add(ClueKind::other_users, words, at);
    const Movement* longer = find_moved(evidence_, Trait::questions, true);
    const Movement* shorter = find_moved(evidence_, Trait::questions, false);
    if (const Movement* moved = longer != nullptr ? longer : shorter) add(ClueKind::other_questions, *moved);
    if (words.empty() && (segments != nullptr || languages != nullptr) && is_steady(evidence_, Trait::questions))
      add(ClueKind::same_users, "users");
  }

  void provider() {
    const Movement* slower = find_moved(evidence_, Trait::model_time, true);
    // Longer answers take longer: what is slower then is no model.
    const bool writes_more = find_moved(evidence_, Trait::answer_size, true) != nullptr;
    if (slower != nullptr && (!writes_more || slower->measure != "llm_latency")) add(ClueKind::slower_model, *slower);
    if (const Movement* failing = find_moved(evidence_, Trait::model_errors, true))
      add(ClueKind::failing_model, *failing);
  }

  void service() {
    const Movement* failing = find_moved(evidence_, Trait::request_errors, true);
    const Movement* fewer_calls = find_moved(evidence_, Trait::calls, false);
    const bool model_fails = find_moved(evidence_, Trait::model_errors, true) != nullptr;
    const auto calls_fail = std::find_if(evidence_.movements.begin(), evidence_.movements.end(),
                                         [](const auto& of) { return of.trait == Trait::model_errors; });
    const bool calls_fail_less =
        calls_fail != evidence_.movements.end() && failing != nullptr && calls_fail->after < failing->after / 3;
    if (failing != nullptr && !model_fails && (fewer_calls != nullptr || calls_fail_less)) {
      add(ClueKind::failing_alone,
          in_words(*failing) + (fewer_calls != nullptr ? " before a model is called" : ", model calls do not fail"),
          failing->since);
    }
    const Movement* larger = find_moved(evidence_, Trait::call_size, true);
    if (larger != nullptr && find_moved(evidence_, Trait::questions, true) == nullptr)
      add(ClueKind::larger_calls, *larger);
    if (const Movement* more = find_moved(evidence_, Trait::calls, true)) add(ClueKind::more_calls, *more);
  }

  void volume() {
    if (evidence_.is_silent)
      add(ClueKind::silence, "nothing comes at all, neither answers nor errors", evidence_.began);
    else if (evidence_.is_starved)
      add(ClueKind::starvation, "less comes than should, of all kinds", evidence_.began);
  }

  void comparisons() {
    for (const Difference& difference : evidence_.differences) {
      const double moved = difference.own - difference.others;
      if (!(difference.error > 0)) continue;
      const bool differs = std::abs(moved) >= kClear * difference.error;
      const bool others_moved = std::abs(difference.others) >= kClear * difference.others_error &&
                                difference.others * difference.own > 0 &&
                                std::abs(difference.others) > std::abs(difference.own) / 2;
      // Of a value that was there before, what differs is what happens to it, not what it is.
      const bool is_suspect = difference.is_new || difference.facet == Facet::variant;
      if (is_suspect && differs && !others_moved && std::abs(difference.own) > std::abs(difference.others))
        add(ClueKind::only_there,
            fmt::format("where {}={} it moved by {}, elsewhere by {}", name_of(difference.facet), difference.value,
                        points(difference.own, difference.quantity), points(difference.others, difference.quantity)),
            {}, difference.facet);
      else if (others_moved)
        add(ClueKind::everywhere,
            fmt::format("without {}={} it moved alike, by {}", name_of(difference.facet), difference.value,
                        points(difference.others, difference.quantity)),
            {}, difference.facet);
    }
    for (const Decomposition& parts : evidence_.decompositions) {
      const double total = parts.by_mix + parts.within;
      const bool goes_back = parts.within * total < 0 && std::abs(parts.within) >= kClear * parts.within_error;
      const std::string words = fmt::format(
          "of {} in {}, {} come from another mix of {}s and {} from within them{}", points(total, parts.quantity),
          parts.measure, points(parts.by_mix, parts.quantity), name_of(parts.facet),
          points(parts.within, parts.quantity), goes_back ? ", where it went the other way" : "");
      const bool is_clear = std::abs(parts.by_mix) >= kClear * parts.mix_error;
      if (is_clear && parts.by_mix * total > 0 && std::abs(parts.by_mix) >= std::abs(total) / 2)
        add(ClueKind::mix_explains, words, {}, parts.facet);
      else if (std::abs(parts.within) >= kClear * parts.within_error && std::abs(parts.by_mix) < std::abs(total) / 4)
        add(ClueKind::mix_explains_nothing, {}, {}, parts.facet);
    }
  }

  /// "+9.1 percentage points", "+0.42 s".
  static std::string points(double difference, Quantity quantity) {
    const char* sign = difference < 0 ? "-" : "+";
    if (quantity == Quantity::share) return fmt::format("{}{:.1f} percentage points", sign, 100 * std::abs(difference));
    return sign + format_quantity(std::abs(difference), quantity);
  }

  const CauseEvidence& evidence_;
  std::vector<Clue> out_;
};

}  // namespace

std::string_view name_of(Facet facet) {
  switch (facet) {
    case Facet::model:
      return "model";
    case Facet::provider:
      return "provider";
    case Facet::prompt_version:
      return "prompt_version";
    case Facet::retrieval:
      return "retrieval";
    case Facet::variant:
      return "variant";
    case Facet::segment:
      return "segment";
    case Facet::language:
      return "language";
    case Facet::endpoint:
      break;
  }
  return "endpoint";
}

std::vector<Clue> clues_of(const CauseEvidence& evidence) { return Clues(evidence).take(); }

}  // namespace tidewatch
