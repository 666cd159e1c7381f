#include "app/testset/test_set.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <set>

#include "app/files/byte_sink.h"
#include "app/files/span_file_reader.h"
#include "app/testset/item_json.h"

namespace tidewatch {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;

std::string hash_of(std::string_view text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string lines_of(const TestSet& set) {
  std::string out;
  for (const TestItem& item : set.items)
    out += item_json(item).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  return out;
}

}  // namespace

std::string content_id(const TestItem& item) {
  Json asked = Json::array();
  for (const auto& [role, content] : item.messages) asked.push_back({role, content});
  return hash_of(Json{asked, item.documents, item.schema}.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string TestSet::digest() const { return hash_of(lines_of(*this)); }

Result<TestSet> read_test_set(const std::string& path) {
  auto file = SpanFileReader::open(path, FileFraming::lines);
  if (!file) return file.error();
  TestSet out;
  std::string digest;
  std::set<std::string> ids;
  for (;;) {
    const auto record = file->next();
    if (!record) return Error{"bad_data", record.error().message};
    if (!*record) break;
    const auto bad = [&](const std::string& what) {
      return Error{"bad_data", fmt::format("{}: {}", file->position(**record), what)};
    };
    const Json value = Json::parse((*record)->payload, nullptr, false);
    if (!value.is_object()) return bad("no JSON object");
    if (digest.empty()) {
      if (value.value("tidewatch_testset", Json()) != kFormat)
        return bad("no test set of this version of Tidewatch; `tidewatch testset import` reads other shapes");
      out.name = value.value("name", "");
      out.version = value.value("version", 1U);
      digest = value.value("digest", "none");
      continue;
    }
    auto item = item_from_json(value);
    if (!item) return bad(item.error().message);
    if (!ids.insert(item->id).second) return bad(fmt::format("a second item \"{}\"", item->id));
    out.items.push_back(std::move(*item));
  }
  if (digest.empty()) return Error{"bad_data", fmt::format("{}: an empty file is no test set", path)};
  if (digest != out.digest())
    return Error{"bad_data",
                 fmt::format("{}: the items are not those that version {} was made of; `tidewatch testset import {} "
                             "--out NEW` makes a new version of them",
                             path, out.version, path)};
  return out;
}

Status write_test_set(const TestSet& set, const std::string& path) {
  auto file = open_byte_sink(path);
  if (!file) return file.error();
  const std::string lines = lines_of(set);
  const Json head = {{"tidewatch_testset", kFormat},
                     {"name", set.name},
                     {"version", set.version},
                     {"items", set.items.size()},
                     {"digest", hash_of(lines)}};
  if (auto written = (*file)->write(head.dump() + "\n" + lines); !written) return written;
  return (*file)->close();
}

}  // namespace tidewatch
