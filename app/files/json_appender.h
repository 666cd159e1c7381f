#pragma once

#include <rapidjson/writer.h>

#include <string>

namespace tidewatch {

/// rapidjson's output stream over a string, to append JSON piece by piece without a document in memory.
struct JsonAppender {
  using Ch = char;
  std::string& out;
  void Put(char c) { out.push_back(c); }
  void Flush() {}
};
using JsonWriter = rapidjson::Writer<JsonAppender>;

}  // namespace tidewatch
