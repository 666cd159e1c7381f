#include "stream/evaluate/scan/secrets.h"

#include <absl/strings/escaping.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

namespace tidewatch {
namespace {

bool is_placeholder(std::string_view value) {
  static const RE2 kPlaceholder(
      R"((?i)example|your|placeholder|changeme|change_me|change-me|dummy|redacted|xxxx|\*\*\*|\.\.\.|…|<|>|\$\{|\{\{|process\.env|os\.environ|getenv|1234567890|abcdefgh|_here\b)");
  return RE2::PartialMatch({value.data(), value.size()}, kPlaceholder);
}

bool is_random(std::string_view value) { return !is_placeholder(value) && entropy_of(value) >= 2.5; }

bool is_web_token(std::string_view value) {
  std::string header;
  const std::string_view first = value.substr(0, value.find('.'));
  if (!absl::WebSafeBase64Unescape({first.data(), first.size()}, &header)) return false;
  const auto json = nlohmann::json::parse(header, nullptr, false);
  return json.is_object() && json.contains("alg");
}

bool is_key_block(std::string_view value) {
  const auto content = std::count_if(value.begin(), value.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '+' || c == '/';
  });
  return content >= 40 && !is_placeholder(value);
}

bool is_password(std::string_view value) {
  static const RE2 kWord(R"((?i)(pass|password|passwd|pwd|secret|token|user|username|pw|\w))");
  return !is_placeholder(value) && !RE2::FullMatch({value.data(), value.size()}, kWord);
}

struct Rule {
  std::string_view kind;
  const char* pattern;  ///< its first group is the secret
  bool (*is_secret)(std::string_view);
};
constexpr auto kRules = std::to_array<Rule>({
    {"private key", R"((-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s:,.()-]{40,}))",
     is_key_block},
    {"JSON Web Token", R"(\b(eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,}))", is_web_token},
    {"AWS access key", R"(\b((?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})\b)", is_random},
    {"GitHub token", R"(\b(gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b)", is_random},
    {"GitLab token", R"(\b(glpat-[A-Za-z0-9_-]{20,}))", is_random},
    {"Slack token", R"(\b(xox[abeoprs]-[A-Za-z0-9-]{20,}|xapp-[0-9]-[A-Za-z0-9-]{20,}))", is_random},
    {"Slack webhook", R"((https://hooks\.slack\.com/services/T[A-Z0-9]{7,}/B[A-Z0-9]{7,}/[A-Za-z0-9]{20,}))",
     is_random},
    {"Google key", R"(\b(AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{30,}|GOCSPX-[A-Za-z0-9_-]{28}))", is_random},
    {"Anthropic key", R"(\b(sk-ant-[A-Za-z0-9_-]{24,}))", is_random},
    {"OpenAI key", R"(\b(sk-(?:proj-|svcacct-|admin-)[A-Za-z0-9_-]{20,}|sk-[A-Za-z0-9]{32,})\b)", is_random},
    {"Stripe key", R"(\b((?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9]{24,})\b)", is_random},
    {"Hugging Face token", R"(\b(hf_[A-Za-z0-9]{34})\b)", is_random},
    {"npm token", R"(\b(npm_[A-Za-z0-9]{36})\b)", is_random},
    {"SendGrid key", R"(\b(SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}))", is_random},
    {"password in an address", R"([a-z][a-z0-9+.-]{1,20}://[^\s:/@"'`]{1,60}:([^\s:/@"'`]{3,80})@[A-Za-z0-9])",
     is_password},
});

constexpr const char* kAssignment =
    R"((?i)(?:api[_ -]?key|secret[_ -]?key|client[_ -]?secret|access[_ -]?key|auth[_ -]?token|access[_ -]?token|bearer|secret|token|password|passwd|pwd|credential)s?["'`*]{0,3}\s*(?::=|=>|=|:|\bis\b|\s)\s*["'`*]{0,3}([A-Za-z0-9+/_=!@#$%^&~-][A-Za-z0-9+/_=!@#$%^&.~-]{6,199}))";

bool has_digit_and_letter(std::string_view value) {
  const auto has = [&](auto is) { return std::any_of(value.begin(), value.end(), is); };
  return has([](char c) { return c >= '0' && c <= '9'; }) &&
         has([](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

}  // namespace

double entropy_of(std::string_view text) {
  std::array<size_t, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const size_t count : counts)
    if (count > 0) {
      const double share = static_cast<double>(count) / static_cast<double>(text.size());
      bits -= share * std::log2(share);
    }
  return bits;
}

struct SecretScan::Patterns {
  std::vector<std::unique_ptr<RE2>> compiled;
  RE2 assignment{kAssignment, RE2::Quiet};

  Patterns() {
    for (const Rule& rule : kRules) compiled.push_back(std::make_unique<RE2>(rule.pattern, RE2::Quiet));
  }
};

namespace {

template <typename Accepts>
void add_matches(std::vector<Secret>& out, std::string_view text, const RE2& pattern, std::string_view kind,
                 const Accepts& accepts) {
  const re2::StringPiece all(text.data(), text.size());
  std::array<re2::StringPiece, 2> groups;
  for (size_t at = 0; pattern.Match(all, at, all.size(), RE2::UNANCHORED, groups.data(), 2);) {
    const auto begin = static_cast<size_t>(groups[1].data() - text.data());
    const size_t size = groups[1].size();
    at = begin + size;
    const bool is_known = std::any_of(out.begin(), out.end(), [&](const Secret& other) {
      return begin < other.begin + other.size && other.begin < begin + size;
    });
    if (!is_known && accepts(text.substr(begin, size))) out.push_back({kind, begin, size});
  }
}

}  // namespace

SecretScan::SecretScan(const SecretScanOptions& options) : options_(options), patterns_(std::make_unique<Patterns>()) {}
SecretScan::~SecretScan() = default;

std::vector<Secret> SecretScan::find(std::string_view text) const {
  std::vector<Secret> out;
  for (size_t i = 0; i < kRules.size(); ++i)
    add_matches(out, text, *patterns_->compiled[i], kRules[i].kind, kRules[i].is_secret);
  add_matches(out, text, patterns_->assignment, "assigned secret", [&](std::string_view value) {
    while (!value.empty() && (value.back() == '.' || value.back() == '!')) value.remove_suffix(1);
    return value.size() >= options_.min_characters && has_digit_and_letter(value) && !is_placeholder(value) &&
           entropy_of(value) >= options_.min_entropy;
  });
  std::sort(out.begin(), out.end(), [](const auto& left, const auto& right) { return left.begin < right.begin; });
  return out;
}

}  // namespace tidewatch
