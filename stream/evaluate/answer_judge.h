#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "stream/evaluate/sample_book.h"
#include "stream/evaluate/trace_texts.h"
#include "tidewatch/v1/evaluation.pb.h"

namespace tidewatch {

/// What became of an answer that was given to a judge.
struct JudgedAnswer {
  std::string trace_id;         ///< 16 raw bytes
  bool is_counted = false;      ///< part of the sample; else only looked at
  std::string judge;            ///< name of its rule
  std::string unjudged;         ///< why it was not judged; empty: it was
  v1::EvaluationEvent event{};  ///< of a judged one; without a time
};

/// Judges answers sooner or later: a model elsewhere takes its time, and may be away for hours. Nothing blocks.
class AnswerJudge {
 public:
  virtual ~AnswerJudge() = default;

  /// How many JudgedAnswers of it will come, one of each judge that it falls to. `owner`: whom they are for.
  virtual size_t submit(const void* owner, const AnsweredTexts& texts, const std::map<std::string, std::string>& labels,
                        const ChosenRequest& chosen) = 0;
  /// Moves all on, and gives what is done of this owner's.
  virtual std::vector<JudgedAnswer> collect(const void* owner) = 0;
  /// The owner is gone: nobody waits for what it submitted.
  virtual void forget(const void* owner) = 0;
};

}  // namespace tidewatch
