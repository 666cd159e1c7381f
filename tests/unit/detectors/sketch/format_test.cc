// The serialised forms as they were first published. State topics hold them for long: a change here needs a new version
// byte, and a reader that still knows this one.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "detectors/sketch/aggregate.h"
#include "detectors/sketch/heavy_hitters.h"
#include "detectors/sketch/serialized.h"

namespace tidewatch {
namespace {

std::string hex(const std::string& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char byte : bytes) {
    out += kDigits[static_cast<unsigned char>(byte) >> 4];
    out += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return out;
}

std::string bytes(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}

Exemplar exemplar() {
  return {"0123456789abcdef", 0, "otlp_spans", 3, 4711, Timestamp(Duration(1'700'000'000'000'000'000))};
}

TEST(SerialisedForm, OfARateIsThatOfVersion1) {
  Aggregate aggregate(MeasureKind::rate);
  const auto e = exemplar();
  for (int i = 0; i < 50; ++i) aggregate.add_trial(i < 3, 1, &e);
  EXPECT_EQ(
      hex(aggregate.serialize()),
      "0120c8010c010a6f746c705f7370616e73011030313233343536373839616263646566000000000000f03f0006ce498080d0e2c6bfce97"
      "2f00");
}

TEST(SerialisedForm, OfAWeightedRateIsThatOfVersion2) {
  Aggregate aggregate(MeasureKind::rate);
  const auto e = exemplar();
  for (int i = 0; i < 50; ++i) aggregate.add_trial(i < 3, i == 7 ? 2.5 : 1.0, &e);
  EXPECT_EQ(hex(aggregate.serialize()),
            "0260828080670c0c8280c068010a6f746c705f7370616e73011030313233343536373839616263646566000000000000f0"
            "3f0006ce498080d0e2c6bfce972f00");
}

TEST(SerialisedForm, OfAWeightedRateIsStillReadInVersion1) {
  const auto aggregate = Aggregate::deserialize(
      bytes("0160828080670c8280c06e010a6f746c705f7370616e73011030313233343536373839616263646566000000000000f0"
            "3f0006ce498080d0e2c6bfce972f00"));
  ASSERT_TRUE(aggregate.ok());
  EXPECT_EQ(aggregate->weight(), 51.5);
  EXPECT_EQ(aggregate->observe().value, 3 / 51.5);
  EXPECT_NEAR(aggregate->observe().trials, 51.5 * 51.5 / (49 + 6.25), 0.1);  // Kish
}

TEST(SerialisedForm, OfADistributionIsThatOfVersion1) {
  Aggregate aggregate(MeasureKind::distribution);
  for (const double value : {0.0, 0.25, 0.25, 3.0, 1000.0, -1.5}) aggregate.add_value(value);
  EXPECT_EQ(hex(aggregate.serialize()),
            "0111000101182000008080c0fa01002000008080ec92017a000000000000f8bf0000000000408f400101010204038b01"
            "087c04a402040100012804");
}

TEST(SerialisedForm, OfASumIsThatOfVersion2) {
  Aggregate aggregate(MeasureKind::sum);
  for (const double value : {1.0, 1.0, 250.0}) aggregate.add_value(value, value == 250 ? 0.5 : 1);
  EXPECT_EQ(hex(aggregate.serialize()),
            "0112000203828080052000008080e01f00200000808080851d028280c0042000008080e0bd0101200000ffffcf0f0000"
            "0000000000f03f0000000000406f40");
}

TEST(SerialisedForm, OfASumIsStillReadInVersion1) {
  const auto aggregate = Aggregate::deserialize(
      bytes("0112000103828080052000008080e01f00200000808080851d028280c0042000008080e0bd0101000000"
            "000000f03f0000000000406f40"));
  ASSERT_TRUE(aggregate.ok());
  EXPECT_EQ(aggregate->observe().value, 127);
  EXPECT_EQ(aggregate->observe().variance, 1 + 1 + 125.0 * 125);
}

TEST(SerialisedForm, OfFewDistinctKeysIsThatOfVersion1) {
  Aggregate aggregate(MeasureKind::distinct);
  for (uint64_t key = 0; key < 5; ++key) aggregate.add_key(key);
  EXPECT_EQ(hex(aggregate.serialize()), "011300010005289981a32dc1a8dbbd01ffd9a133c0b88db303");
}

TEST(SerialisedForm, OfACompositionIsThatOfVersion1) {
  Aggregate aggregate(MeasureKind::composition);
  aggregate.add_category("stop", 40);
  aggregate.add_category("length", 1.25);
  EXPECT_EQ(hex(aggregate.serialize()), "011400010002066c656e6774688280c0020473746f70a001");
}

TEST(SerialisedForm, OfHeavyHittersIsThatOfVersion1) {
  HeavyHitters sketch(2);
  for (const char* key : {"a", "b", "a", "c", "a"}) sketch.add(key);
  EXPECT_EQ(hex(to_bytes(sketch)), "010214040201610c0c01630804");
}

}  // namespace
}  // namespace tidewatch
