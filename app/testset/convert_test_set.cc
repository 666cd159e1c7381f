#include "app/testset/convert_test_set.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "app/files/byte_sink.h"
#include "app/files/span_file_reader.h"
#include "app/testset/item_json.h"

namespace tidewatch {
namespace {

using Json = nlohmann::ordered_json;

/// The items that a value of a file holds.
std::vector<Json> items_in(const Json& value) {
  if (value.is_array()) return value.get<std::vector<Json>>();
  if (value.is_object() && value.value("data", Json()).is_array()) return value["data"].get<std::vector<Json>>();
  return {value};
}

}  // namespace

Result<ImportedSet> import_test_set(const std::string& path) {
  auto file = SpanFileReader::open(path);
  if (!file) return file.error();
  ImportedSet out;
  std::set<std::string> ids;
  for (;;) {
    const auto record = file->next();
    if (!record) return Error{"bad_data", record.error().message};
    if (!*record) break;
    const auto bad = [&](const std::string& what) {
      return Error{"bad_data", fmt::format("{}: {}", file->position(**record), what)};
    };
    const Json value = Json::parse((*record)->payload, nullptr, false);
    if (value.is_discarded()) return bad("no JSON");
    if (value.is_object() && value.contains("tidewatch_testset")) {
      out.set.name = value.value("name", "");
      out.set.version = value.value("version", 0U) + 1;
      out.has_name = !out.set.name.empty();
      continue;
    }
    for (const Json& one : items_in(value)) {
      if (!one.is_object()) return bad("an item must be a JSON object");
      auto item = item_from_any_json(one);
      if (!item) return bad(item.error().message);
      if (!ids.insert(item->id).second) return bad(fmt::format("a second item \"{}\"", item->id));
      out.set.items.push_back(std::move(*item));
    }
  }
  if (out.set.items.empty()) return Error{"bad_data", fmt::format("{}: no item", path)};
  return out;
}

Status export_test_set(const TestSet& set, SetShape shape, const std::string& path) {
  auto file = open_byte_sink(path);
  if (!file) return file.error();
  for (const TestItem& item : set.items) {
    const Json line = shape == SetShape::langfuse ? langfuse_json(item, set.name) : openai_evals_json(item);
    if (auto written = (*file)->write(line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"); !written)
      return written;
  }
  return (*file)->close();
}

}  // namespace tidewatch
