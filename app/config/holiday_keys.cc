#include <fmt/format.h>

#include "app/config/tables.h"

namespace tidewatch::config {
namespace {

/// The two ends of a span, as written.
struct Ends {
  std::string from;
  std::string to;
};

/// A day, as text; a span's ends need a year.
Type<std::string> day(bool needs_year) {
  // What a schema can say of it, references included.
  const Json schema = text_like(needs_year ? R"(\d{4}-\d{2}-\d{2})" : R"((\d{4}-)?\d{2}-\d{2})", "").schema;
  return scalar<std::string>(
      schema, "a day, as in 2026-12-25",
      [needs_year](const std::string& text) -> Result<std::string> {
        const auto holiday = parse_holiday(text);
        if (!holiday) return holiday.error();
        if (needs_year && holiday->is_yearly)
          return Error{"bad_value", "needs a year, as in 2026-12-25: it is the end of a span"};
        return text;
      },
      [](const std::string& text) -> Json { return text; });
}

const Table<Ends>& span_table() {
  static const Table<Ends> table = {.keys = {required(key<Ends>("from", at(&Ends::from), day(true), "first day")),
                                             required(key<Ends>("to", at(&Ends::to), day(true), "last day"))},
                                    .more = {},
                                    .refused = {}};
  return table;
}

std::optional<Holiday> read_span(Reader& reader, const Place& place) {
  Ends ends;
  span_table().read(reader, place, ends);
  const auto first = parse_holiday(ends.from);
  const auto last = parse_holiday(ends.to);
  if (!first || !last) return std::nullopt;  // reported
  if (first->first > last->first) {
    reader.error(place, fmt::format("ends before it begins: from {} to {}", ends.from, ends.to));
    return std::nullopt;
  }
  return Holiday{first->first, last->first, false};
}

Type<Holiday> holiday() {
  const auto single = day(false);
  return {.read = [single](Reader& reader, const Place& place) -> std::optional<Holiday> {
            if (place.node.IsMap()) return read_span(reader, place);
            const auto text = single.read(reader, place);
            if (!text) return std::nullopt;
            return parse_holiday(*text).value();
          },
          .show = [](const Holiday& some) -> Json {
            if (some.is_yearly || some.first == some.last) return first_day_text(some);
            return {{"from", first_day_text(some)}, {"to", last_day_text(some)}};
          },
          .schema = {{"anyOf", Json::array({single.schema, span_table().schema()})}},
          .limits = {}};
}

}  // namespace

Type<std::vector<Holiday>> holidays() {
  return list_of(holiday(), "a list of days, as in [2026-12-25, {from: 2026-12-28, to: 2026-12-31}]");
}

}  // namespace tidewatch::config
