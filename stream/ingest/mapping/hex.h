#pragma once

#include <boost/algorithm/hex.hpp>
#include <iterator>
#include <string>
#include <string_view>

namespace tidewatch {

/// Lower-case hexadecimal of bytes: how trace and span ids are shown and keyed.
inline std::string to_hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  boost::algorithm::hex_lower(bytes.begin(), bytes.end(), std::back_inserter(out));
  return out;
}

}  // namespace tidewatch
