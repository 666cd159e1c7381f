#include "stream/evaluate/hallucination/context_index.h"

#include <algorithm>
#include <cmath>

#include "stream/evaluate/hallucination/claims.h"
#include "stream/signals/stem.h"

namespace tidewatch {
namespace {

constexpr double kMinLikeness = 0.6;
constexpr size_t kMinLikeBytes = 5;  ///< shorter words are alike by chance

uint64_t pair_key(uint64_t first, uint64_t second) { return first * 0x9E3779B97F4A7C15ULL + second; }

char32_t first_character(std::string_view text) {
  size_t at = 0;
  return next_character(text, at);
}

std::vector<uint16_t> byte_pairs(std::string_view text) {
  std::vector<uint16_t> out;
  for (size_t i = 0; i + 1 < text.size(); ++i)
    out.push_back(
        static_cast<uint16_t>(static_cast<unsigned char>(text[i]) << 8 | static_cast<unsigned char>(text[i + 1])));
  std::sort(out.begin(), out.end());
  return out;
}

double dice(const std::vector<uint16_t>& a, std::string_view other) {
  const auto b = byte_pairs(other);
  size_t common = 0;
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
    if (*i == *j) {
      ++common;
      ++i;
      ++j;
    } else {
      *i < *j ? ++i : ++j;
    }
  }
  return 2 * static_cast<double>(common) / static_cast<double>(a.size() + b.size());
}

}  // namespace

ContextIndex::ContextIndex(std::span<const std::string> documents, const Languages& languages, size_t max_bytes) {
  std::vector<Word> beginning;
  for (const std::string& document : documents) {
    for (std::string& sentence : whole_sentences(document, max_bytes)) {
      words_.push_back(words_of(sentence, sentence.size()));
      sentences_.push_back(std::move(sentence));
      if (beginning.size() < 300) beginning.insert(beginning.end(), words_.back().begin(), words_.back().end());
    }
    max_bytes -= std::min(max_bytes, document.size());
  }
  language_ = languages.detect(beginning).code;
  for (uint32_t i = 0; i < sentences_.size(); ++i) add_sentence(languages, i);
}

void ContextIndex::add_sentence(const Languages& languages, uint32_t index) {
  const auto add = [&](uint64_t key) {
    auto& places = places_[key];
    if (places.empty() || places.back() != index) places.push_back(index);
    return places.size() == 1;
  };
  for (const Word& word : words_[index]) {
    add(term_key(stem_of(word)));
    const bool is_new = add(term_key(word.text));
    if (is_new && word.text.size() >= kMinLikeBytes)
      by_first_character_[first_character(word.text)].push_back(word.text);
  }
  uint64_t before = 0;
  for (const Term& term : terms_of(words_[index], languages, language_)) {
    if (term.kind == TermKind::word && is_unspaced(script_of(first_character(term.text)))) add(term.key);
    if (before != 0) neighbours_.insert(pair_key(before, term.stem));
    before = term.stem;
  }
}

std::span<const uint32_t> ContextIndex::places(const Term& term) const {
  const auto found = places_.find(term.key);
  return found == places_.end() ? std::span<const uint32_t>() : std::span<const uint32_t>(found->second);
}

double ContextIndex::likeness(const Term& term) const {
  if (has(term)) return 1;
  if (term.kind != TermKind::word || term.text.size() < kMinLikeBytes) return 0;
  const auto candidates = by_first_character_.find(first_character(term.text));
  if (candidates == by_first_character_.end()) return 0;
  const auto pairs = byte_pairs(term.text);
  double best = 0;
  for (const std::string& word : candidates->second) {
    const size_t longer = std::max(word.size(), term.text.size());
    if (2 * std::min(word.size(), term.text.size()) < longer) continue;
    best = std::max(best, dice(pairs, word));
  }
  return best >= kMinLikeness ? best : 0;
}

bool ContextIndex::are_neighbours(const Term& first, const Term& second) const {
  return neighbours_.contains(pair_key(first.stem, second.stem));
}

double ContextIndex::weight(const Term& term) const {
  const double all = static_cast<double>(size()) + kOtherSentences + 1;
  return std::log(all / (static_cast<double>(places(term).size()) + 1));
}

}  // namespace tidewatch
