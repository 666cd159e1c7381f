#include "tests/unit/app/gen/observed.h"

#include <absl/strings/escaping.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tidewatch::gen {
namespace {

namespace v1 = otlp::v1;

const v1::AnyValue* find(const auto& attributes, std::string_view key) {
  for (const auto& attribute : attributes) {
    if (attribute.key() == key) return &attribute.value();
  }
  return nullptr;
}
std::string text(const auto& attributes, std::string_view key) {
  const auto* value = find(attributes, key);
  return value == nullptr ? std::string() : value->string_value();
}
std::optional<double> number(const auto& attributes, std::string_view key) {
  const auto* value = find(attributes, key);
  if (value == nullptr) return std::nullopt;
  return value->has_double_value() ? value->double_value() : static_cast<double>(value->int_value());
}

ObservedCall call_of(const v1::Span& span) {
  ObservedCall out;
  const auto& in = span.attributes();
  out.response_model = text(in, "gen_ai.response.model");
  out.schema = text(in, "gen_ai.request.structured_output_schema");
  out.error_type = text(in, "error.type");
  out.seconds = 1e-9 * static_cast<double>(span.end_time_unix_nano() - span.start_time_unix_nano());
  out.first_token = number(in, "gen_ai.response.time_to_first_chunk");
  out.input_tokens = number(in, "gen_ai.usage.input_tokens");
  out.output_tokens = number(in, "gen_ai.usage.output_tokens");
  out.cost = number(in, "gen_ai.usage.cost").value_or(0);
  const auto input = nlohmann::json::parse(text(in, "gen_ai.input.messages"));
  out.question = input.back().at("parts").at(0).at("content");
  if (const std::string said = text(in, "gen_ai.output.messages"); !said.empty()) {
    const auto output = nlohmann::json::parse(said).at(0);
    const auto& part = output.at("parts").at(0);
    out.calls_tool = part.at("type") == "tool_call";
    if (!out.calls_tool) out.answer = part.at("content");
    out.is_cut_off = output.at("finish_reason") == "length";
  }
  return out;
}

void add_span(const std::string& service, const v1::Span& span, std::map<std::string, ObservedRequest>& to) {
  ObservedRequest& request = to[span.trace_id()];
  request.service = service;
  const auto& in = span.attributes();
  if (span.kind() == v1::Span::SPAN_KIND_SERVER) {
    request.has_root = true;
    request.endpoint = text(in, "http.route");
    request.segment = text(in, "app.user.segment");
    request.variant = text(in, "app.variant");
    request.prompt_version = text(in, "app.prompt.version");
    request.start = Timestamp(Duration(static_cast<int64_t>(span.start_time_unix_nano())));
    request.seconds = 1e-9 * static_cast<double>(span.end_time_unix_nano() - span.start_time_unix_nano());
    request.has_failed = span.status().code() == v1::Status::STATUS_CODE_ERROR;
  } else if (const std::string operation = text(in, "gen_ai.operation.name"); operation == "chat") {
    request.calls.push_back(call_of(span));
  } else if (operation == "retrieval") {
    request.retrieval_score = number(in, "retrieval.documents.0.document.score");
    for (const auto& attribute : in) {
      if (attribute.key().ends_with(".document.content")) request.documents.push_back(attribute.value().string_value());
    }
  }
}

std::vector<double> one(bool value) { return {value ? 1.0 : 0.0}; }
std::vector<double> maybe(bool has, auto value) {
  return has ? std::vector<double>{static_cast<double>(value)} : std::vector<double>();
}

}  // namespace

const tidewatch::v1::TextSignals& ObservedRequest::signals(const TextChecks& checks) const {
  if (signals_) return *signals_;
  CallTexts texts;
  if (!calls.empty()) {
    const ObservedCall& last = calls.back();
    texts.question = last.question;
    if (last.error_type.empty()) texts.answer = last.answer;
    texts.schema = last.schema;
    texts.is_json_expected = !last.schema.empty();
    texts.documents = documents;
    texts.has_tool_calls = last.calls_tool;
    texts.was_cut_off = last.is_cut_off;
  }
  return signals_.emplace(checks.check(texts));
}

