#include "stream/evaluate/scan/numerals.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

namespace tidewatch {
namespace {

constexpr double kApproximate = 0.05;

struct Unit {
  std::string_view name;
  Dimension dimension;
  double factor;  ///< to the base unit
};
constexpr auto kUnits = std::to_array<Unit>({
    {"%", Dimension::share, 0.01},
    {"percent", Dimension::share, 0.01},
    {"per cent", Dimension::share, 0.01},
    {"prozent", Dimension::share, 0.01},
    {"pour cent", Dimension::share, 0.01},
    {"por ciento", Dimension::share, 0.01},
    {"prosent", Dimension::share, 0.01},
    {"mm", Dimension::length, 1e-3},
    {"cm", Dimension::length, 1e-2},
    {"m", Dimension::length, 1},
    {"meter", Dimension::length, 1},
    {"meters", Dimension::length, 1},
    {"metre", Dimension::length, 1},
    {"metres", Dimension::length, 1},
    {"km", Dimension::length, 1e3},
    {"kilometers", Dimension::length, 1e3},
    {"kilometres", Dimension::length, 1e3},
    {"kilometer", Dimension::length, 1e3},
    {"inch", Dimension::length, 0.0254},
    {"inches", Dimension::length, 0.0254},
    {"ft", Dimension::length, 0.3048},
    {"foot", Dimension::length, 0.3048},
    {"feet", Dimension::length, 0.3048},
    {"yards", Dimension::length, 0.9144},
    {"mi", Dimension::length, 1609.344},
    {"mile", Dimension::length, 1609.344},
    {"miles", Dimension::length, 1609.344},
    {"mg", Dimension::mass, 1e-6},
    {"g", Dimension::mass, 1e-3},
    {"grams", Dimension::mass, 1e-3},
    {"kg", Dimension::mass, 1},
    {"kilograms", Dimension::mass, 1},
    {"tonnes", Dimension::mass, 1e3},
    {"lb", Dimension::mass, 0.45359237},
    {"lbs", Dimension::mass, 0.45359237},
    {"oz", Dimension::mass, 0.028349523125},
    {"ms", Dimension::time, 1e-3},
    {"s", Dimension::time, 1},
    {"sec", Dimension::time, 1},
    {"second", Dimension::time, 1},
    {"seconds", Dimension::time, 1},
    {"min", Dimension::time, 60},
    {"minute", Dimension::time, 60},
    {"minutes", Dimension::time, 60},
    {"h", Dimension::time, 3600},
    {"hour", Dimension::time, 3600},
    {"hours", Dimension::time, 3600},
    {"day", Dimension::time, 86400},
    {"days", Dimension::time, 86400},
    {"week", Dimension::time, 604800},
    {"weeks", Dimension::time, 604800},
    {"ml", Dimension::volume, 1e-3},
    {"l", Dimension::volume, 1},
    {"litres", Dimension::volume, 1},
    {"liters", Dimension::volume, 1},
    {"kb", Dimension::bytes, 1e3},
    {"mb", Dimension::bytes, 1e6},
    {"gb", Dimension::bytes, 1e9},
    {"tb", Dimension::bytes, 1e12},
    {"$", Dimension::dollars, 1},
    {"usd", Dimension::dollars, 1},
    {"dollars", Dimension::dollars, 1},
    {"€", Dimension::euros, 1},
    {"eur", Dimension::euros, 1},
    {"euro", Dimension::euros, 1},
    {"euros", Dimension::euros, 1},
    {"£", Dimension::pounds, 1},
    {"gbp", Dimension::pounds, 1},
    {"¥", Dimension::yen, 1},
    {"yen", Dimension::yen, 1},
    {"nok", Dimension::kroner, 1},
    {"kr", Dimension::kroner, 1},
    {"kroner", Dimension::kroner, 1},
});

struct Magnitude {
  std::string_view name;
  double factor;
};
constexpr auto kMagnitudes = std::to_array<Magnitude>(
    {{"hundred", 1e2},  {"thousand", 1e3},  {"tausend", 1e3},    {"mille", 1e3},     {"mil", 1e3},
     {"tusen", 1e3},    {"k", 1e3},         {"million", 1e6},    {"millions", 1e6},  {"millionen", 1e6},
     {"millones", 1e6}, {"millioner", 1e6}, {"mio", 1e6},        {"mill", 1e6},      {"m", 1e6},
     {"billion", 1e9},  {"billions", 1e9},  {"milliarden", 1e9}, {"milliards", 1e9}, {"milliarder", 1e9},
     {"mrd", 1e9},      {"bn", 1e9},        {"b", 1e9},          {"trillion", 1e12}});

constexpr std::array<std::string_view, 20> kSmall{
    "zero", "one",    "two",    "three",    "four",     "five",    "six",     "seven",     "eight",    "nine",
    "ten",  "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::array<std::string_view, 8> kTens{"twenty", "thirty",  "forty",  "fifty",
                                                "sixty",  "seventy", "eighty", "ninety"};
constexpr std::array<std::string_view, 12> kOrdinals{"first",   "second", "third", "fourth", "fifth",    "sixth",
                                                     "seventh", "eighth", "ninth", "tenth",  "eleventh", "twelfth"};

struct Month {
  std::string_view beginning;  ///< of the name, small
  int number;
};
constexpr auto kMonths = std::to_array<Month>(
    {{"january", 1},   {"januar", 1},     {"janvier", 1},    {"enero", 1},     {"february", 2},  {"februar", 2},
     {"février", 2},   {"febrero", 2},    {"march", 3},      {"märz", 3},      {"mars", 3},      {"marzo", 3},
     {"april", 4},     {"avril", 4},      {"abril", 4},      {"may", 5},       {"mai", 5},       {"mayo", 5},
     {"june", 6},      {"juni", 6},       {"juin", 6},       {"junio", 6},     {"july", 7},      {"juli", 7},
     {"juillet", 7},   {"julio", 7},      {"august", 8},     {"août", 8},      {"agosto", 8},    {"september", 9},
     {"septembre", 9}, {"septiembre", 9}, {"october", 10},   {"oktober", 10},  {"octobre", 10},  {"octubre", 10},
     {"november", 11}, {"novembre", 11},  {"noviembre", 11}, {"december", 12}, {"dezember", 12}, {"desember", 12},
     {"décembre", 12}, {"diciembre", 12}, {"jan", 1},        {"feb", 2},       {"mar", 3},       {"apr", 4},
     {"jun", 6},       {"jul", 7},        {"aug", 8},        {"sep", 9},       {"sept", 9},      {"oct", 10},
     {"okt", 10},      {"nov", 11},       {"dec", 12},       {"dez", 12},      {"des", 12}});

bool is_digit_character(char c) { return c >= '0' && c <= '9'; }

std::string small(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

template <typename Table>
auto named(const Table& table, std::string_view name) {
  return std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.name == name; });
}

/// A number without separators of thousands, `.` before decimals.
std::optional<Reading> reading_of(const std::string& digits) {
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || !std::isfinite(value)) return std::nullopt;
  const size_t point = digits.find('.');
  const double decimals = point == std::string::npos ? 0 : static_cast<double>(digits.size() - point - 1);
  return Reading{.value = value, .base = value, .resolution = std::pow(10, -decimals), .dimension = Dimension::none};
}

