#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace tidewatch::fuzz {

/// Damages messages as networks, disks, old writers and attackers do: bits and bytes flipped, cut short, pieces
/// removed, repeated and taken from another message, lengths and numbers at the ends of their ranges, nesting without
/// end. The same seed does the same.
class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  /// `bytes` with one to eight changes. `other`: a message that pieces may come from.
  std::string operator()(std::string bytes, std::string_view other);

  uint64_t below(uint64_t end) { return random_() % end; }  ///< pre: end > 0
  bool one_in(uint64_t times) { return below(times) == 0; }

 private:
  void change(std::string& bytes, std::string_view other);
  size_t place_in(std::string_view bytes) { return bytes.empty() ? 0 : below(bytes.size()); }
  std::string_view piece_of(std::string_view bytes);

  std::mt19937_64 random_;
};

}  // namespace tidewatch::fuzz