std::map<std::string, ObservedRequest> observe(const Simulator& simulator, Timestamp until,
                                               const std::set<std::string, std::less<>>& services) {
  std::map<std::string, ObservedRequest> out;
  simulator.run([&](const Emission& emission) {
    if (emission.export_time > until) return false;
    if (emission.stream == Stream::feedback) {
      const auto vote = nlohmann::json::parse(emission.payload);
      out[absl::HexStringToBytes(vote.at("trace_id").get<std::string>())].is_liked = vote.at("thumb") == "up";
      return true;
    }
    v1::TracesData message;
    EXPECT_TRUE(message.ParseFromString(emission.payload));
    for (const auto& resource : message.resource_spans()) {
      const std::string service = text(resource.resource().attributes(), "service.name");
      if (!services.empty() && !services.contains(service)) continue;
      for (const auto& scope : resource.scope_spans()) {
        for (const auto& span : scope.spans()) add_span(service, span, out);
      }
    }
    return true;
  });
  std::erase_if(out, [](const auto& entry) { return !entry.second.has_root; });
  return out;
}

std::vector<double> values_of(std::string_view measure, const ObservedRequest& request, const TextChecks& checks) {
  std::vector<double> out;
  const auto of_calls = [&](auto&& value) {
    for (const auto& call : request.calls) {
      if (const std::optional<double> found = value(call)) out.push_back(*found);
    }
    return out;
  };
  if (measure == "latency") return maybe(!request.has_failed, request.seconds);
  if (measure == "error_rate") return one(request.has_failed);
  if (measure == "retrieval_score")
    return maybe(request.retrieval_score.has_value(), request.retrieval_score.value_or(0));
  if (measure == "positive_feedback") return maybe(request.is_liked.has_value(), request.is_liked.value_or(false));
  if (measure == "llm_latency")
    return of_calls(
        [](const auto& call) { return call.error_type.empty() ? std::optional(call.seconds) : std::nullopt; });
  if (measure == "llm_error_rate")
    return of_calls([](const auto& call) { return std::optional(call.error_type.empty() ? 0.0 : 1.0); });
  if (measure == "rate_limited_rate")
    return of_calls(
        [](const auto& call) { return std::optional(call.error_type.ends_with("RateLimitError") ? 1.0 : 0.0); });
  if (measure == "time_to_first_token") return of_calls([](const auto& call) { return call.first_token; });
  if (measure == "input_tokens_per_call") return of_calls([](const auto& call) { return call.input_tokens; });
  if (measure == "output_tokens_per_call") return of_calls([](const auto& call) { return call.output_tokens; });
  if (measure == "cost_per_request") {
    double cost = 0;
    for (const auto& call : request.calls) cost += call.cost;
    return {cost};
  }
  const auto& signals = request.signals(checks);
  if (measure == "refusal_rate") return maybe(signals.has_refusal(), signals.refusal() || signals.partial_refusal());
  if (measure == "hedging_rate") return maybe(signals.has_hedging(), signals.hedging());
  if (measure == "schema_mismatch_rate") return maybe(signals.has_schema_mismatch(), signals.schema_mismatch());
  if (measure == "soft_error_rate")
    return maybe(signals.has_refusal(), signals.schema_mismatch() || signals.truncated() || signals.empty_output());
  if (measure == "groundedness") return maybe(signals.has_groundedness(), signals.groundedness());
  if (measure == "question_length") return maybe(signals.has_input_chars(), signals.input_chars());
  if (measure == "answer_length") return maybe(signals.has_output_chars(), signals.output_chars());
  return out;
}

std::optional<std::string> category_of(std::string_view measure, const ObservedRequest& request,
                                       const TextChecks& checks) {
  if (measure == "models") return request.calls.empty() ? std::string("none") : request.calls.back().response_model;
  if (measure == "prompt_versions") return request.prompt_version;
  if (measure == "segments") return request.segment;
  if (measure == "languages") return request.signals(checks).question_language();
  return std::nullopt;
}

}  // namespace tidewatch::gen
