#include "stream/ingest/mapping/attribute_slots.h"

#include <algorithm>

#include "stream/ingest/mapping/attribute_values.h"
#include "stream/ingest/mapping/json_element.h"

namespace tidewatch {
namespace {

using Kind = OtlpValue::Kind;

}  // namespace

AttributeSlots::AttributeSlots(const DialectTable& table) : table_(table), labels_(table.labels().size()) {}

void AttributeSlots::clear() {
  slots_.fill({});
  std::fill(labels_.begin(), labels_.end(), Slot{});
  content_.clear();
  pieces_.clear();
  jsons_.clear();
  kept_.clear();
  kept_texts_.clear();
  dialect_ = -1;
}

void AttributeSlots::read(const OtlpAttributes& attributes) {
  for (const auto& [key, value] : attributes) {
    if (value.kind == Kind::null) continue;
    DialectTable::Numbers numbers;
    const auto rows = table_.find(key, numbers);
    if (rows.empty()) continue;
    bool has_pointer = false;
    for (const auto& row : rows) {
      if (row.pointer.empty())
        offer(value, row, numbers);
      else
        has_pointer = true;
      if (row.dialect != kNoDialect &&
          (dialect_ < 0 || table_.dialect_order(row.dialect) < table_.dialect_order(static_cast<size_t>(dialect_))))
        dialect_ = row.dialect;
    }
    if (has_pointer) jsons_.push_back({&value, rows});
  }
}

void AttributeSlots::read_resource(const OtlpAttributes& attributes) {
  for (const auto& [key, value] : attributes) {
    if (value.kind == Kind::null) continue;
    DialectTable::Numbers numbers;
    for (const auto& row : table_.find(key, numbers)) {
      if (row.field != CanonicalField::label || !row.pointer.empty()) continue;
      auto& slot = labels_[row.label];
      const bool is_better = slot.row == nullptr || (slot.word == "resource" && row.rank < slot.row->rank);
      if (is_better && !table_.normaliser().is_missing(label_of(value))) take(slot, value, row, "resource");
    }
  }
}

void AttributeSlots::take(Slot& slot, const OtlpValue& value, const Alias& row, std::string_view word) {
  slot = {&value, &row, word};
}

bool AttributeSlots::would_win(const Alias& row) const {
  if (row.field == CanonicalField::label) {
    const auto& slot = labels_[row.label];
    return slot.row == nullptr || slot.word == "resource" || row.rank < slot.row->rank;
  }
  const auto& slot = slots_[static_cast<size_t>(row.field)];
  return slot.row == nullptr || row.rank < slot.row->rank;
}

void AttributeSlots::offer(const OtlpValue& value, const Alias& row, const DialectTable::Numbers& numbers) {
  const FieldKind kind = DialectTable::kind_of(row.field);
  if (kind == FieldKind::content) {
    content_.push_back({&value, &row, numbers});
    return;
  }
  if (kind == FieldKind::piece) {
    pieces_.push_back({&value, &row, numbers});
    return;
  }
  if (!would_win(row)) return;
  if (kind == FieldKind::label) {
    const bool is_missing = value.kind == Kind::text && table_.normaliser().is_missing(value.text);
    if (!is_missing && !label_of(value).empty()) take(labels_[row.label], value, row);
    return;
  }
  auto& slot = slots_[static_cast<size_t>(row.field)];
  if (!row.means.empty()) return take(slot, value, row, row.means);
  if (!row.values.empty()) {
    const auto word = row.values.find(squash(label_of(value)));
    if (word != row.values.end()) take(slot, value, row, word->second);
    return;
  }
  switch (kind) {
    case FieldKind::text:
      if (!table_.normaliser().is_missing(text_of(value))) take(slot, value, row);
      break;
    case FieldKind::number:
      if (const auto number = number_of(value); number && *number >= 0) take(slot, value, row);
      break;
    case FieldKind::real:
      if (number_of(value)) take(slot, value, row);
      break;
    case FieldKind::flag:
      if (const auto flag = flag_of(value)) take(slot, value, row, *flag ? "true" : "false");
      break;
    default:
      take(slot, value, row);
  }
}

void AttributeSlots::read_json() {
  for (const auto& json : jsons_) {
    const bool is_needed = std::any_of(json.rows.begin(), json.rows.end(),
                                       [&](const Alias& row) { return !row.pointer.empty() && would_win(row); });
    if (is_needed) read_json(json);
  }
}

void AttributeSlots::read_json(const Json& json) {
  std::string written;
  std::string_view text = json.value->text;
  if (json.value->kind == Kind::object || json.value->kind == Kind::array) {
    written = json_of(*json.value);
    text = written;
  } else if (json.value->kind != Kind::text) {
    return;
  }
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || (text[first] != '{' && text[first] != '[')) return;
  simdjson::dom::element root;
  if (parser_.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return;
  for (const auto& row : json.rows) {
    if (row.pointer.empty() || !would_win(row)) continue;
    simdjson::dom::element element;
    if (root.at_pointer(row.pointer).get(element) != simdjson::SUCCESS || element.is_null()) continue;
    offer(keep(element), row, {});
  }
}

const OtlpValue& AttributeSlots::keep(simdjson::dom::element element) {
  using simdjson::dom::element_type;
  auto& out = kept_.emplace_back();
  const auto keep_text = [&](std::string text) {
    out.kind = Kind::text;
    out.text = kept_texts_.emplace_back(std::move(text));
  };
  switch (element.type()) {
    case element_type::STRING:
      keep_text(std::string(text_in(element)));
      break;
    case element_type::INT64:
      out.kind = Kind::integer;
      out.integer = element_as<int64_t>(element);
      break;
    case element_type::UINT64:
    case element_type::DOUBLE:
      out.kind = Kind::real;
      out.real = element_as<double>(element);
      break;
    case element_type::BOOL:
      out.kind = Kind::boolean;
      out.boolean = element_as<bool>(element);
      break;
    default:
      keep_text(simdjson::minify(element));
  }
  return out;
}

const std::vector<AttributeSlots::Found>& AttributeSlots::sorted_content() {
  std::stable_sort(content_.begin(), content_.end(),
                   [](const Found& a, const Found& b) { return a.row->rank < b.row->rank; });
  return content_;
}

}  // namespace tidewatch
