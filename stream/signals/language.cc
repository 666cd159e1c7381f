#include "stream/signals/language.h"

#include <absl/container/flat_hash_map.h>
#include <fmt/format.h>
#include <xxhash.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <cmath>
#include <functional>

#include "schemas/embedded.h"

namespace tidewatch {
namespace {

using Mask = uint64_t;  ///< a bit per profile
constexpr size_t kMaxProfiles = 64;

// Below them, languages of one family are taken for each other, and languages without a profile for one that has one:
// chosen on sentences of 60 languages (docs/signals.md).
constexpr size_t kMinWords = 4;
constexpr double kMinPerWord = 0.6;        ///< bits a word
constexpr double kMinFunctionWords = 0.1;  ///< share of the words: letters alone do not make a language
constexpr double kMinLead = 2.5;           ///< bits of the best language before the second
constexpr size_t kMaxWords = 100;          ///< looked at
constexpr size_t kMaxPieceWords = 30;      ///< of them looked at for pieces
constexpr size_t kMaxRepeats = 3;          ///< one word is evidence only so often
constexpr double kPieceWeight = 0.25;
constexpr double kLetterWeight = 0.5;
constexpr double kMinScriptShare = 0.6;
constexpr double kMinUnspacedLetters = 4;
constexpr double kHalfLead = 5;    ///< bits of lead that make a confidence of one half
constexpr double kCertain = 0.55;  ///< confidence from which two languages are said to differ: 6 bits

struct NamedScript {
  std::string_view name;
  Script script;
};
constexpr std::array kScripts{NamedScript{"latin", Script::latin},   NamedScript{"cyrillic", Script::cyrillic},
                              NamedScript{"greek", Script::greek},   NamedScript{"hebrew", Script::hebrew},
                              NamedScript{"arabic", Script::arabic}, NamedScript{"thai", Script::thai},
                              NamedScript{"han", Script::han},       NamedScript{"kana", Script::kana},
                              NamedScript{"hangul", Script::hangul}};

Script script_named(const std::string& name) {
  for (const auto& candidate : kScripts)
    if (candidate.name == name) return candidate.script;
  return Script::none;
}

/// A letter's weight in telling the script: a character of an unspaced script says as much as several letters.
double letter_weight(Script script) { return is_unspaced(script) ? 3 : script == Script::hangul ? 2 : 1; }

/// Both first bytes as a number. pre: text.size() >= 2
size_t beginning(std::string_view text) {
  return static_cast<size_t>(static_cast<unsigned char>(text[0])) << 8 | static_cast<unsigned char>(text[1]);
}

using ScriptWeights = std::array<double, 16>;
double& at(ScriptWeights& weights, Script script) { return weights[static_cast<size_t>(script)]; }

ScriptWeights weigh_scripts(const std::vector<Word>& words) {
  ScriptWeights out{};
  for (const Word& word : words)
    if (!word.is_number()) at(out, word.script) += letter_weight(word.script) * count_characters(word.text);
  return out;
}

}  // namespace

struct Languages::Profiles {
  struct Evidence {
    Mask languages = 0;
    double bits = 0;  ///< log2 of profiles of the script / profiles that have it
  };
  /// Looked up by string_view, without a copy: Debian's absl::string_view is a type of its own.
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return XXH3_64bits(text.data(), text.size()); }
  };
  using Table = absl::flat_hash_map<std::string, Evidence, Hash, std::equal_to<>>;

  std::vector<std::string> codes;
  std::vector<Script> scripts;
  Table words;
  Table pieces;
  absl::flat_hash_map<char32_t, Evidence> letters;
  std::vector<std::string> names;       ///< of languages, and requests for translation, as words
  std::vector<std::string> substrings;  ///< the same in scripts without spaces
  size_t longest_piece = 0;
  std::bitset<1 << 16> piece_beginnings;  ///< first two bytes of pieces: most places of a word begin none

  Status add(const std::string& code, const YAML::Node& file);
  void add_name(const std::string& name);
  void weigh();
  Language among(Script script, const std::vector<Word>& words, double share) const;
};

