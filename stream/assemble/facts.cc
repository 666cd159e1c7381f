#include "stream/assemble/facts.h"

#include <algorithm>
#include <array>

namespace tidewatch {
namespace {

using Signals = v1::TextSignals;

template <bool (Signals::*Has)() const, bool (Signals::*Get)() const>
std::optional<double> yes_no(const Signals& signals) {
  if (!(signals.*Has)()) return std::nullopt;
  return (signals.*Get)() ? 1.0 : 0.0;
}

struct SignalFact {
  std::string_view name;
  std::optional<double> (*of)(const Signals&);
};
constexpr std::array kSignalFacts = {
    SignalFact{"refusal",
               [](const Signals& s) -> std::optional<double> {
                 if (!s.has_refusal()) return std::nullopt;
                 return s.refusal() || s.partial_refusal() ? 1.0 : 0.0;
               }},
    SignalFact{"hedging", yes_no<&Signals::has_hedging, &Signals::hedging>},
    SignalFact{"schema_mismatch", yes_no<&Signals::has_schema_mismatch, &Signals::schema_mismatch>},
    SignalFact{"truncated", yes_no<&Signals::has_truncated, &Signals::truncated>},
    SignalFact{"empty", yes_no<&Signals::has_empty_output, &Signals::empty_output>},
    SignalFact{"repeated", yes_no<&Signals::has_repeated_output, &Signals::repeated_output>},
    SignalFact{"wrong_language", yes_no<&Signals::has_wrong_language, &Signals::wrong_language>},
    SignalFact{"unsafe", yes_no<&Signals::has_unsafe, &Signals::unsafe>},
    SignalFact{"question_length",
               [](const Signals& s) -> std::optional<double> {
                 return s.has_input_chars() ? std::optional<double>(s.input_chars()) : std::nullopt;
               }},
    SignalFact{"answer_length",
               [](const Signals& s) -> std::optional<double> {
                 return s.has_output_chars() ? std::optional<double>(s.output_chars()) : std::nullopt;
               }},
    SignalFact{"groundedness",
               [](const Signals& s) -> std::optional<double> {
                 return s.has_groundedness() ? std::optional<double>(s.groundedness()) : std::nullopt;
               }},
};

}  // namespace

const std::vector<std::string_view>& Facts::number_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> out = {"latency",          "input_tokens", "output_tokens",       "cached_tokens",
                                         "reasoning_tokens", "cost",         "time_to_first_token", "documents",
                                         "retrieval_score",  "calls",        "tool_calls",          "failed"};
    for (const auto& fact : kSignalFacts) out.push_back(fact.name);
    return out;
  }();
  return names;
}

const v1::TextSignals* Facts::signals() const {
  const Call* call = call_ != nullptr ? call_ : request_->answer;
  return call != nullptr && call->facts().has_signals() ? &call->facts().signals() : nullptr;
}

std::optional<double> Facts::total(std::optional<double> Usage::*amount) const {
  if (call_ != nullptr) return call_->usage.*amount;
  std::optional<double> out;
  for (const Call& call : request_->calls)
    if (call.usage.*amount) out = out.value_or(0) + *(call.usage.*amount);
  return out;
}

std::optional<double> Facts::cost() const {
  return call_ != nullptr ? prices_->cost_of(*call_) : prices_->cost_of(*request_);
}

std::optional<double> Facts::retrieved(std::string_view name) const {
  std::optional<double> out;
  const auto add = [&](const v1::SpanFacts& facts) {
    if (name == "documents" && facts.has_documents()) out = out.value_or(0) + facts.documents();
    if (name == "retrieval_score" && facts.has_retrieval_score())
      out = std::max(out.value_or(facts.retrieval_score()), facts.retrieval_score());
  };
  if (call_ != nullptr)
    add(call_->facts());
  else
    for (const Call& call : request_->calls) add(call.facts());
  return out;
}

std::optional<double> Facts::number(std::string_view name) const {
  for (const auto& fact : kSignalFacts)
    if (fact.name == name) return signals() != nullptr ? fact.of(*signals()) : std::nullopt;
  if (name == "latency") return to_seconds(call_ != nullptr ? call_->duration : request_->latency);
  if (name == "input_tokens") return total(&Usage::input_tokens);
  if (name == "output_tokens") return total(&Usage::output_tokens);
  if (name == "cached_tokens") return total(&Usage::cached_tokens);
  if (name == "reasoning_tokens") return total(&Usage::reasoning_tokens);
  if (name == "cost") return cost();
  if (name == "failed") return (call_ != nullptr ? call_->facts().error() : request_->is_failed) ? 1.0 : 0.0;
  if (name == "calls" || name == "tool_calls") {
    if (call_ != nullptr) return std::nullopt;
    return static_cast<double>(std::count_if(request_->calls.begin(), request_->calls.end(), [&](const Call& call) {
      return name == "calls" ? call.is_model_call : call.operation == v1::OPERATION_TOOL;
    }));
  }
  if (name == "documents" || name == "retrieval_score") return retrieved(name);
  const Call* call = call_ != nullptr ? call_ : request_->answer;
  if (name == "time_to_first_token" && call != nullptr && call->facts().has_time_to_first_token_nano())
    return to_seconds(Duration(call->facts().time_to_first_token_nano()));
  return std::nullopt;
}

std::string Facts::text(std::string_view name) const {
  if (name == "error_kind") return call_ != nullptr ? call_->facts().error_kind() : request_->error_kind;
  if (name == "finish_reason") {
    const Call* call = call_ != nullptr ? call_ : request_->answer;
    return call != nullptr && call->facts().finish_reasons_size() > 0 ? call->facts().finish_reasons(0) : "";
  }
  return std::string((call_ != nullptr ? call_->labels : request_->labels).get(name));
}

bool Facts::fulfils(const std::vector<Matcher>& matchers) const {
  return std::all_of(matchers.begin(), matchers.end(), [&](const Matcher& matcher) {
    if (matcher.above || matcher.below) {
      const auto value = number(matcher.field);
      if (!value || (matcher.above && !(*value > *matcher.above)) || (matcher.below && !(*value < *matcher.below)))
        return false;
    }
    if (matcher.in.empty() && matcher.not_in.empty()) return true;
    const std::string value = text(matcher.field);
    const auto holds = [&](const std::vector<std::string>& names) {
      return std::find(names.begin(), names.end(), value) != names.end();
    };
    return !value.empty() && (matcher.in.empty() || holds(matcher.in)) && !holds(matcher.not_in);
  });
}

}  // namespace tidewatch
