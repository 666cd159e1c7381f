#include "stream/evaluate/scan/personal_data.h"

#include <arpa/inet.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "stream/evaluate/scan/check_digits.h"

namespace tidewatch {
namespace {

constexpr std::array<std::string_view, 6> kNames{"email", "iban", "card", "national_id", "phone", "ip_address"};

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit_character(char c) { return c >= '0' && c <= '9'; }

std::string compact(std::string_view text, std::string_view separators) {
  std::string out;
  for (const char c : text)
    if (separators.find(c) == std::string_view::npos)
      out.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  return out;
}
std::string digits_of(std::string_view text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), is_digit_character);
  return out;
}

template <size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& values) {
  return std::find(values.begin(), values.end(), text) != values.end();
}

/// A candidate with what stands around it.
struct Candidate {
  std::string_view text;
  std::string_view before;
  std::string_view after;
};

/// Value of what a candidate is; empty: it is none.
std::string email(const Candidate& candidate) {
  constexpr std::array<std::string_view, 28> kRoles{
      "info",          "support",   "help",      "contact",    "sales",
      "noreply",       "no-reply",  "admin",     "office",     "service",
      "hello",         "privacy",   "security",  "abuse",      "press",
      "postmaster",    "webmaster", "jobs",      "billing",    "team",
      "care",          "orders",    "feedback",  "newsletter", "customerservice",
      "kundenservice", "kontakt",   "donotreply"};
  std::string value(candidate.text);
  std::transform(value.begin(), value.end(), value.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const size_t at = value.find('@');
  const std::string_view domain = std::string_view(value).substr(at + 1);
  if (is_one_of(std::string_view(value).substr(0, at), kRoles)) return {};
  for (const std::string_view reserved : {"example.com", "example.org", "example.net"})
    if (domain == reserved || (domain.ends_with(reserved) && domain[domain.size() - reserved.size() - 1] == '.'))
      return {};
  for (const std::string_view reserved : {".example", ".test", ".invalid", ".localhost", ".local"})
    if (domain.ends_with(reserved)) return {};
  // Files that density suffixes are written to: logo@2x.png.
  for (const std::string_view file : {".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp"})
    if (domain.ends_with(file)) return {};
  return value;
}

std::string iban(const Candidate& candidate) {
  const std::string value = compact(candidate.text, " ");
  return is_iban(value) ? value : std::string();
}

std::string card(const Candidate& candidate) {
  constexpr std::array<std::string_view, 12> kForTests{"4111111111111111", "4242424242424242", "4012888888881881",
                                                       "4000056655665556", "5555555555554444", "5105105105105100",
                                                       "5200828282828210", "378282246310005",  "371449635398431",
                                                       "6011111111111117", "6011000990139424", "3530111333300000"};
  const std::string value = compact(candidate.text, " -");
  return is_card_number(value) && !is_one_of(value, kForTests) ? value : std::string();
}

/// `digits` are grouped by the separators that its country writes, or not at all.
std::string national_id(const Candidate& candidate) {
  const std::string_view text = candidate.text;
  std::string value = compact(text, " -.");
  const bool is_plain = value.size() == text.size();
  const bool has_dots = text.find('.') != std::string_view::npos;
  const size_t dash = text.find('-');
  if (value.size() == 11 && !has_dots && dash == std::string_view::npos &&
      (is_norwegian_id(value) || is_polish_id(value) || is_german_tax_id(value)))
    return value;
  if (has_dots && dash != std::string_view::npos && is_brazilian_id(value)) return value;
  if (value.size() == 10 && dash == 6 && is_swedish_id(value)) return value;
  if (value.size() == 9 && dash == 3 && text.rfind('-') == 6 && text.size() == 11 && is_american_id(value))
    return value;
  if (is_french_id(value)) return value;
  std::string upper = compact(text, is_plain ? "" : " ");
  if (is_finnish_id(upper)) return upper;
  if (is_spanish_id(value) || is_italian_id(value)) return value;
  return {};
}

bool has_telephone_word(std::string_view before) {
  static const RE2 kWord(
      R"((?i)(tel|telephone|phone|mobile|cell|call|dial|ring|fax|whatsapp|telefon|handy|mobil|téléphone|teléfono|ring|anrufen|appelez|llame)[^0-9\n]{0,20}$)");
  const std::string_view near = before.substr(before.size() > 40 ? before.size() - 40 : 0);
  return RE2::PartialMatch({near.data(), near.size()}, kWord);
}

std::string phone(const Candidate& candidate) {
  const std::string_view text = candidate.text;
  std::string digits = digits_of(text);
  if (digits.size() < 7 || digits.size() > 15) return {};
  const bool is_international = text.starts_with('+') || (digits.starts_with("00") && digits.size() >= 10);
  if (digits.starts_with("00")) digits.erase(0, 2);
  static const RE2 kAmerican(R"((?:\+?1[ .-]?)?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[-.])[2-9][0-9]{2}[-. ][0-9]{4})");
  const bool is_american = RE2::FullMatch({text.data(), text.size()}, kAmerican);
  if (is_american || (text.starts_with("+1") && digits.size() == 11)) {
    const std::string_view number = std::string_view(digits).substr(digits.size() - 10);
    constexpr std::array<std::string_view, 7> kTollFree{"800", "888", "877", "866", "855", "844", "833"};
    if (is_one_of(number.substr(0, 3), kTollFree) || number.substr(3, 3) == "555") return {};
    return std::string(number);
  }
  if (is_international) return digits.size() >= 8 ? digits : std::string();
  return has_telephone_word(candidate.before) ? digits : std::string();
}

bool is_version(std::string_view before) {
  static const RE2 kVersion(R"((?i)(\bv|version|release|chapter|section|firmware|build) ?$)");
  const std::string_view near = before.substr(before.size() > 20 ? before.size() - 20 : 0);
  return RE2::PartialMatch({near.data(), near.size()}, kVersion);
}

std::string ip_v4(const Candidate& candidate) {
  in_addr parsed{};
  const std::string value(candidate.text);
  if (inet_pton(AF_INET, value.c_str(), &parsed) != 1 || is_version(candidate.before)) return {};
  const uint32_t address = ntohl(parsed.s_addr);
  struct Block {
    uint32_t first;
    unsigned bits;
  };
  constexpr auto kNobodys = std::to_array<Block>({{0x00000000, 8},
                                                  {0x0A000000, 8},
                                                  {0x64400000, 10},
                                                  {0x7F000000, 8},
                                                  {0xA9FE0000, 16},
                                                  {0xAC100000, 12},
                                                  {0xC0000200, 24},
                                                  {0xC0A80000, 16},
                                                  {0xC6120000, 15},
                                                  {0xC6336400, 24},
                                                  {0xCB007100, 24},
                                                  {0xE0000000, 3}});
  for (const Block& block : kNobodys)
    if ((address ^ block.first) >> (32 - block.bits) == 0) return {};
  constexpr std::array<std::string_view, 6> kResolvers{"8.8.8.8", "8.8.4.4", "1.1.1.1",
                                                       "1.0.0.1", "9.9.9.9", "208.67.222.222"};
  return is_one_of(value, kResolvers) ? std::string() : value;
}

std::string ip_v6(const Candidate& candidate) {
  // `a::b` is code more often than an address.
  size_t groups = 0;
  for (size_t i = 0; i < candidate.text.size(); ++i)
    groups += candidate.text[i] != ':' && (i == 0 || candidate.text[i - 1] == ':') ? 1 : 0;
  in6_addr parsed{};
  if (groups < 3 || digits_of(candidate.text).empty() ||
      inet_pton(AF_INET6, std::string(candidate.text).c_str(), &parsed) != 1)
    return {};
  const auto* const bytes = parsed.s6_addr;
  const bool is_global = (bytes[0] & 0xE0) == 0x20;  // 2000::/3
  const bool is_documentation = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0D && bytes[3] == 0xB8;
  if (!is_global || is_documentation) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(AF_INET6, &parsed, text.data(), text.size()) == nullptr ? std::string() : std::string(text.data());
}

struct Rule {
  PersonalKind kind;
  const char* pattern;
  std::string (*value_of)(const Candidate&);
};
// In this order: what is found first is not looked at again.
constexpr auto kRules = std::to_array<Rule>(
    {{PersonalKind::email, R"([A-Za-z0-9][A-Za-z0-9._%+-]*@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,24})", email},
     {PersonalKind::iban, R"([A-Za-z]{2}[0-9]{2}(?: ?[A-Za-z0-9]){11,30})", iban},
     {PersonalKind::card, R"([0-9](?:[ -]?[0-9]){12,18})", card},
     {PersonalKind::ip_address, R"([0-9]{1,3}(?:\.[0-9]{1,3}){3})", ip_v4},
     {PersonalKind::ip_address, R"([0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})", ip_v6},
     {PersonalKind::national_id, R"([12] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{2})", national_id},
     {PersonalKind::national_id, R"([0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2})", national_id},
     {PersonalKind::national_id, R"([0-9]{3}-[0-9]{2}-[0-9]{4})", national_id},
     {PersonalKind::national_id, R"([0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-Y])", national_id},
     {PersonalKind::national_id, R"([0-9]{6} ?[0-9]{5}|[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3})", national_id},
     {PersonalKind::national_id, R"((?:[XYZ]-?[0-9]{7}|[0-9]{8})-?[A-Z])", national_id},
     {PersonalKind::national_id, R"([A-Z]{6}[0-9L-V]{2}[A-Z][0-9L-V]{2}[A-Z][0-9L-V]{3}[A-Z])", national_id},
     {PersonalKind::phone, R"((?:\+ ?|\()?[0-9](?:(?:[ .\-/]|\) ?| ?\(|\) ?-)?[0-9]){6,14})", phone}});

struct Shortened {
  size_t size;
  std::string value;
};

}  // namespace

