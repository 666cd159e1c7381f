#pragma once

#include <cstdint>
#include <string>

#include "app/testset/test_set.h"

namespace tidewatch {

struct ImportedSet {
  TestSet set;            ///< of a test set of our own its name, and the version that follows
  bool has_name = false;  ///< the file said one
};

/// Reads items of any shape (item_json.h), one a line, or in an array or under `data` of a document; a test set of our
/// own also where it was changed by hand. Errors: `open_failed`, `bad_data` naming file and line.
Result<ImportedSet> import_test_set(const std::string& path);

enum class SetShape : uint8_t { openai_evals, langfuse };

/// One item a line. Errors: `open_failed`, `write_failed`.
Status export_test_set(const TestSet& set, SetShape shape, const std::string& path);

}  // namespace tidewatch
