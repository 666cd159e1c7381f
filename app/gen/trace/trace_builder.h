#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/gen/conditions.h"
#include "app/gen/trace/dialogue.h"
#include "app/gen/traffic/random.h"
#include "app/gen/traffic/world.h"
#include "detectors/core/time.h"
#include "tidewatch/otlp/v1/trace.pb.h"

namespace tidewatch::gen {

/// The library that made a span: the instrumentation scope it is exported under.
enum class Scope : uint8_t { server, model, application };
inline constexpr size_t kScopes = 3;
std::string_view scope_name(Scope scope);

struct FinishedSpan {
  Scope scope;
  otlp::v1::Span span;
};

/// Who asks, and where: the labels of a request.
struct Request {
  const Service& service;
  const Endpoint& endpoint;
  const Conditions& conditions;
  Timestamp at;
  std::string_view user;
  std::string_view session;
  std::string_view segment;
  std::string_view variant;
  Want want;
  double load_time = 1;  ///< factor on the time of model calls by load of the hour
};

/// How a request went, as its user sees it.
struct Outcome {
  std::string trace_id;  ///< 16 raw bytes
  Timestamp end;
  AnswerKind answer = AnswerKind::good;
  bool has_failed = false;
};

/// Appends the spans of one request, by its endpoint's pipeline, to `out`.
Outcome build_trace(const Request& request, Random& random, std::vector<FinishedSpan>& out);

}  // namespace tidewatch::gen
