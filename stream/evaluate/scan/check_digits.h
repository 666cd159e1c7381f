#pragma once

#include <string_view>

namespace tidewatch {

// Whether numbers keep the rules by which they are issued. All take digits (and capital letters where the number has
// them) without separators, and are false for any other text.

/// Payment cards: Luhn's check digit (ISO/IEC 7812-1), 13 to 19 digits, a network's first digits.
bool is_card_number(std::string_view digits);
/// ISO 13616: the country's length and the remainder 1 modulo 97.
bool is_iban(std::string_view compact);

bool is_norwegian_id(std::string_view digits);   ///< fødselsnummer, 11 digits: date, two check digits modulo 11
bool is_swedish_id(std::string_view digits);     ///< personnummer, 10 digits: date, Luhn's check digit
bool is_finnish_id(std::string_view compact);    ///< henkilötunnus: date, century sign, number, letter modulo 31
bool is_spanish_id(std::string_view compact);    ///< DNI and NIE: letter modulo 23
bool is_french_id(std::string_view digits);      ///< NIR, 15 digits: key modulo 97
bool is_italian_id(std::string_view compact);    ///< codice fiscale, 16 characters: letter modulo 26
bool is_polish_id(std::string_view digits);      ///< PESEL, 11 digits: date, weighted sum modulo 10
bool is_german_tax_id(std::string_view digits);  ///< 11 digits: one digit twice or thrice in ten, ISO 7064 mod 11,10
bool is_brazilian_id(std::string_view digits);   ///< CPF, 11 digits: two check digits modulo 11
/// Social security number, 9 digits. It has no check digit: only numbers that are never issued are told apart.
bool is_american_id(std::string_view digits);

}  // namespace tidewatch
