#include "detectors/core/bytes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>

namespace tidewatch {
namespace {

TEST(Bytes, NumbersComeBackAsWritten) {
  ByteWriter out;
  out.put(uint8_t{200});
  out.put(int32_t{-5});
  out.put(uint64_t{0xFEDC'BA98'7654'3210});
  out.put(-0.1);
  ByteReader in(out.bytes());
  EXPECT_EQ(in.get<uint8_t>(), 200);
  EXPECT_EQ(in.get<int32_t>(), -5);
  EXPECT_EQ(in.get<uint64_t>(), 0xFEDC'BA98'7654'3210);
  EXPECT_EQ(in.get<double>(), -0.1);
  EXPECT_TRUE(in.ok());
  EXPECT_TRUE(in.at_end());
}

TEST(Bytes, AreLittleEndian) {
  ByteWriter out;
  out.put(uint32_t{0x01020304});
  EXPECT_EQ(out.bytes(), std::string("\x04\x03\x02\x01", 4));
}

TEST(Bytes, VarintsComeBackAtEveryLength) {
  for (unsigned bit = 0; bit < 64; ++bit)
    for (const uint64_t value : {(uint64_t{1} << bit) - 1, uint64_t{1} << bit, ~uint64_t{0} >> bit}) {
      ByteWriter out;
      out.put_varint(value);
      ByteReader in(out.bytes());
      ASSERT_EQ(in.get_varint(), value);
      ASSERT_TRUE(in.ok() && in.at_end());
    }
}

TEST(Bytes, SmallSignedNumbersTakeOneByte) {
  for (const int64_t value : {-64, -1, 0, 63}) {
    ByteWriter out;
    out.put_signed(value);
    EXPECT_EQ(out.bytes().size(), 1u) << value;
    EXPECT_EQ(ByteReader(out.bytes()).get_signed(), value);
  }
}

TEST(Bytes, SignedNumbersComeBackAtTheEndsOfTheRange) {
  for (const int64_t value : {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}) {
    ByteWriter out;
    out.put_signed(value);
    EXPECT_EQ(ByteReader(out.bytes()).get_signed(), value);
  }
}

TEST(Bytes, StringsKeepZeroBytes) {
  ByteWriter out;
  out.put_string(std::string("a\0b", 3));
  out.put_string("");
  ByteReader in(out.bytes());
  EXPECT_EQ(in.get_string(), std::string("a\0b", 3));
  EXPECT_EQ(in.get_string(), "");
  EXPECT_TRUE(in.ok() && in.at_end());
}

TEST(Bytes, ReadingPastTheEndGivesZeroFromThenOn) {
  ByteReader in(std::string_view("\x01\x02\x03", 3));
  EXPECT_EQ(in.get<uint32_t>(), 0u);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.get<uint8_t>(), 0) << "the bytes that were left are not read as something else";
  EXPECT_EQ(in.get_string(), "");
  EXPECT_FALSE(in.ok());
}

TEST(Bytes, ACutVarintFails) {
  ByteReader in(std::string_view("\xFF\xFF", 2));
  EXPECT_EQ(in.get_varint(), 0u);
  EXPECT_FALSE(in.ok());
}

TEST(Bytes, AVarintOfMoreThanTenBytesFails) {
  const std::string endless(20, '\xFF');
  ByteReader in(endless);
  EXPECT_EQ(in.get_varint(), 0u);
  EXPECT_FALSE(in.ok());
}

TEST(Bytes, AStringLongerThanWhatIsLeftFails) {
  ByteWriter out;
  out.put_varint(1'000'000'000'000);
  out.put(uint8_t{1});
  ByteReader in(out.bytes());
  EXPECT_EQ(in.get_string(), "");
  EXPECT_FALSE(in.ok());
}

TEST(Bytes, ACountThatCannotFitFails) {
  ByteWriter out;
  out.put_varint(3);
  for (int i = 0; i < 11; ++i) out.put(uint8_t{0});
  EXPECT_EQ(ByteReader(out.bytes()).get_count(3), 3u);
  ByteReader in(out.bytes());
  EXPECT_EQ(in.get_count(4), 0u);
  EXPECT_FALSE(in.ok());
}

TEST(Bytes, AnyBytesAreReadWithoutHarm) {
  std::mt19937_64 random(17);
  for (int round = 0; round < 5000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    ByteReader in(bytes);
    size_t left = in.left();
    for (int read = 0; read < 20; ++read) {
      switch (random() % 4) {
        case 0:
          ASSERT_LE(in.get_string().size(), left);
          break;
        case 1:
          static_cast<void>(in.get_signed());
          break;
        case 2:
          ASSERT_LE(in.get_count(2) * 2, left);
          break;
        default:
          static_cast<void>(in.get<double>());
      }
      ASSERT_LE(in.left(), left);
      left = in.left();
    }
  }
}

}  // namespace
}  // namespace tidewatch