std::string_view name_of(PersonalKind kind) { return kNames[static_cast<size_t>(kind)]; }

struct PersonalDataScan::Patterns {
  std::vector<std::unique_ptr<RE2>> compiled;

  Patterns() {
    RE2::Options options;
    options.set_log_errors(false);
    for (const Rule& rule : kRules) compiled.push_back(std::make_unique<RE2>(rule.pattern, options));
  }
};

namespace {

/// A match may reach into what follows ("… 4711 BIC"): ends of words within it are tried too, the longest first.
Shortened shortened(const Rule& rule, std::string_view text, size_t begin, size_t size) {
  const auto try_size = [&](size_t shorter) -> std::string {
    return rule.value_of({text.substr(begin, shorter), text.substr(0, begin), text.substr(begin + shorter)});
  };
  const bool is_cut_word = begin + size < text.size() && is_alphanumeric(text[begin + size]);
  if (!is_cut_word)
    if (auto value = try_size(size); !value.empty()) return {size, std::move(value)};
  if (rule.kind != PersonalKind::iban && rule.kind != PersonalKind::card) return {0, {}};
  for (size_t shorter = size - 1; shorter >= 12; --shorter)
    if (text[begin + shorter] == ' ')
      if (auto value = try_size(shorter); !value.empty()) return {shorter, std::move(value)};
  return {0, {}};
}

bool overlaps(const std::vector<PersonalDatum>& found, size_t begin, size_t size) {
  return std::any_of(found.begin(), found.end(), [&](const PersonalDatum& other) {
    return begin < other.begin + other.size && other.begin < begin + size;
  });
}

}  // namespace

