#include "stream/evaluate/judge/ruling_cache.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <array>
#include <string_view>

#include "stream/evaluate/judge/prompt.h"

namespace tidewatch {

std::string content_key(const std::string& model, const Rubric& rubric, const JudgedTexts& ready) {
  std::string all;
  const auto add = [&](std::string_view part) { all += fmt::format("{}:{};", part.size(), part); };
  for (const std::string_view part : {std::string_view(model), kPromptVersion, std::string_view(rubric.name),
                                      std::string_view(rubric.version), std::string_view(rubric.ask)})
    add(part);
  for (const std::string& level : rubric.levels) add(level);
  add("texts");
  add(ready.question);
  add(ready.answer);
  add(ready.other_answer);
  for (const std::string& document : ready.documents) add(document);
  XXH128_canonical_t out;
  XXH128_canonicalFromHash(&out, XXH3_128bits(all.data(), all.size()));
  return {reinterpret_cast<const char*>(out.digest), sizeof(out.digest)};
}

std::optional<Ruling> RulingCache::find(const std::string& key) {
  if (const auto known = by_key_.find(key); known != by_key_.end()) {
    by_use_.splice(by_use_.begin(), by_use_, known->second);
    return known->second->second;
  }
  if (store_ == nullptr) return std::nullopt;
  auto stored = store_->find(key);
  if (stored) remember(key, *stored);
  return stored;
}

void RulingCache::put(const std::string& key, const Ruling& ruling) {
  if (store_ != nullptr) store_->put(key, ruling);
  remember(key, ruling);
}

void RulingCache::remember(const std::string& key, const Ruling& ruling) {
  if (entries_ == 0) return;
  if (const auto known = by_key_.find(key); known != by_key_.end()) {
    known->second->second = ruling;
    return;
  }
  by_use_.emplace_front(key, ruling);
  by_key_[key] = by_use_.begin();
  if (by_use_.size() <= entries_) return;
  by_key_.erase(by_use_.back().first);
  by_use_.pop_back();
}

}  // namespace tidewatch
