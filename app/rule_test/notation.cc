#include "app/rule_test/notation.h"

#include <absl/strings/ascii.h>
#include <fmt/format.h>
#include <re2/re2.h>

#include <cmath>
#include <numbers>
#include <string>

#include "app/config/format/units.h"
#include "detectors/core/params.h"

namespace tidewatch {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto out = absl::StripAsciiWhitespace(absl::string_view(text.data(), text.size()));
  return {out.data(), out.size()};
}

/// At commas outside of parentheses.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> out;
  int depth = 0;
  size_t from = 0;
  for (size_t at = 0; at <= text.size(); ++at) {
    if (at < text.size() && text[at] == '(') ++depth;
    if (at < text.size() && text[at] == ')') --depth;
    if (at < text.size() && (text[at] != ',' || depth > 0)) continue;
    out.push_back(trimmed(text.substr(from, at - from)));
    from = at + 1;
  }
  return out;
}

Error bad_part(std::string_view part, std::string_view what) {
  return {"bad_value", fmt::format("has a part \"{}\" that {}", part, what)};
}

Result<double> value_in(std::string_view part, std::string_view text) {
  auto value = config::parse_quantity(trimmed(text));
  if (value) return value;
  return bad_part(part, "is none of: 0.02 x 288, 0.02..0.10 over 12, normal(1, 0.1) x 12, daily(40, 120) x 7d, _ x 6");
}

Result<uint32_t> steps_in(std::string_view part, const std::string& text, Duration step) {
  double steps = -1;
  if (const auto number = parse_number(text); number) {
    steps = *number;
  } else if (const auto span = parse_duration(text); span) {
    if (*span % step != Duration::zero())
      return bad_part(part, fmt::format("lasts no whole number of steps of {}", format_duration(step)));
    steps = static_cast<double>(*span / step);
  }
  if (steps < 1 || steps > static_cast<double>(kMostSteps) || steps != std::floor(steps))
    return bad_part(part, fmt::format("is repeated \"{}\": neither a number of steps from 1 to {} nor a duration as 2h",
                                      text, kMostSteps));
  return static_cast<uint32_t>(steps);
}

Status read_values(std::string_view part, const std::string& text, SeriesPart& out) {
  static const RE2 kCall(R"((normal|daily)\(([^,()]+),([^,()]+)\))");
  static const RE2 kRamp(R"((.+?)\.\.(.+))");
  std::string name;
  std::string first;
  std::string second;
  if (text == "_") {
    out.kind = SeriesPart::Kind::missing;
    return ok_status();
  }
  if (RE2::FullMatch(text, kCall, &name, &first, &second)) {
    out.kind = name == "daily" ? SeriesPart::Kind::daily : SeriesPart::Kind::normal;
  } else if (RE2::FullMatch(text, kRamp, &first, &second)) {
    out.kind = SeriesPart::Kind::ramp;
  } else {
    auto value = value_in(part, text);
    if (!value) return value.error();
    out.first = *value;
    return ok_status();
  }
  for (const auto& [written, target] : {std::pair(first, &out.first), std::pair(second, &out.second)}) {
    auto value = value_in(part, written);
    if (!value) return value.error();
    *target = *value;
  }
  return ok_status();
}

Result<SeriesPart> parse_part(std::string_view part, Duration step) {
  static const RE2 kRepeated(R"((.+?)\s+(x|over)\s+(\S+))");
  SeriesPart out;
  std::string values(part);
  std::string word;
  std::string steps;
  if (RE2::FullMatch(std::string(part), kRepeated, &values, &word, &steps)) {
    auto count = steps_in(part, steps, step);
    if (!count) return count.error();
    out.steps = *count;
  }
  if (auto read = read_values(part, values, out); !read) return read.error();
  const bool is_ramp = out.kind == SeriesPart::Kind::ramp;
  if (is_ramp && word != "over") return bad_part(part, "is a ramp: say how long it takes, as in 0.02..0.10 over 12");
  if (!is_ramp && word == "over") return bad_part(part, "is no ramp: write x instead of over");
  if (out.kind == SeriesPart::Kind::normal && out.second < 0) return bad_part(part, "has a spread below 0");
  return out;
}

/// Between `low` at 04:00 and `high` at 16:00.
double daily(double low, double high, Timestamp at) {
  constexpr double kLowestHour = 4;
  const Duration since_midnight = at - align_down(at, std::chrono::hours(24));
  const double hours = to_seconds(since_midnight) / 3600;
  return (low + high) / 2 - (high - low) / 2 * std::cos((hours - kLowestHour) / 24 * 2 * std::numbers::pi);
}

double value_at(const SeriesPart& part, uint32_t step, Timestamp at, gen::Random& random) {
  switch (part.kind) {
    case SeriesPart::Kind::ramp:
      return part.steps == 1 ? part.second
                             : part.first + (part.second - part.first) * step / static_cast<double>(part.steps - 1);
    case SeriesPart::Kind::normal:
      return part.first + part.second * random.normal();
    case SeriesPart::Kind::daily:
      return daily(part.first, part.second, at);
    case SeriesPart::Kind::constant:
    case SeriesPart::Kind::missing:
      break;
  }
  return part.first;
}

}  // namespace

Result<std::vector<SeriesPart>> parse_series(std::string_view text, Duration step) {
  std::vector<SeriesPart> out;
  for (const auto part : split(text)) {
    if (part.empty()) return Error{"bad_value", "has an empty part: a comma too many"};
    auto parsed = parse_part(part, step);
    if (!parsed) return parsed.error();
    out.push_back(*parsed);
  }
  if (steps_of(out) > kMostSteps) return Error{"bad_value", fmt::format("is longer than {} steps", kMostSteps)};
  return out;
}

size_t steps_of(const std::vector<SeriesPart>& parts) {
  size_t out = 0;
  for (const SeriesPart& part : parts) out += part.steps;
  return out;
}

std::vector<std::optional<double>> expand(const std::vector<SeriesPart>& parts, Timestamp start, Duration step,
                                          gen::Random& random) {
  std::vector<std::optional<double>> out;
  out.reserve(steps_of(parts));
  for (const SeriesPart& part : parts)
    for (uint32_t i = 0; i < part.steps; ++i) {
      const Timestamp at = start + step * static_cast<int64_t>(out.size());
      if (part.kind == SeriesPart::Kind::missing)
        out.emplace_back();
      else
        out.emplace_back(value_at(part, i, at, random));
    }
  return out;
}

}  // namespace tidewatch
