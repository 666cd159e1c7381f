#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "detectors/core/result.h"
#include "stream/evaluate/judge/judged_texts.h"
#include "stream/evaluate/judge/ruling.h"

namespace tidewatch {

/// What a ruling depends on: model, prompt version, all of the rubric and the texts as they were sent. 16 bytes
/// (XXH3-128); who writes answers could not choose two with the same one but by work on purpose.
std::string content_key(const std::string& model, const Rubric& rubric, const JudgedTexts& ready);

/// Rulings and spending in a SQLite file, so that a restart pays for nothing twice and knows what today has cost. Texts
/// are not in it, but reasons are, masked.
class RulingStore {
 public:
  /// Errors: `open_failed`.
  static Result<std::unique_ptr<RulingStore>> open(const std::string& path);
  ~RulingStore();
  RulingStore(const RulingStore&) = delete;
  RulingStore& operator=(const RulingStore&) = delete;

  std::optional<Ruling> find(const std::string& key) const;
  void put(const std::string& key, const Ruling& ruling);  ///< a full disk is no error: it is asked again then
  double spent_on(int64_t day) const;                      ///< USD; days since 1970, UTC
  void add_spent(int64_t day, double usd);

 private:
  struct Impl;
  explicit RulingStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Rulings by content: the latest used `entries` in memory, all in the store where there is one (it may be null).
class RulingCache {
 public:
  RulingCache(size_t entries, RulingStore* store) : entries_(entries), store_(store) {}
  std::optional<Ruling> find(const std::string& key);
  void put(const std::string& key, const Ruling& ruling);

 private:
  void remember(const std::string& key, const Ruling& ruling);
  size_t entries_;
  RulingStore* store_;
  std::list<std::pair<std::string, Ruling>> by_use_;  ///< the latest first
  std::unordered_map<std::string, decltype(by_use_)::iterator> by_key_;
};

}  // namespace tidewatch