Status Languages::Profiles::add(const std::string& code, const YAML::Node& file) {
  if (codes.size() == kMaxProfiles)
    return Error{"bad_language", fmt::format("{}: more than {} languages", code, kMaxProfiles)};
  const Mask bit = Mask{1} << codes.size();
  codes.push_back(code);
  scripts.push_back(Script::none);
  for (const auto& part : file) {
    const auto key = part.first.as<std::string>();
    if (key == "script") {
      scripts.back() = script_named(part.second.as<std::string>());
    } else if (key == "words") {
      for (const auto& word : part.second) words[word.as<std::string>()].languages |= bit;
    } else if (key == "pieces") {
      for (const auto& piece : part.second)
        if (piece.as<std::string>().size() < 2)
          return Error{"bad_language", fmt::format("{}.pieces: \"{}\" is too short", code, piece.as<std::string>())};
        else
          pieces[piece.as<std::string>()].languages |= bit;
    } else if (key == "letters") {
      const auto text = part.second.as<std::string>();
      for (size_t i = 0; i < text.size();) letters[next_character(text, i)].languages |= bit;
    } else if (key == "names" || key == "translate") {
      for (const auto& name : part.second) add_name(name.as<std::string>());
    } else {
      return Error{
          "bad_language",
          fmt::format("{}.{}: unknown key; use script, words, letters, pieces, names or translate", code, key)};
    }
  }
  if (scripts.back() == Script::none) return Error{"bad_language", fmt::format("{}.script: missing or unknown", code)};
  return ok_status();
}

void Languages::Profiles::add_name(const std::string& name) {
  size_t first = 0;
  (is_unspaced(script_of(next_character(name, first))) ? substrings : names).push_back(name);
}

void Languages::Profiles::weigh() {
  const auto bits_of = [&](Mask languages) {
    const Script script = scripts[static_cast<size_t>(std::countr_zero(languages))];
    const auto peers = std::count(scripts.begin(), scripts.end(), script);
    return std::log2(static_cast<double>(peers + 1) / std::popcount(languages));
  };
  for (auto& [word, evidence] : words) evidence.bits = bits_of(evidence.languages);
  for (auto& [letter, evidence] : letters) evidence.bits = kLetterWeight * bits_of(evidence.languages);
  for (auto& [piece, evidence] : pieces) {
    evidence.bits = kPieceWeight * bits_of(evidence.languages);
    longest_piece = std::max(longest_piece, piece.size());
    piece_beginnings.set(beginning(piece));
  }
  std::sort(names.begin(), names.end());
}

namespace {

/// Bits that each profile has found so far.
class Tally {
 public:
  template <typename Evidence>
  void add(const Evidence& evidence) {
    for (Mask left = evidence.languages; left != 0; left &= left - 1)
      bits_[static_cast<size_t>(std::countr_zero(left))] += evidence.bits;
  }
  double operator[](size_t language) const { return bits_[language]; }

 private:
  std::array<double, kMaxProfiles> bits_{};
};

}  // namespace

Language Languages::Profiles::among(Script script, const std::vector<Word>& all, double share) const {
  const auto candidates = std::count(scripts.begin(), scripts.end(), script);
  if (candidates == 0) return {};
  if (candidates == 1) {
    const auto only = std::find(scripts.begin(), scripts.end(), script) - scripts.begin();
    return {codes[static_cast<size_t>(only)], share};
  }
  Tally tally;
  Tally function_words;
  absl::flat_hash_map<std::string_view, size_t, Hash> times;
  size_t looked_at = 0;
  size_t for_pieces = 0;
  std::string framed;
  for (const Word& word : all) {
    if (word.script != script || word.is_number() || ++times[word.text] > kMaxRepeats) continue;
    if (looked_at == kMaxWords) break;
    ++looked_at;
    if (const auto found = words.find(word.text); found != words.end()) {
      tally.add(found->second);
      function_words.add(Evidence{found->second.languages, 1});
    }
    for (size_t i = 0; i < word.text.size();) {
      const char32_t letter = next_character(word.text, i);
      if (letter < 0x80) continue;
      if (const auto found = letters.find(letter); found != letters.end()) tally.add(found->second);
    }
    if (++for_pieces > kMaxPieceWords) continue;
    framed = '_' + word.text + '_';
    for (std::string_view left = framed; left.size() >= 2; left.remove_prefix(1)) {
      if (!piece_beginnings.test(beginning(left))) continue;
      for (size_t length = 2; length <= std::min(longest_piece, left.size()); ++length)
        if (const auto found = pieces.find(left.substr(0, length)); found != pieces.end()) tally.add(found->second);
    }
  }
  size_t best = 0;
  double best_bits = -1;
  double second_bits = 0;
  for (size_t i = 0; i < codes.size(); ++i) {
    if (scripts[i] != script) continue;
    if (tally[i] > best_bits) {
      second_bits = std::max(0.0, best_bits);
      best_bits = tally[i];
      best = i;
    } else {
      second_bits = std::max(second_bits, tally[i]);
    }
  }
  const double lead = best_bits - second_bits;
  if (looked_at < kMinWords || best_bits < kMinPerWord * static_cast<double>(looked_at) || lead < kMinLead) return {};
  if (function_words[best] < kMinFunctionWords * static_cast<double>(looked_at)) return {};
  return {codes[best], share * lead / (lead + kHalfLead)};
}

