#include "stream/evaluate/scan/check_digits.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace tidewatch {
namespace {

int value_of(char digit) { return digit - '0'; }

bool are_digits(std::string_view text, size_t count) {
  return text.size() == count && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int number_at(std::string_view digits, size_t at, size_t count) {
  int out = 0;
  for (const char c : digits.substr(at, count)) out = 10 * out + value_of(c);
  return out;
}

bool is_date(int day, int month) { return day >= 1 && day <= 31 && month >= 1 && month <= 12; }

bool has_luhn_digit(std::string_view digits) {
  int sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    const int value = value_of(digits[digits.size() - 1 - i]) * (i % 2 == 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 == 0;
}

template <size_t N>
int weighted(std::string_view digits, const std::array<int, N>& weights) {
  int sum = 0;
  for (size_t i = 0; i < N; ++i) sum += value_of(digits[i]) * weights[i];
  return sum;
}

struct CountryLength {
  std::string_view country;
  size_t length;
};
// SWIFT's IBAN registry.
constexpr std::array kIbanLengths = std::to_array<CountryLength>(
    {{"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22}, {"BH", 22},
     {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DK", 18}, {"DO", 28},
     {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23},
     {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26},
     {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20},
     {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MR", 27}, {"MT", 31}, {"MU", 30},
     {"NL", 18}, {"NO", 15}, {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22},
     {"SA", 24}, {"SC", 31}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"ST", 25}, {"SV", 28}, {"TL", 23},
     {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20}});

struct NetworkPrefix {
  int low;  ///< of the first four digits
  int high;
  size_t min_length;
  size_t max_length;
};
constexpr std::array kNetworks = std::to_array<NetworkPrefix>({
    {4000, 4999, 13, 19},  // Visa
    {5100, 5599, 16, 16},
    {2221, 2720, 16, 16},  // Mastercard
    {3400, 3499, 15, 15},
    {3700, 3799, 15, 15},  // American Express
    {6011, 6011, 16, 19},
    {6440, 6599, 16, 19},  // Discover
    {3528, 3589, 16, 19},  // JCB
    {3000, 3059, 14, 19},
    {3600, 3699, 14, 19},
    {3800, 3999, 14, 19},  // Diners Club
    {6200, 6299, 16, 19},  // UnionPay
});

}  // namespace

bool is_card_number(std::string_view digits) {
  if (digits.size() < 13 || digits.size() > 19 || !are_digits(digits, digits.size())) return false;
  const int prefix = number_at(digits, 0, 4);
  const bool is_of_network = std::any_of(kNetworks.begin(), kNetworks.end(), [&](const NetworkPrefix& network) {
    return prefix >= network.low && prefix <= network.high && digits.size() >= network.min_length &&
           digits.size() <= network.max_length;
  });
  return is_of_network && has_luhn_digit(digits);
}

bool is_iban(std::string_view compact) {
  if (compact.size() < 15 || compact.size() > 34) return false;
  const auto* const known = std::find_if(kIbanLengths.begin(), kIbanLengths.end(), [&](const CountryLength& country) {
    return compact.starts_with(country.country);
  });
  if (known == kIbanLengths.end() || compact.size() != known->length || !are_digits(compact.substr(2, 2), 2))
    return false;
  int remainder = 0;
  for (size_t i = 0; i < compact.size(); ++i) {
    const char c = compact[(i + 4) % compact.size()];
    if (c >= '0' && c <= '9')
      remainder = (remainder * 10 + value_of(c)) % 97;
    else if (c >= 'A' && c <= 'Z')
      remainder = (remainder * 100 + (c - 'A' + 10)) % 97;
    else
      return false;
  }
  return remainder == 1;
}

bool is_norwegian_id(std::string_view digits) {
  if (!are_digits(digits, 11)) return false;
  int day = number_at(digits, 0, 2);
  if (day > 40) day -= 40;  // D numbers, of those who stay for a time
  if (!is_date(day, number_at(digits, 2, 2))) return false;
  return weighted(digits, std::array{3, 7, 6, 1, 8, 9, 4, 5, 2, 1}) % 11 == 0 &&
         weighted(digits, std::array{5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1}) % 11 == 0;
}

bool is_swedish_id(std::string_view digits) {
  if (!are_digits(digits, 10)) return false;
  int day = number_at(digits, 4, 2);
  if (day > 60) day -= 60;  // coordination numbers
  return is_date(day, number_at(digits, 2, 2)) && has_luhn_digit(digits);
}

bool is_finnish_id(std::string_view compact) {
  if (compact.size() != 11 || !are_digits(compact.substr(0, 6), 6) || !are_digits(compact.substr(7, 3), 3))
    return false;
  if (std::string_view("+-ABCDEFUVWXY").find(compact[6]) == std::string_view::npos) return false;
  if (!is_date(number_at(compact, 0, 2), number_at(compact, 2, 2))) return false;
  const int number = number_at(compact, 0, 6) * 1000 + number_at(compact, 7, 3);
  return compact[10] == std::string_view("0123456789ABCDEFHJKLMNPRSTUVWXY")[static_cast<size_t>(number % 31)];
}

bool is_spanish_id(std::string_view compact) {
  if (compact.size() != 9) return false;
  const size_t foreigner = std::string_view("XYZ").find(compact[0]);
  const bool is_nie = foreigner != std::string_view::npos;
  if (!are_digits(compact.substr(is_nie ? 1 : 0, is_nie ? 7 : 8), is_nie ? 7 : 8)) return false;
  const int number =
      is_nie ? static_cast<int>(foreigner) * 10'000'000 + number_at(compact, 1, 7) : number_at(compact, 0, 8);
  return compact[8] == std::string_view("TRWAGMYFPDXBNJZSQVHLCKE")[static_cast<size_t>(number % 23)];
}

bool is_french_id(std::string_view digits) {
  if (!are_digits(digits, 15) || (digits[0] != '1' && digits[0] != '2')) return false;
  const int month = number_at(digits, 3, 2);
  if (!((month >= 1 && month <= 12) || (month >= 20 && month <= 42) || month >= 50)) return false;
  int64_t number = 0;
  for (const char c : digits.substr(0, 13)) number = 10 * number + value_of(c);
  return 97 - number % 97 == number_at(digits, 13, 2);
}

bool is_italian_id(std::string_view compact) {
  constexpr std::string_view kForm = "LLLLLLNNLNNLNNNL";
  if (compact.size() != kForm.size()) return false;
  // Agenzia delle Entrate: values of characters at odd places, digits and then letters.
  constexpr std::array kOdd{1,  0,  5, 7, 9, 13, 15, 17, 19, 21, 2,  4,  18,
                            20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
  int sum = 0;
  for (size_t i = 0; i < compact.size(); ++i) {
    const char c = compact[i];
    const bool is_number = c >= '0' && c <= '9';
    if (!is_number && (c < 'A' || c > 'Z')) return false;
    // Digits give way to letters where two people would have the same code.
    if (kForm[i] == 'L' ? is_number : !is_number && std::string_view("LMNPQRSTUV").find(c) == std::string_view::npos)
      return false;
    const int value = is_number ? value_of(c) : c - 'A';
    if (i + 1 < compact.size()) sum += i % 2 == 0 ? kOdd[static_cast<size_t>(value)] : value;
  }
  return compact.back() == 'A' + sum % 26;
}

bool is_polish_id(std::string_view digits) {
  if (!are_digits(digits, 11)) return false;
  const int month = number_at(digits, 2, 2) % 20;  // the century is in the month
  return is_date(number_at(digits, 4, 2), month) &&
         weighted(digits, std::array{1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1}) % 10 == 0;
}

bool is_german_tax_id(std::string_view digits) {
  if (!are_digits(digits, 11) || digits[0] == '0') return false;
  std::array<int, 10> times{};
  for (const char c : digits.substr(0, 10)) ++times[static_cast<size_t>(value_of(c))];
  const auto repeated = std::count_if(times.begin(), times.end(), [](int n) { return n > 1; });
  if (repeated != 1 || *std::max_element(times.begin(), times.end()) > 3) return false;
  int product = 10;
  for (const char c : digits.substr(0, 10)) {
    const int sum = (value_of(c) + product) % 10;
    product = (sum == 0 ? 10 : sum) * 2 % 11;
  }
  return (11 - product) % 10 == value_of(digits[10]);
}

bool is_brazilian_id(std::string_view digits) {
  if (!are_digits(digits, 11) || digits.find_first_not_of(digits[0]) == std::string_view::npos) return false;
  const int first = weighted(digits, std::array{10, 9, 8, 7, 6, 5, 4, 3, 2}) * 10 % 11 % 10;
  const int second = weighted(digits, std::array{11, 10, 9, 8, 7, 6, 5, 4, 3, 2}) * 10 % 11 % 10;
  return first == value_of(digits[9]) && second == value_of(digits[10]);
}

bool is_american_id(std::string_view digits) {
  if (!are_digits(digits, 9)) return false;
  const int area = number_at(digits, 0, 3);
  return area != 0 && area != 666 && area < 900 && number_at(digits, 3, 2) != 0 && number_at(digits, 5, 4) != 0;
}

}  // namespace tidewatch