/// Digits and their separators, one character each: `'` for every one that can only part thousands.
std::string with_plain_separators(std::string_view written) {
  std::string out;
  for (const char c : written) {
    if (is_digit_character(c) || c == '.' || c == ',')
      out.push_back(c);
    else if (!out.empty() && is_digit_character(out.back()))
      out.push_back('\'');
  }
  return out;
}

bool groups_thousands(const std::string& text, char separator, size_t end) {
  size_t last = text.find(separator);
  if (last == 0 || last > 3) return false;
  for (size_t at = text.find(separator, last + 1); at < end; at = text.find(separator, at + 1)) {
    if (at - last != 4) return false;
    last = at;
  }
  return end - last == 4;
}

std::string without(const std::string& text, char separator) {
  std::string out = text;
  std::erase(out, separator);
  return out;
}

/// Every way to read the digits.
std::vector<Reading> readings_of(std::string_view written) {
  std::string text = with_plain_separators(written);
  const bool has_apostrophes = text.find('\'') != std::string::npos;
  text = without(text, '\'');
  const auto commas = std::count(text.begin(), text.end(), ',');
  const auto points = std::count(text.begin(), text.end(), '.');
  std::vector<Reading> out;
  const auto add = [&](const std::string& digits) {
    if (const auto reading = reading_of(digits)) out.push_back(*reading);
  };
  const auto with_decimal = [&](char decimal, char thousands) {
    std::string digits = without(text, thousands);
    std::replace(digits.begin(), digits.end(), decimal, '.');
    add(digits);
  };
  if (commas == 0 && points == 0) {
    add(text);
  } else if (commas > 0 && points > 0) {
    text.rfind(',') > text.rfind('.') ? with_decimal(',', '.') : with_decimal('.', ',');
  } else {
    const char separator = commas > 0 ? ',' : '.';
    const bool may_group = !has_apostrophes && groups_thousands(text, separator, text.size());
    if (may_group) add(without(text, separator));
    if (commas + points == 1) with_decimal(separator, separator == ',' ? '.' : ',');
  }
  return out;
}