Languages::Languages() : profiles_(std::make_unique<Profiles>()) {}
Languages::Languages(Languages&&) noexcept = default;
Languages& Languages::operator=(Languages&&) noexcept = default;
Languages::~Languages() = default;

Result<Languages> Languages::parse(const std::vector<std::pair<std::string_view, std::string_view>>& files) try {
  Languages out;
  for (const auto& [name, content] : files) {
    const std::string code(name.substr(0, name.find('.')));
    if (auto ok = out.profiles_->add(code, YAML::Load(std::string(content))); !ok) return ok.error();
  }
  out.profiles_->weigh();
  return out;
} catch (const YAML::Exception& error) {
  return Error{"bad_language", error.what()};
}

Languages Languages::embedded() {
  const auto files = embedded_languages();
  return std::move(parse({files.begin(), files.end()}).value());
}

Language Languages::detect(const std::vector<Word>& words) const {
  ScriptWeights weights = weigh_scripts(words);
  double all = 0;
  for (const double weight : weights) all += weight;
  // Japanese is written in both: kana in what would else be Chinese make it Japanese.
  const double kana = at(weights, Script::kana);
  const double han = at(weights, Script::han);
  if (kana > 0.1 * (kana + han)) {
    at(weights, Script::kana) += han;
    at(weights, Script::han) = 0;
  }
  const auto most = static_cast<size_t>(std::max_element(weights.begin(), weights.end()) - weights.begin());
  const auto script = static_cast<Script>(most);
  if (all <= 0 || weights[most] < kMinScriptShare * all || weights[most] < kMinUnspacedLetters * letter_weight(script))
    return {};
  return profiles_->among(script, words, weights[most] / all);
}

bool Languages::is_function_word(const std::string& word, std::string_view language) const {
  const auto found = profiles_->words.find(word);
  if (found == profiles_->words.end()) return false;
  if (language.empty()) return true;
  const auto code = std::find(profiles_->codes.begin(), profiles_->codes.end(), language);
  return code != profiles_->codes.end() &&
         (found->second.languages >> static_cast<size_t>(code - profiles_->codes.begin()) & 1) != 0;
}

bool Languages::asks_for_language(std::string_view question) const {
  for (const auto& name : profiles_->substrings)
    if (question.find(name) != std::string_view::npos) return true;
  // Cyrillic names and Norwegian "norsken" inflect: the name may be the beginning of the word.
  for (const Word& word : words_of(question)) {
    const auto after = std::upper_bound(profiles_->names.begin(), profiles_->names.end(), word.text);
    if (after != profiles_->names.begin() && word.text.starts_with(*(after - 1))) return true;
  }
  return false;
}

std::optional<bool> is_wrong_language(const Languages& languages, std::string_view question, const Language& asked,
                                      const Language& answered) {
  if (asked.code.empty() || answered.code.empty()) return std::nullopt;
  if (asked.code == answered.code) return false;
  if (asked.confidence < kCertain || answered.confidence < kCertain || languages.asks_for_language(question))
    return std::nullopt;
  return true;
}

}  // namespace tidewatch
