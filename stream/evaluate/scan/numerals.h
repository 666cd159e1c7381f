#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace tidewatch {

/// What kind of quantity a number is of, where its unit says so. Numbers of different dimensions are never equal.
enum class Dimension : unsigned char {
  none,
  share,
  length,
  mass,
  time,
  volume,
  bytes,
  dollars,
  euros,
  pounds,
  yen,
  kroner
};

/// One way to read a number: "1.234" is 1234 or 1.234, "5m" is 5 metres or 5 million.
struct Reading {
  double value = 0;       ///< as written, with its magnitude ("2 million" is 2e6)
  double base = 0;        ///< in the base unit of its dimension: m, kg, s, l, bytes; shares as 0.15
  double resolution = 1;  ///< of `value`: one unit of the last digit that is written ("2.5 million": 1e5)
  Dimension dimension = Dimension::none;
};

/// A number of a text.
struct Numeral {
  std::string_view text;          ///< with sign, magnitude and unit
  std::vector<Reading> readings;  ///< at least one
  bool is_approximate = false;    ///< "about", "almost", "over" and the like stand before it
};

/// Numbers of a text in order: digits with separators of thousands and decimals of either convention, magnitudes
/// (thousand, million, Mrd., k), per cent, common units and currencies, English number words up to hundreds, ordinals
/// ("3rd"), the parts of dates and times each as a number. Digits within words (GPT4, B2B) are none. Of a source more
/// ways to read it count: names of months are numbers, and so are groups of digits after a space. Languages of words:
/// en, de, fr, es, no.
std::vector<Numeral> numerals_of(std::string_view text, bool is_source = false);

/// Whether `answer` says what `source` says: the same number in the same or a convertible unit, or `source` rounded to
/// the digits that are written in `answer`; where the answer calls its number approximate, within 5 %. A number without
/// a unit fits any unit, and 15 fits 15 % as does 0.15.
bool is_said_by(const Numeral& answer, const Numeral& source);

}  // namespace tidewatch
