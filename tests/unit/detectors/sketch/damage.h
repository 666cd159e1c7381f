#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace tidewatch {

/// Calls read(bytes) with every prefix of `good` (thinned out when long) and with 2,000 mutations under a fixed seed:
/// flipped bits, bytes replaced, inserted and removed, pieces repeated. Returns the number of calls.
template <typename Read>
size_t for_each_damage(const std::string& good, Read read) {
  size_t calls = 0;
  const size_t step = 1 + good.size() / 400;
  for (size_t size = 0; size < good.size(); size += step, ++calls) read(good.substr(0, size));
  std::mt19937_64 random(20240611);
  for (int round = 0; round < 2000; ++round, ++calls) {
    std::string bytes = good;
    for (uint64_t changes = 1 + random() % 4; changes > 0 && !bytes.empty(); --changes) {
      const size_t at = random() % bytes.size();
      switch (random() % 5) {
        case 0:
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
          break;
        case 1:
          bytes[at] = static_cast<char>(random() % 2 == 0 ? 0xFF : random() % 256);
          break;
        case 2:
          bytes.insert(at, 1, static_cast<char>(random() % 256));
          break;
        case 3:
          bytes.erase(at, 1 + random() % 8);
          break;
        default:
          bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 16));
      }
    }
    read(bytes);
  }
  return calls;
}

}  // namespace tidewatch
