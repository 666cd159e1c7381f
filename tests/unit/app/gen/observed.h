#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/gen/simulator.h"
#include "stream/signals/text_checks.h"
#include "tidewatch/otlp/v1/trace.pb.h"

namespace tidewatch::gen {

/// What a model call says of itself.
struct ObservedCall {
  std::string response_model;
  std::string question;
  std::string answer;
  std::string schema;
  std::string error_type;
  double seconds = 0;
  std::optional<double> first_token;
  std::optional<double> input_tokens;
  std::optional<double> output_tokens;
  double cost = 0;
  bool calls_tool = false;
  bool is_cut_off = false;
};

/// A request put together from its spans, without any code of the engine.
struct ObservedRequest {
  std::string service;
  std::string endpoint;
  std::string segment;
  std::string variant;
  std::string prompt_version;
  Timestamp start;
  double seconds = 0;
  bool has_root = false;
  bool has_failed = false;
  std::vector<ObservedCall> calls;
  std::optional<double> retrieval_score;
  std::vector<std::string> documents;
  std::optional<bool> is_liked;

  /// Of the last answer; computed once.
  const tidewatch::v1::TextSignals& signals(const TextChecks& checks) const;

 private:
  mutable std::optional<tidewatch::v1::TextSignals> signals_;
};

/// Every request of a run up to `until`, by trace id; only of `services` when there are any.
std::map<std::string, ObservedRequest> observe(const Simulator& simulator, Timestamp until,
                                               const std::set<std::string, std::less<>>& services = {});

/// Values of a measure in one request: numbers of a distribution, 0 or 1 of a rate. Empty where it has none.
std::vector<double> values_of(std::string_view measure, const ObservedRequest& request, const TextChecks& checks);
/// Category of a request in a composition; nothing for other measures.
std::optional<std::string> category_of(std::string_view measure, const ObservedRequest& request,
                                       const TextChecks& checks);

}  // namespace tidewatch::gen