PersonalDataScan::PersonalDataScan() : patterns_(std::make_unique<Patterns>()) {}
PersonalDataScan::~PersonalDataScan() = default;

std::vector<PersonalDatum> PersonalDataScan::find(std::string_view text) const {
  std::vector<PersonalDatum> out;
  const re2::StringPiece all(text.data(), text.size());
  for (size_t i = 0; i < kRules.size(); ++i) {
    const Rule& rule = kRules[i];
    re2::StringPiece match;
    for (size_t at = 0; patterns_->compiled[i]->Match(all, at, all.size(), RE2::UNANCHORED, &match, 1);) {
      const auto begin = static_cast<size_t>(match.data() - text.data());
      const bool is_inside_word = begin > 0 && is_alphanumeric(text[begin - 1]) && is_alphanumeric(text[begin]);
      auto [size, value] = is_inside_word ? Shortened{0, {}} : shortened(rule, text, begin, match.size());
      if (value.empty() || overlaps(out, begin, size)) {
        // An IBAN may begin within what looked like one; a part of a telephone number is none.
        at = rule.kind == PersonalKind::phone ? begin + match.size() : begin + 1;
        while (at < text.size() && is_alphanumeric(text[at]) && is_alphanumeric(text[at - 1])) ++at;
        continue;
      }
      at = begin + size;
      out.push_back({rule.kind, begin, size, std::move(value)});
    }
  }
  std::sort(out.begin(), out.end(), [](const auto& left, const auto& right) { return left.begin < right.begin; });
  return out;
}

}  // namespace tidewatch
