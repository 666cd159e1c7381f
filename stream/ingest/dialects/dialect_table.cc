#include "stream/ingest/dialects/dialect_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "stream/ingest/dialects/dialect_parser.h"

namespace tidewatch {
namespace {

constexpr std::string_view kLabels = "labels.yaml";
constexpr std::string_view kNormalise = "normalise.yaml";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view content_of(std::span<const EmbeddedFile> files, std::string_view name) {
  for (const auto& [file, content] : files)
    if (file == name) return content;
  return {};
}

}  // namespace

Result<std::shared_ptr<const DialectTable>> DialectTable::parse(std::span<const EmbeddedFile> files,
                                                                const LabelKeys& label_keys) try {
  auto out = std::make_shared<DialectTable>();
  auto normaliser = Normaliser::parse(content_of(files, kNormalise));
  if (!normaliser) return normaliser.error();
  out->normaliser_ = std::move(*normaliser);
  DialectParser parser(*out);
  for (const auto& [file, content] : files)
    if (file != kLabels && file != kNormalise) parser.add_file(file, content);
  parser.add_labels(read_label_keys(content_of(files, kLabels)), label_keys);
  return std::shared_ptr<const DialectTable>(std::move(out));
} catch (const YAML::Exception& error) {
  return Error{"bad_dialect", error.what()};
} catch (const DialectParser::Mistake& mistake) {
  return Error{"bad_dialect", mistake.message};
}

Result<std::shared_ptr<const DialectTable>> DialectTable::embedded(const LabelKeys& label_keys) {
  return parse(embedded_dialects(), label_keys);
}

std::span<const Alias> DialectTable::find(std::string_view key, Numbers& numbers) const {
  if (const auto exact = keys_.find(key); exact != keys_.end()) return exact->second;
  // Numbered content: ".12." or a number at the end becomes "*".
  constexpr size_t kLongest = 160;
  if (key.size() > kLongest) return {};
  std::array<char, kLongest> pattern{};
  size_t size = 0;
  int found = 0;
  for (size_t i = 0; i < key.size();) {
    const bool is_start = i > 0 && key[i - 1] == '.' && is_digit(key[i]);
    size_t end = i;
    while (is_start && end < key.size() && is_digit(key[end])) ++end;
    if (end == i || (end < key.size() && key[end] != '.')) {
      pattern[size++] = key[i++];
      continue;
    }
    uint32_t number = 0;
    std::from_chars(key.data() + i, key.data() + end, number);
    (found == 0 ? numbers.first : numbers.second) = number;
    ++found;
    pattern[size++] = '*';
    i = end;
  }
  if (found == 0) return {};
  const auto numbered = keys_.find(std::string_view(pattern.data(), size));
  return numbered == keys_.end() ? std::span<const Alias>{} : std::span<const Alias>(numbered->second);
}

int DialectTable::dialect_of_scope(std::string_view scope) const {
  if (const auto exact = scopes_.find(scope); exact != scopes_.end()) return exact->second;
  for (const auto& [prefix, dialect] : scope_prefixes_)
    if (scope.starts_with(prefix)) return dialect;
  return -1;
}

EventRole DialectTable::event_role(std::string_view name) const {
  const auto found = events_.find(name);
  return found == events_.end() ? EventRole::none : found->second;
}

LabelKeys default_label_keys() { return read_label_keys(content_of(embedded_dialects(), kLabels)); }

}  // namespace tidewatch
