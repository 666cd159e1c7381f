#pragma once

#include <array>
#include <string_view>

#include "app/gen/trace/topics.h"

namespace tidewatch::gen {

inline constexpr std::array<std::string_view, 3> kSegments = {"free", "pro", "enterprise"};

/// What holds for the requests of one endpoint at one moment: probabilities, factors and mixes. The defaults are a
/// normal day; incidents change them. An empty text leaves what the endpoint has.
struct Conditions {
  // Quality of answers
  double refusal = 0.02;
  double hedging = 0.05;
  double ungrounded = 0.03;      ///< the answer speaks of something else than the documents
  double schema_failure = 0.01;  ///< of answers that must be JSON
  double truncation = 0.008;
  double empty = 0.002;
  double answer_length = 1;  ///< factor
  // Latency and failures
  double model_time = 1;         ///< factor on the time per token
  double first_token_time = 1;   ///< factor
  double server_error = 0.005;   ///< of model calls
  double rate_limit = 0.003;     ///< of model calls
  double timeout = 0.001;        ///< of model calls
  double service_error = 0.001;  ///< of requests: fails before any model call
  double tool_failure = 0.012;
  double extra_attempts = 0;  ///< probability that a successful model call is done over
  // Tokens
  double prompt_tokens = 1;  ///< factor
  double tool_rounds = 1.3;  ///< mean rounds of an agent
  // Retrieval
  double retrieval_score = 0.82;  ///< mean of the best document's score
  double stale_documents = 0.03;  ///< probability that a retrieved document is of another topic
  // Users
  double traffic = 1;                                   ///< factor
  std::array<double, 3> segments = {0.55, 0.33, 0.12};  ///< weights by kSegments
  std::array<double, kLanguages> languages = {0.82, 0.07, 0.06, 0.05};
  std::array<double, kEnglishTopics> topics = {5, 5, 3, 3, 2.5, 2, 0.1};
  double canary_share = 0;  ///< of requests that run the variant "canary"
  // Names
  std::string_view response_model;
  std::string_view prompt_version;
  // Telemetry
  double span_loss = 0;  ///< probability that an exporter's batch is lost
};

}  // namespace tidewatch::gen
