#include "stream/signals/repetition.h"

#include <xxhash.h>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "stream/signals/own_text.h"
#include "stream/signals/words.h"

namespace tidewatch {
namespace {

constexpr size_t kMinLoopWords = 20;
constexpr size_t kMinRounds = 4;
constexpr double kMinLoopShare = 0.3;
constexpr size_t kMinSentenceWords = 5;
constexpr double kMinRepeatedShare = 0.5;
constexpr size_t kSeed = 4;  ///< words that must have been there before for a loop to be looked for

struct Token {
  uint64_t hash;
  bool has_letters;
  bool starts_sentence;
};

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> out;
  for (const Word& word : words_of(text))
    out.push_back({XXH3_64bits(word.text.data(), word.text.size()), !word.is_number(), word.starts_sentence});
  return out;
}

/// A maximal stretch in which every word equals the one `period` words before it.
struct Loop {
  size_t begin = 0;  ///< first word of the first round
  size_t end = 0;
  size_t period = 0;
};

bool counts(const Loop& loop, const std::vector<Token>& tokens) {
  const size_t length = loop.end - loop.begin;
  if (length < kMinLoopWords || length < kMinRounds * loop.period) return false;
  const bool reaches_end = loop.end + loop.period >= tokens.size();
  if (!reaches_end && static_cast<double>(length) < kMinLoopShare * static_cast<double>(tokens.size())) return false;
  for (size_t i = loop.begin; i < loop.begin + loop.period; ++i)
    if (tokens[i].has_letters) return true;
  return false;
}

bool has_loop(const std::vector<Token>& tokens) {
  if (tokens.size() < kMinLoopWords) return false;
  std::unordered_map<uint64_t, size_t> seen;  // hash of kSeed words -> where they ended last
  seen.reserve(tokens.size());
  Loop loop;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (loop.period != 0 && tokens[i].hash == tokens[i - loop.period].hash) {
      loop.end = i + 1;
    } else if (loop.period != 0) {
      if (counts(loop, tokens)) return true;
      loop = {};
    }
    if (i + 1 < kSeed) continue;
    uint64_t hash = 0;
    for (size_t k = i + 1 - kSeed; k <= i; ++k) hash = hash * 0x9E3779B97F4A7C15ULL + tokens[k].hash;
    const auto [before, is_new] = seen.try_emplace(hash, i);
    if (!is_new && loop.period == 0) {
      const size_t period = i - before->second;
      size_t begin = i + 1 - kSeed;  // reach back: the seed need not be where the loop began
      while (begin > period && tokens[begin - 1].hash == tokens[begin - 1 - period].hash) --begin;
      loop = {begin - period, i + 1, period};
    }
    before->second = i;
  }
  return loop.period != 0 && counts(loop, tokens);
}

bool repeats_sentences(const std::vector<Token>& tokens) {
  std::unordered_set<uint64_t> seen;
  size_t repeated = 0;
  for (size_t begin = 0; begin < tokens.size();) {
    size_t end = begin + 1;
    uint64_t hash = tokens[begin].hash;
    for (; end < tokens.size() && !tokens[end].starts_sentence; ++end)
      hash = hash * 0x9E3779B97F4A7C15ULL + tokens[end].hash;
    if (end - begin >= kMinSentenceWords && !seen.insert(hash).second) repeated += end - begin;
    begin = end;
  }
  return repeated >= kMinLoopWords &&
         static_cast<double>(repeated) >= kMinRepeatedShare * static_cast<double>(tokens.size());
}

}  // namespace

bool is_repetitive(std::string_view text) {
  const auto tokens = tokens_of(without_code_and_tables(text));
  return has_loop(tokens) || repeats_sentences(tokens);
}

}  // namespace tidewatch
