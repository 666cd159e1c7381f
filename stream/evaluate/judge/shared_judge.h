#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "stream/evaluate/answer_judge.h"
#include "stream/evaluate/judge/judge.h"

namespace tidewatch {

/// One judge for all tasks of a process, so that its limits and its cap are those of the process. Thread-safe.
class SharedJudge final : public AnswerJudge {
 public:
  explicit SharedJudge(std::unique_ptr<Judge> judge) : judge_(std::move(judge)) {}

  size_t submit(const void* owner, const AnsweredTexts& texts, const std::map<std::string, std::string>& labels,
                const ChosenRequest& chosen) override;
  std::vector<JudgedAnswer> collect(const void* owner) override;
  void forget(const void* owner) override;

 private:
  using Key = std::pair<std::string, bool>;  ///< trace id, part of the sample
  struct Awaited {
    const void* owner = nullptr;
    size_t left = 0;  ///< judgements to come
  };

  std::mutex mutex_;
  std::unique_ptr<Judge> judge_;
  std::map<Key, Awaited> awaited_;
  std::map<const void*, std::vector<JudgedAnswer>> done_;
};

}  // namespace tidewatch
