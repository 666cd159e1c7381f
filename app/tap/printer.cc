#include "app/tap/printer.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/tap/internal_items.h"
#include "app/tap/output_items.h"
#include "app/terminal_text.h"
#include "stream/publish/timestamps.h"
#include "stream/runtime/task.h"

namespace tidewatch::tap {
namespace {

using nlohmann::ordered_json;

bool is_mark(const Record& record) {
  return std::any_of(record.headers.begin(), record.headers.end(),
                     [](const Header& header) { return header.name == kMarkHeader; });
}

std::string to_text(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

std::string argument_of(Stream stream) {
  std::string out(name_of(stream));
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

std::vector<Item> Printer::items(const Record& record) {
  const bool is_input = record.stream <= Stream::commands;
  if (is_input) return inputs_.read(record);
  if (record.value.empty()) return {{fmt::format("deleted {}", record.key), nullptr}};
  auto item = record.stream <= Stream::state ? internal_item(record) : output_item(record);
  if (item) return {std::move(*item)};
  const auto where = fmt::format("{}/{} {}", record.partition, record.offset, item.error().message);
  return {{where, {{"unusable", item.error().code}, {"message", item.error().message}}}};
}

std::string Printer::print(const Record& record) {
  if (is_mark(record)) return {};
  std::string out;
  for (auto& item : items(record)) {
    if (format_ == Format::text) {
      out += one_line(item.line) + "\n";
      continue;
    }
    ordered_json line = {{"topic", std::string(record.topic)},
                         {"partition", record.partition},
                         {"offset", record.offset},
                         {"time", nullptr},
                         {"key", std::string(record.key)},
                         {"value", std::move(item.value)}};
    if (record.append_time != kMinTimestamp) line["time"] = rfc3339(record.append_time);
    out += to_text(line) + "\n";
  }
  return out;
}

}  // namespace tidewatch::tap
