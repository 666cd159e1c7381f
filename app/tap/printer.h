#pragma once

#include <memory>
#include <string>

#include "app/config/config.h"
#include "app/tap/input_items.h"
#include "stream/runtime/record.h"

namespace tidewatch::tap {

enum class Format : uint8_t { text, json };

/// Turns records of any topic of Tidewatch into lines.
class Printer {
 public:
  Printer(const ObserveOptions& options, std::shared_ptr<const DialectTable> table, Format format)
      : inputs_(options, std::move(table)), format_(format) {}

  /// Lines of the record, each with its line end; empty for what is no record of the stream's own (watermark marks).
  /// JSON: one object a line: {"topic", "partition", "offset", "time", "key", "value"}.
  std::string print(const Record& record);

 private:
  std::vector<Item> items(const Record& record);

  InputReader inputs_;
  Format format_;
};

/// "quality-scores": how a stream is named on the command line.
std::string argument_of(Stream stream);

}  // namespace tidewatch::tap
