#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "app/gen/trace/dialogue.h"
#include "tidewatch/otlp/v1/trace.pb.h"

namespace tidewatch::gen {

/// Attributes of a span, event or resource.
using Attributes = google::protobuf::RepeatedPtrField<otlp::v1::KeyValue>;

void set(Attributes& to, std::string_view key, std::string_view value);
void set(Attributes& to, std::string_view key, const char* value);  // keeps literals from becoming booleans
void set(Attributes& to, std::string_view key, int64_t value);
void set(Attributes& to, std::string_view key, double value);
void set(Attributes& to, std::string_view key, bool value);
void set_list(Attributes& to, std::string_view key, std::string_view only_value);

/// gen_ai.input.messages: system instructions and the user's message, as OpenTelemetry's JSON.
std::string input_messages(std::string_view system, std::string_view question);
/// gen_ai.output.messages of a text answer.
std::string output_message(std::string_view answer, std::string_view finish_reason);
/// gen_ai.output.messages of an answer that calls one tool.
std::string output_tool_call(std::string_view tool, std::string_view call_id, int order);
/// The documents of a retrieval span, flattened as OpenInference does: retrieval.documents.0.document.content, ...
void set_documents(Attributes& to, std::span<const Document> documents);

}  // namespace tidewatch::gen
