#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tidewatch {

enum class PersonalKind : uint8_t { email, iban, card, national_id, phone, ip_address };

std::string_view name_of(PersonalKind kind);  ///< "email", "iban", "card", "national_id", "phone", "ip_address"

/// Personal data in a text.
struct PersonalDatum {
  PersonalKind kind = PersonalKind::email;
  size_t begin = 0;   ///< bytes
  size_t size = 0;    ///< bytes
  std::string value;  ///< without separators, in one case: equal values are equal texts
};

/// Finds what identifies a person by its form, and by its check digits where it has some (stream/evaluate/scan/
/// check_digits.h). Left out is what is no person's: addresses of roles (info@, support@) and of the domains that are
/// reserved for examples (RFC 2606), card numbers that payment networks publish for tests, toll-free and fictional
/// American numbers, private, local and documentation addresses (RFC 1918, 5737, 3849), those of public resolvers.
/// Names and postal addresses have no form and are not found. Safe to share between threads.
class PersonalDataScan {
 public:
  PersonalDataScan();
  ~PersonalDataScan();
  /// In the order of the text, without overlaps.
  std::vector<PersonalDatum> find(std::string_view text) const;

 private:
  struct Patterns;
  std::unique_ptr<const Patterns> patterns_;
};

}  // namespace tidewatch
