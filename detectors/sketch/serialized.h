#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "detectors/core/bytes.h"
#include "detectors/core/result.h"

namespace tidewatch {

/// Every sketch has `void serialize(ByteWriter&) const` and `static Result<S> deserialize(ByteReader&)`, and starts
/// with its own version byte. These two handle a sketch that is a message of its own.
template <typename Sketch>
std::string to_bytes(const Sketch& sketch) {
  ByteWriter out;
  sketch.serialize(out);
  return std::move(out).bytes();
}

/// Errors: `unknown_version`, and `corrupt` for anything else that serialize() cannot have written.
template <typename Sketch>
Result<Sketch> from_bytes(std::string_view bytes) {
  ByteReader in(bytes);
  auto sketch = Sketch::deserialize(in);
  if (sketch && !in.at_end()) return Error{"corrupt", fmt::format("{} bytes too many after a sketch", in.left())};
  return sketch;
}

inline Error corrupt(std::string_view what) {
  return Error{"corrupt", fmt::format("{}: the bytes are cut off or damaged", what)};
}

/// Takes the version byte of `what`; an Error unless it is from 1 to `newest`.
inline Result<uint8_t> expect_version(ByteReader& in, uint8_t newest, std::string_view what) {
  const auto found = in.get<uint8_t>();
  if (!in.ok()) return corrupt(what);
  if (found >= 1 && found <= newest) return found;
  return Error{"unknown_version", fmt::format("{}: version {} of the serialised form, this program reads {} and older",
                                              what, found, newest)};
}

}  // namespace tidewatch
