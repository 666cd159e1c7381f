#include "app/testset/item_json.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

namespace tidewatch {
namespace {

using Json = nlohmann::ordered_json;

Error bad(std::string_view key, std::string_view what) { return {"bad_data", fmt::format("{} {}", key, what)}; }

/// The text of a content: plain, or the text parts of a list of parts.
std::optional<std::string> text_of(const Json& content) {
  if (content.is_string()) return content.get<std::string>();
  if (!content.is_array()) return std::nullopt;
  std::string out;
  for (const Json& part : content) {
    const auto text = part.is_object() ? part.find("text") : part.end();
    if (!part.is_object() || text == part.end() || !text->is_string()) continue;
    if (!out.empty()) out += '\n';
    out += text->get<std::string>();
  }
  return out;
}

Result<std::vector<TestItem::Message>> messages_of(const Json& value, std::string_view key) {
  if (value.is_string()) return std::vector<TestItem::Message>{{"user", value.get<std::string>()}};
  if (!value.is_array()) return bad(key, "must be a text or a list of messages");
  std::vector<TestItem::Message> out;
  for (const Json& message : value) {
    const auto content =
        message.is_object() && message.contains("content") ? text_of(message["content"]) : std::nullopt;
    if (!content || !message.value("role", Json()).is_string())
      return bad(key, "must have messages with a role and a content");
    out.push_back({message["role"].get<std::string>(), *content});
  }
  return out;
}

Result<std::vector<std::string>> texts_of(const Json& value, std::string_view key) {
  if (value.is_null()) return std::vector<std::string>();
  if (value.is_string()) return std::vector<std::string>{value.get<std::string>()};
  if (value.is_object()) return std::vector<std::string>{value.dump()};
  std::vector<std::string> out;
  if (!value.is_array()) return bad(key, "must be a text or a list of texts");
  for (const Json& one : value) {
    if (!one.is_string()) return bad(key, "must be a text or a list of texts");
    out.push_back(one.get<std::string>());
  }
  return out;
}

/// Gives every item an id and refuses what asks nothing.
Result<TestItem> checked(TestItem item) {
  if (item.messages.empty() || item.messages.back().content.empty()) return bad("input", "asks nothing");
  if (item.messages.back().role == "assistant") return bad("input", "ends with an answer, where a question is wanted");
  if (item.id.empty()) item.id = content_id(item);
  return item;
}

const Json* first_of(const Json& value, std::initializer_list<const char*> keys) {
  for (const char* key : keys)
    if (const auto found = value.find(key); found != value.end() && !found->is_null()) return &*found;
  return nullptr;
}

/// Takes what has the form of labels and leaves the rest.
void add_labels(const Json& value, TestItem& item) {
  if (!value.is_object()) return;
  for (const auto& [key, one] : value.items())
    if (one.is_string()) item.labels.emplace(key, one.get<std::string>());
}

Json input_json(const TestItem& item) {
  Json out = Json::array();
  for (const auto& [role, content] : item.messages) out.push_back({{"role", role}, {"content", content}});
  return out;
}

/// What the shapes of others have no place for.
Json metadata_json(const TestItem& item) {
  Json out = item_json(item);
  for (const char* key : {"id", "input", "ideal", "trace_id"}) out.erase(key);
  return out;
}

}  // namespace

Json item_json(const TestItem& item) {
  Json out;
  out["id"] = item.id;
  out["input"] = input_json(item);
  if (!item.documents.empty()) out["documents"] = item.documents;
  if (!item.schema.empty()) out["schema"] = item.schema;
  if (!item.ideals.empty()) out["ideal"] = item.ideals;
  if (!item.answer.empty()) out["answer"] = item.answer;
  if (!item.labels.empty()) out["labels"] = item.labels;
  if (!item.trace_id.empty()) out["trace_id"] = item.trace_id;
  if (!item.tags.empty()) out["tags"] = item.tags;
  if (item.weight != 1) out["weight"] = item.weight;
  return out;
}

Result<TestItem> item_from_json(const Json& value) {
  TestItem item;
  const auto text = [&](const char* key, std::string& into) -> Status {
    const auto found = value.find(key);
    if (found == value.end()) return ok_status();
    if (!found->is_string()) return bad(key, "must be a text");
    into = found->get<std::string>();
    return ok_status();
  };
  for (const auto& [key, into] :
       {std::pair{"id", &item.id}, {"schema", &item.schema}, {"answer", &item.answer}, {"trace_id", &item.trace_id}})
    if (auto read = text(key, *into); !read) return read.error();
  for (const auto& [key, into] :
       {std::pair{"documents", &item.documents}, {"ideal", &item.ideals}, {"tags", &item.tags}}) {
    auto read = texts_of(value.value(key, Json()), key);
    if (!read) return read.error();
    *into = std::move(*read);
  }
  if (!value.contains("input")) return bad("input", "is missing");
  auto messages = messages_of(value["input"], "input");
  if (!messages) return messages.error();
  item.messages = std::move(*messages);
  add_labels(value.value("labels", Json()), item);
  const Json weight = value.value("weight", Json(1));
  if (!weight.is_number() || !(weight.get<double>() >= 0) || !std::isfinite(weight.get<double>()))
    return bad("weight", "must be a number from 0 on");
  item.weight = weight.get<double>();
  return checked(std::move(item));
}

Result<TestItem> item_from_any_json(const Json& value) {
  if (const auto inner = value.find("item"); inner != value.end() && inner->is_object())
    return item_from_any_json(*inner);
  const bool is_langfuse = value.contains("expectedOutput") || value.contains("sourceTraceId");
  const Json* input = first_of(value, {"input", "messages", "question", "prompt"});
  if (input == nullptr) return bad("input", "is missing: neither `input` nor `messages`, `question` or `prompt`");
  Json own = Json::object();
  if (is_langfuse) {
    if (const Json* metadata = first_of(value, {"metadata"}); metadata != nullptr && metadata->is_object())
      own = *metadata;
    if (const Json* trace = first_of(value, {"sourceTraceId"})) own["trace_id"] = *trace;
    if (!own.contains("labels") || !own["labels"].is_object()) own["labels"] = own;
  } else {
    own = value;
  }
  for (const char* key : {"documents", "tags", "schema", "answer", "trace_id", "weight"})
    if (const auto found = own.find(key); found != own.end() && is_langfuse && found->is_null()) own.erase(key);
  if (const Json* id = first_of(value, {"id"}); id != nullptr && id->is_string()) own["id"] = *id;
  if (input->is_object()) {  // {"messages": [...]} or {"question": "..."}
    const Json* inner = first_of(*input, {"messages", "question", "query", "input", "prompt", "text"});
    if (inner == nullptr) return bad("input", "is an object without `messages` or `question`");
    if (const Json* documents = first_of(*input, {"documents", "context", "contexts"})) own["documents"] = *documents;
    own["input"] = *inner;
  } else {
    own["input"] = *input;
  }
  const Json* ideal = is_langfuse ? first_of(value, {"expectedOutput"})
                                  : first_of(value, {"ideal", "ground_truth", "expected", "reference"});
  own.erase("ideal");
  if (ideal != nullptr) own["ideal"] = *ideal;
  return item_from_json(own);
}

Json openai_evals_json(const TestItem& item) {
  Json out = {{"input", input_json(item)}};
  if (!item.documents.empty()) {
    // Where their templates look for it: in the messages.
    std::string context;
    for (const std::string& document : item.documents) context += document + "\n\n";
    out["input"].insert(out["input"].begin(), Json{{"role", "system"}, {"content", "Context:\n\n" + context}});
  }
  out["ideal"] = item.ideals;
  out["id"] = item.id;
  if (const Json metadata = metadata_json(item); !metadata.empty()) out["metadata"] = metadata;
  return out;
}

Json langfuse_json(const TestItem& item, const std::string& name) {
  Json out = {{"datasetName", name}, {"id", item.id}, {"input", {{"messages", input_json(item)}}}};
  if (!item.ideals.empty())
    out["expectedOutput"] = item.ideals.size() == 1 ? Json(item.ideals.front()) : Json(item.ideals);
  if (const Json metadata = metadata_json(item); !metadata.empty()) out["metadata"] = metadata;
  if (!item.trace_id.empty()) out["sourceTraceId"] = item.trace_id;
  return out;
}

}  // namespace tidewatch
