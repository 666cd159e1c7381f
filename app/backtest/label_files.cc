#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/backtest/incident_labels.h"
#include "app/files/byte_source.h"
#include "app/files/span_file_reader.h"
#include "app/series/csv_rows.h"
#include "detectors/core/params.h"

namespace tidewatch {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kLabelColumn = "labels.";

bool is_csv(std::string_view path) {
  return path.ends_with(".csv") || path.ends_with(".csv.gz") || path.ends_with(".csv.zst");
}

Error at_line(const std::string& path, uint64_t line, const std::string& message) {
  return {"bad_label", fmt::format("{}:{}: {}", path, line, message)};
}

/// `a b`, `a;b` and `a,b` in one field.
std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out;
  size_t from = 0;
  while (from < text.size()) {
    const size_t end = std::min(text.find_first_of(" ;,", from), text.size());
    if (end > from) out.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return out;
}

/// A row as the JSON line that says the same; an empty field is nothing.
Result<Json> json_of(const std::vector<std::string>& header, const std::vector<std::string>& fields) {
  if (fields.size() > header.size())
    return Error{"bad_label", fmt::format("has {} fields, but the header {}; a field with a comma needs quotes",
                                          fields.size(), header.size())};
  Json out = Json::object();
  for (size_t i = 0; i < fields.size(); ++i) {
    const std::string& column = header[i];
    const std::string& value = fields[i];
    if (value.empty()) continue;
    if (column.starts_with(kLabelColumn))
      out["labels"][column.substr(kLabelColumn.size())] = value;
    else if (column == "measures" || column == "measure")
      out[column] = words(value);
    else
      out[column] = value;
    // What is no boolean stays a text, and is refused as what it is.
    if (const auto expected = parse_boolean(value); column == "expect_alert" && expected) out[column] = *expected;
  }
  return out;
}

/// Columns that nobody reads are told once, at the header.
Status check_header(const std::vector<std::string>& header) {
  for (const auto& column : header) {
    if (column.starts_with(kLabelColumn) && column.size() > kLabelColumn.size()) continue;
    Json row = Json::object();
    row[column] = nullptr;
    const auto checked = incident_label(row);
    if (column == "labels" || (!checked && checked.error().message.find("unknown key") != std::string::npos))
      return Error{"bad_label",
                   fmt::format("column \"{}\": {}; what an incident is limited to has a column each, as {}service",
                               column, column == "labels" ? "is not read" : "unknown", kLabelColumn)};
  }
  return ok_status();
}

Result<std::vector<IncidentLabel>> read_csv(const std::string& path) {
  auto bytes = open_byte_source(path);
  if (!bytes) return bytes.error();
  CsvRows rows(std::move(bytes).value());
  std::vector<std::string> header;
  std::vector<IncidentLabel> out;
  for (;;) {
    auto row = rows.next();
    if (!row) return row.error();
    if (!*row) return out;
    const CsvRow& here = **row;
    if (header.empty()) {
      header = here.fields;
      if (auto checked = check_header(header); !checked) return at_line(path, here.line, checked.error().message);
      continue;
    }
    auto json = json_of(header, here.fields);
    if (!json) return at_line(path, here.line, json.error().message);
    auto label = incident_label(*json);
    if (!label) return at_line(path, here.line, label.error().message);
    if (label->incident.empty()) label->incident = fmt::format("line {}", here.line);
    out.push_back(std::move(label).value());
  }
}

Result<std::vector<IncidentLabel>> read_json_lines(const std::string& path) {
  auto reader = SpanFileReader::open(path, FileFraming::lines);
  if (!reader) return reader.error();
  std::vector<IncidentLabel> out;
  for (;;) {
    auto record = reader->next();
    if (!record) return record.error();
    if (!*record) return out;
    const std::string place = reader->position(**record);
    auto label = parse_incident_label((*record)->payload);
    if (!label) return Error{"bad_label", fmt::format("{}: {}", place, label.error().message)};
    if (label->incident.empty()) label->incident = fmt::format("line {}", place.substr(place.rfind(':') + 1));
    out.push_back(std::move(label).value());
  }
}

}  // namespace

Result<std::vector<IncidentLabel>> read_incident_labels(const std::string& path) {
  return is_csv(path) ? read_csv(path) : read_json_lines(path);
}

}  // namespace tidewatch
