#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/result.h"

namespace tidewatch {

/// Something that a model is asked, with what is known of a good answer.
struct TestItem {
  struct Message {
    std::string role;  ///< "system", "user" or "assistant"
    std::string content;

    bool operator==(const Message&) const = default;
  };
  std::string id;                      ///< unique in the set; of content_id() where nobody gave one
  std::vector<Message> messages;       ///< the last one is the user's
  std::vector<std::string> documents;  ///< that the answer shall rest on
  std::string schema;                  ///< JSON Schema that the answer shall fulfil; empty: none
  std::vector<std::string> ideals;     ///< good answers; may be none
  std::string answer;                  ///< what production answered; empty: unknown
  std::map<std::string, std::string> labels;
  std::string trace_id;           ///< hex, where it comes from production
  std::vector<std::string> tags;  ///< "sampled", "reported", "reviewed", names of sampling targets
  double weight = 1;  ///< requests of production that it stands for; 0: it was sought out and stands for none

  bool operator==(const TestItem&) const = default;
};

/// 32 hex digits of what is asked: messages, documents and schema.
std::string content_id(const TestItem& item);

/// A set of items with a name and a version, so that two runs can be said to be of the same.
struct TestSet {
  std::string name;
  uint32_t version = 1;
  std::vector<TestItem> items;

  /// 32 hex digits of all items as they are written.
  std::string digest() const;
};

// A file of JSON lines (.gz and .zst too): first `{"tidewatch_testset": 1, "name", "version", "items", "digest"}`, then
// an item a line.
/// Errors: `open_failed`; `bad_data` naming file and line: no JSON, another format, an item without a question, an id
/// twice, and items that are not those of the first line (somebody changed the file: import makes a new version of it).
Result<TestSet> read_test_set(const std::string& path);
/// Errors: `open_failed`, `write_failed`.
Status write_test_set(const TestSet& set, const std::string& path);

}  // namespace tidewatch
