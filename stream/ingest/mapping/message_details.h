#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "stream/ingest/dialects/normaliser.h"
#include "stream/signals/call_details.h"

namespace tidewatch {

// What stands in the JSON that instrumentations record, around question and answer. Shapes as of MessageReader.

/// Of an input: instructions, earlier messages, results and definitions of tools.
void add_input_details(const nlohmann::json& input, const Normaliser& normaliser, CallDetails& out);
/// Of an answer: the tool calls that it makes.
void add_tool_calls(const nlohmann::json& output, CallDetails& out);
/// Definitions of tools: a list, of objects or of texts that are JSON themselves, or one of these.
void add_tools(const nlohmann::json& definitions, CallDetails& out);
/// A list of documents, or an object that has one.
void add_documents(const nlohmann::json& documents, CallDetails& out);
/// Fills what of id, title and url `metadata` has and the document has not.
void add_document_metadata(const nlohmann::json& metadata, CallDetails::Document& out);

/// The text of a message's content: plain, or its text parts, joined by line feeds.
std::string content_text(const nlohmann::json& content);

}  // namespace tidewatch
