#pragma once

#include <deque>
#include <string>
#include <string_view>

namespace tidewatch {

/// `text` with U+FFFD for every byte that belongs to no UTF-8 sequence; valid text comes back as it is.
std::string repaired_utf8(std::string_view text);

/// Texts of one message that had to be repaired. Exporters cut long attribute values after a number of bytes, in the
/// middle of a character; protobuf and JSON take only UTF-8, so without a repair such a value would cost its message.
class Utf8Repair {
 public:
  /// `text` itself when it is UTF-8, else a repaired copy that lives until clear().
  std::string_view operator()(std::string_view text);
  bool empty() const { return kept_.empty(); }
  void clear() { kept_.clear(); }

 private:
  std::deque<std::string> kept_;  // addresses stay
};

}  // namespace tidewatch
