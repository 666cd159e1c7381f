#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "app/evaluate/read_sample.h"
#include "app/testset/test_set.h"

namespace tidewatch {

struct CreateRequest {
  Config config;        ///< `sampling` says who is chosen, `validators` whose answers are tagged as failed
  BacktestFiles files;  ///< production
  std::string reviews;  ///< file of evaluations by people; every answer that has one is taken. Empty: none
  std::string name;
  size_t size = 0;                  ///< most items of the sample; 0: all that were chosen
  std::optional<TestSet> previous;  ///< the new one is its next version: its items, and then new ones
};

struct CreateReport {
  TestSet set;
  SampleCounts sample;
  uint64_t added = 0;
  uint64_t known = 0;           ///< asked the same as an item that is there already
  uint64_t without_answer = 0;  ///< no answer was recorded, or no question
  uint64_t over_size = 0;
  uint64_t unread_reviews = 0;  ///< lines that are no evaluations of a trace
  uint64_t reviewed = 0;        ///< traces with a review that were found
  uint64_t missing = 0;         ///< traces with a review that are not in the files
};

/// Makes a test set of what production was asked: a sample, what users reported, what validators failed, what people
/// reviewed. Personal data and secrets are masked. An item of the sample stands for 1 / probability requests, and for
/// more where several asked the same or `size` leaves others out; what was sought out stands for none.
/// Errors: those of read_sample(), `open_failed` for the reviews, of a validator.
Result<CreateReport> create_test_set(const CreateRequest& request, const std::function<void(double)>& on_progress);

}  // namespace tidewatch