/// A unit or magnitude in words, or a sign.
struct Suffix {
  std::string_view text;  ///< with the white space before it
  std::string name;
};

class Scanner {
 public:
  Scanner(std::string_view text, bool is_source) : text_(text), is_source_(is_source) {}

  std::vector<Numeral> run() {
    static const RE2 kToken(
        "([0-9](?:[0-9]|[.,'](?:[0-9])|’[0-9]|\xC2\xA0[0-9]{3}\\b|\xE2\x80\xAF[0-9]{3}\\b| "
        "[0-9]{3}\\b)*)|(\\pL[\\pL\\pM]*)");
    const re2::StringPiece all(text_.data(), text_.size());
    std::array<re2::StringPiece, 3> groups;
    while (kToken.Match(all, at_, all.size(), RE2::UNANCHORED, groups.data(), 3)) {
      const auto begin = static_cast<size_t>(groups[0].data() - text_.data());
      at_ = begin + groups[0].size();
      if (groups[1].data() == nullptr)
        word(begin, {groups[2].data(), groups[2].size()});
      else if (is_inside_name(begin))
        continue;
      else
        digits(begin, {groups[1].data(), groups[1].size()});
    }
    return std::move(out_);
  }

 private:
  /// GPT4, H2O: digits after a letter.
  bool is_inside_name(size_t begin) const {
    if (begin == 0) return false;
    const char before = text_[begin - 1];
    return (before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z') || before == '_';
  }

  /// The word or sign that follows `at`, over at most one space or a hyphen.
  Suffix next_word(size_t at) const {
    static const RE2 kNext("(?i)^([ -]|\xC2\xA0|\xE2\x80\xAF)?(per cent|pour cent|por ciento|%|€|\\$|£|¥|[a-zäöüéè]+)");
    const std::string_view rest = text_.substr(at, 40);
    std::array<re2::StringPiece, 3> groups;
    if (!kNext.Match({rest.data(), rest.size()}, 0, rest.size(), RE2::ANCHOR_START, groups.data(), 3)) return {};
    return {text_.substr(at, groups[0].size()), small({groups[2].data(), groups[2].size()})};
  }

  std::optional<Unit> unit_before(size_t begin) const {
    static const RE2 kBefore("(?i)(\\$|€|£|¥|\\busd|\\beur|\\bgbp|\\bnok|\\bkr\\.?) ?[-–]?$");
    const size_t from = begin > 8 ? begin - 8 : 0;
    re2::StringPiece found;
    const std::string_view near = text_.substr(from, begin - from);
    if (!RE2::PartialMatch({near.data(), near.size()}, kBefore, &found)) return std::nullopt;
    std::string name = small({found.data(), found.size()});
    if (name.ends_with('.')) name.pop_back();
    const auto* const known = named(kUnits, name);
    return known == kUnits.end() ? std::nullopt : std::optional<Unit>(*known);
  }

  bool is_approximate(size_t begin) const {
    static const RE2 kBefore(
        R"((?i)(about|around|approximately|approx\.?|roughly|almost|nearly|over|more than|less than|under|some|circa|ca\.?|~|≈|up to|at least|etwa|rund|ungefähr|knapp|fast|mehr als|environ|presque|plus de|alrededor de|casi|unos|más de|omtrent|rundt|nesten|over)[ \x{A0}]?(?:\$|€|£|¥)?$)");
    const size_t from = begin > 24 ? begin - 24 : 0;
    const std::string_view near = text_.substr(from, begin - from);
    return RE2::PartialMatch({near.data(), near.size()}, kBefore);
  }

  /// An hour of "2 pm", "2:30 p.m.".
  bool is_afternoon(size_t begin, size_t end) const {
    static const RE2 kAfter(R"((?i)^(?::[0-5][0-9])? ?p\.?m\b)");
    if (begin > 0 && text_[begin - 1] == ':') return false;  // its minutes
    const std::string_view rest = text_.substr(end, 12);
    return RE2::PartialMatch({rest.data(), rest.size()}, kAfter);
  }

  void digits(size_t begin, std::string_view written) {
    auto readings = readings_of(written);
    if (readings.empty()) return parts(begin, written);  // a date or a version: 29.11.2025
    const size_t space = written.find(' ');
    if (space == std::string_view::npos || space <= 3) add(begin, std::move(readings));
    // Groups after spaces may be numbers of their own: "in 2024 100 people".
    if (space != std::string_view::npos && (space > 3 || is_source_)) parts(begin, written);
  }

  /// Each run of digits as a number.
  void parts(size_t begin, std::string_view written) {
    for (size_t at = 0; at < written.size();) {
      if (!is_digit_character(written[at])) {
        ++at;
        continue;
      }
      const size_t end = std::min(written.find_first_not_of("0123456789", at), written.size());
      if (const auto reading = reading_of(std::string(written.substr(at, end - at))))
        out_.push_back({text_.substr(begin + at, end - at), {*reading}, false});
      at = end;
    }
  }

  void add(size_t begin, std::vector<Reading> readings) {
    size_t end = at_;
    const auto before = unit_before(begin);
    Suffix suffix = next_word(end);
    const auto* magnitude = named(kMagnitudes, suffix.name);
    const auto* unit = named(kUnits, suffix.name);
    // One letter is both where it is both: "5m".
    const bool is_both = magnitude != kMagnitudes.end() && unit != kUnits.end();
    std::vector<Reading> all;
    if (magnitude != kMagnitudes.end()) {
      end += suffix.text.size();
      if (is_both) all = in_unit(readings, *unit);
      for (Reading& reading : readings) {
        reading.value *= magnitude->factor;
        reading.base = reading.value;
        reading.resolution *= magnitude->factor;
      }
      if (text_.substr(end).starts_with('.')) ++end;  // Mio.
      suffix = next_word(end);
      unit = named(kUnits, suffix.name);
    }
    if (before) {
      readings = in_unit(readings, *before);
    } else if (unit != kUnits.end() && !is_both) {
      end += suffix.text.size();
      readings = in_unit(readings, *unit);
    }
    all.insert(all.end(), readings.begin(), readings.end());
    if (is_afternoon(begin, end))
      for (const Reading& hour : std::vector<Reading>(readings))
        if (hour.value < 12) all.push_back({hour.value + 12, hour.base + 12, hour.resolution, Dimension::none});
    at_ = std::max(at_, end);
    out_.push_back({text_.substr(begin, end - begin), std::move(all), is_approximate(begin)});
  }

  static std::vector<Reading> in_unit(std::vector<Reading> readings, const Unit& unit) {
    for (Reading& reading : readings) {
      reading.base = reading.value * unit.factor;
      reading.dimension = unit.dimension;
    }
    return readings;
  }

  void word(size_t begin, std::string_view written) {
    const std::string name = small(written);
    if (is_source_) {
      const auto* const month =
          std::find_if(kMonths.begin(), kMonths.end(), [&](const Month& row) { return row.beginning == name; });
      // "may" and "mars" are words as well: as months they are capitalised or stand by a number.
      if (month != kMonths.end()) {
        const double number = month->number;
        out_.push_back({written, {{number, number, 1, Dimension::none}}, false});
      }
    }
    double value = 0;
    if (const auto* found = std::find(kSmall.begin(), kSmall.end(), name); found != kSmall.end()) {
      value = static_cast<double>(found - kSmall.begin());
    } else if (found = std::find(kOrdinals.begin(), kOrdinals.end(), name); found != kOrdinals.end()) {
      value = static_cast<double>(found - kOrdinals.begin()) + 1;
    } else if (const auto* tens = std::find(kTens.begin(), kTens.end(), name); tens != kTens.end()) {
      value = 10 * static_cast<double>(tens - kTens.begin() + 2);
      const Suffix ones = next_word(at_);  // twenty-five
      if (const auto* one = std::find(kSmall.begin() + 1, kSmall.begin() + 10, ones.name); one != kSmall.begin() + 10) {
        value += static_cast<double>(one - kSmall.begin());
        at_ += ones.text.size();
      }
    } else {
      return;
    }
    add(begin, {{value, value, 1, Dimension::none}});
  }

  std::string_view text_;
  bool is_source_;
  size_t at_ = 0;
  std::vector<Numeral> out_;
};

bool is_near(double left, double right, double tolerance) {
  return std::abs(left - right) <= tolerance + 1e-9 * std::max(std::abs(left), std::abs(right));
}

bool is_same(const Reading& answer, const Reading& source, bool is_approximate) {
  const bool are_both_known = answer.dimension != Dimension::none && source.dimension != Dimension::none;
  if (are_both_known && answer.dimension != source.dimension) return false;
  // A share may stand for its percentage: 15 or 0.15.
  const bool is_converted =
      are_both_known || answer.dimension == Dimension::share || source.dimension == Dimension::share;
  const auto close = [&](double left, double right, double left_unit, double right_unit) {
    // Rounded: the source is written more finely than the answer.
    const bool may_round = right_unit < left_unit * (1 - 1e-9);
    double tolerance = may_round ? left_unit / 2 : 0;
    if (is_approximate) tolerance = std::max(tolerance, kApproximate * std::abs(right));
    return is_near(left, right, tolerance);
  };
  if (!are_both_known && close(answer.value, source.value, answer.resolution, source.resolution)) return true;
  if (!is_converted) return false;
  const auto scale = [](const Reading& reading) { return reading.value == 0 ? 1 : reading.base / reading.value; };
  return close(answer.base, source.base, answer.resolution * scale(answer), source.resolution * scale(source));
}

}  // namespace

std::vector<Numeral> numerals_of(std::string_view text, bool is_source) { return Scanner(text, is_source).run(); }

bool is_said_by(const Numeral& answer, const Numeral& source) {
  for (const Reading& left : answer.readings)
    for (const Reading& right : source.readings)
      if (is_same(left, right, answer.is_approximate)) return true;
  return false;
}

}  // namespace tidewatch
