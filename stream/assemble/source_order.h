#pragma once

#include <string_view>
#include <tuple>

#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// Of the positions of copies of one thing, the smallest is shown: whichever copy came first.
inline bool comes_before(const v1::Source& a, const v1::Source& b) {
  return std::tuple(std::string_view(a.topic()), a.partition(), a.offset()) <
         std::tuple(std::string_view(b.topic()), b.partition(), b.offset());
}

}  // namespace tidewatch
