#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace tidewatch {

/// Appends little-endian values to a string: the serialised form of sketches, baselines and detector state.
/// Each format starts with its own version byte, so that an old state record is recognised and never misread.
class ByteWriter {
 public:
  template <typename T>
    requires std::is_arithmetic_v<T>
  void put(T value) {
    static_assert(std::endian::native == std::endian::little, "state is stored little-endian");
    char raw[sizeof(T)];
    std::memcpy(raw, &value, sizeof(T));
    out_.append(raw, sizeof(T));
  }
  void put_varint(uint64_t value) {
    while (value >= 0x80) {
      out_.push_back(static_cast<char>(value | 0x80));
      value >>= 7;
    }
    out_.push_back(static_cast<char>(value));
  }
  /// Zig-zag, so small negative numbers stay short.
  void put_signed(int64_t value) {
    put_varint((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
  }
  void put_string(std::string_view value) {
    put_varint(value.size());
    out_.append(value);
  }
  const std::string& bytes() const& { return out_; }
  std::string bytes() && { return std::move(out_); }

 private:
  std::string out_;
};

/// Reads what ByteWriter wrote. After a read past the end every value is zero and `ok()` is false: check once, at the
/// end. Lengths are bounded by what is left, so corrupt input cannot ask for more memory than it has bytes.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : left_(bytes) {}

  template <typename T>
    requires std::is_arithmetic_v<T>
  T get() {
    T value{};
    if (left_.size() < sizeof(T)) return fail(value);
    std::memcpy(&value, left_.data(), sizeof(T));
    left_.remove_prefix(sizeof(T));
    return value;
  }
  uint64_t get_varint() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
      const auto byte = static_cast<uint8_t>(left_.front());
      left_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return fail(uint64_t{0});
  }
  int64_t get_signed() {
    const uint64_t raw = get_varint();
    return static_cast<int64_t>(raw >> 1) ^ -static_cast<int64_t>(raw & 1);
  }
  std::string_view get_string() {
    const uint64_t size = get_varint();
    if (size > left_.size()) return fail(std::string_view{});
    const std::string_view value = left_.substr(0, size);
    left_.remove_prefix(size);
    return value;
  }
  /// A count of items that each take at least `min_bytes`: fails when they cannot fit in what is left.
  uint64_t get_count(size_t min_bytes = 1) {
    const uint64_t count = get_varint();
    return count > left_.size() / (min_bytes == 0 ? 1 : min_bytes) ? fail(uint64_t{0}) : count;
  }
  bool ok() const { return ok_; }
  bool at_end() const { return left_.empty(); }
  size_t left() const { return left_.size(); }

 private:
  template <typename T>
  T fail(T value) {
    ok_ = false;
    left_ = {};
    return value;
  }
  std::string_view left_;
  bool ok_ = true;
};

}  // namespace tidewatch
