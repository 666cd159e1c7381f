#include "stream/ingest/dialects/normaliser.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <array>
#include <cctype>

namespace tidewatch {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || (static_cast<unsigned char>(c) & 0x80) != 0;
}

/// The word, or a look into the table without a heap allocation for words of ordinary length.
template <typename Map>
const std::string* look_up(const Map& map, std::string_view word) {
  constexpr size_t kLongest = 64;
  std::array<char, kLongest> squashed{};
  size_t size = 0;
  for (const char c : word) {
    if (!is_word(c)) continue;
    if (size == kLongest) return nullptr;  // longer than any word of the tables
    squashed[size++] = lower(c);
  }
  const auto found = map.find(std::string_view(squashed.data(), size));
  return found == map.end() ? nullptr : &found->second;
}

/// The HTTP status in "Error code: 429 - ...", "status 503", "HTTP 500": three digits right after such a word.
int status_in(std::string_view text) {
  bool announced = false;
  for (size_t i = 0; i < text.size();) {
    if (!is_word(text[i])) {
      ++i;
      continue;
    }
    const size_t start = i;
    while (i < text.size() && is_word(text[i])) ++i;
    const auto word = text.substr(start, i - start);
    if (word.size() == 3 && is_digit(word[0]) && is_digit(word[1]) && is_digit(word[2])) {
      const int number = (word[0] - '0') * 100 + (word[1] - '0') * 10 + (word[2] - '0');
      if ((announced || word.size() == text.size()) && number >= 400 && number < 600) return number;
    }
    const std::string plain = squash(word);
    announced = plain == "code" || plain == "status" || plain == "http" || plain == "error" || plain == "statuscode";
  }
  return 0;
}

}  // namespace

std::string squash(std::string_view word) {
  std::string out;
  out.reserve(word.size());
  for (const char c : word)
    if (is_word(c)) out.push_back(lower(c));
  return out;
}

Result<Normaliser> Normaliser::parse(std::string_view yaml) try {
  Normaliser out;
  const YAML::Node root = YAML::Load(std::string(yaml));
  for (const auto& word : root["missing"]) out.missing_[squash(word.as<std::string>())] = "";
  const auto read = [&](const char* name, Words& into) {
    for (const auto& row : root[name])
      for (const auto& word : row.second) into.emplace(squash(word.as<std::string>()), row.first.as<std::string>());
  };
  read("providers", out.providers_);
  read("finish_reasons", out.finish_reasons_);
  read("roles", out.roles_);
  read("evaluation_labels", out.evaluation_labels_);
  for (const auto& row : root["error_kinds"]) {
    ErrorKind kind{row["kind"].as<std::string>(), {}, {}};
    for (const auto& word : row["words"]) kind.words.push_back(squash(word.as<std::string>()));
    for (const auto& status : row["statuses"]) kind.statuses.push_back(status.as<int>());
    out.error_kinds_.push_back(std::move(kind));
  }
  if (out.providers_.empty() || out.finish_reasons_.empty() || out.roles_.empty() || out.error_kinds_.empty())
    return Error{"bad_dialect", "normalise.yaml: providers, finish_reasons, roles and error_kinds must not be empty"};
  return out;
} catch (const YAML::Exception& error) {
  return Error{"bad_dialect", fmt::format("normalise.yaml: {}", error.what())};
}

bool Normaliser::is_missing(std::string_view text) const { return text.empty() || look_up(missing_, text) != nullptr; }

std::string Normaliser::provider(std::string_view sent) const {
  if (const auto* known = look_up(providers_, sent)) return *known;
  // "openai.chat", "google.generative-ai.chat": the longest listed part in front of a dot.
  for (size_t dot = sent.rfind('.'); dot != std::string_view::npos && dot > 0; dot = sent.rfind('.', dot - 1))
    if (const auto* known = look_up(providers_, sent.substr(0, dot))) return *known;
  std::string out(sent);
  for (char& c : out) c = lower(c);
  return out;
}

std::string_view Normaliser::finish_reason(std::string_view sent) const {
  const auto* known = look_up(finish_reasons_, sent);
  return known != nullptr ? std::string_view(*known) : "other";
}

std::string_view Normaliser::role(std::string_view sent) const {
  const auto* known = look_up(roles_, sent);
  return known != nullptr ? std::string_view(*known) : std::string_view{};
}

std::optional<bool> Normaliser::passed(std::string_view evaluation_label) const {
  const auto* known = look_up(evaluation_labels_, evaluation_label);
  if (known == nullptr) return std::nullopt;
  return *known == "passed";
}

std::string_view Normaliser::kind_of_text(std::string_view text) const {
  if (text.empty()) return {};
  constexpr size_t kRead = 600;  // what a message says first; the rest quotes payloads
  const std::string plain = squash(text.substr(0, kRead));
  for (const auto& kind : error_kinds_)
    for (const auto& word : kind.words)
      if (plain.find(word) != std::string::npos) return kind.kind;
  return kind_of_status(status_in(text.substr(0, kRead)));
}

std::string_view Normaliser::kind_of_status(int status) const {
  if (status == 0) return {};
  for (const auto& kind : error_kinds_)
    for (const int known : kind.statuses)
      if (known == status) return kind.kind;
  if (status >= 500 && status < 600) return "server_error";
  if (status >= 400 && status < 500) return "invalid_request";
  return {};
}

std::string_view Normaliser::error_kind(std::string_view type, std::string_view message, int status) const {
  for (const auto kind : {kind_of_text(type), kind_of_text(message), kind_of_status(status)})
    if (!kind.empty()) return kind;
  return "other";
}

}  // namespace tidewatch
