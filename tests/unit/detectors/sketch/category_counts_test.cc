#include "detectors/sketch/category_counts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "detectors/sketch/serialized.h"
#include "unit/detectors/sketch/damage.h"

namespace tidewatch {
namespace {

TEST(CategoryCounts, CountExactlyWhileNamesFit) {
  CategoryCounts counts;
  for (int i = 0; i < 256 * 3; ++i) counts.add("c" + std::to_string(i % 256));
  EXPECT_EQ(counts.entries().size(), 256u);
  EXPECT_EQ(counts.weight_of("c17"), 3);
  EXPECT_EQ(counts.weight_of("unseen"), 0);
  EXPECT_EQ(counts.other(), 0);
  EXPECT_EQ(counts.total(), 768);
}

TEST(CategoryCounts, KeepTheHeavyNamesAndTheTotalWhenThereAreTooMany) {
  CategoryCounts counts;
  for (int i = 0; i < 10'000; ++i) {
    counts.add("noise-" + std::to_string(i));
    if (i % 4 == 0) counts.add("often");
  }
  EXPECT_EQ(counts.entries().size(), CategoryCounts::kMaxCategories);
  EXPECT_EQ(counts.weight_of("often"), 2500);
  EXPECT_EQ(counts.total(), 12'500);
  EXPECT_EQ(counts.other(), 12'500 - 2500 - 255);
}

TEST(CategoryCounts, MergeEqualsOneOfAllInAnyGrouping) {
  std::mt19937_64 random(4);
  CategoryCounts whole, a, b, c;
  for (int i = 0; i < 5000; ++i) {
    const std::string name = "name" + std::to_string(random() % 200);
    const double weight = random() % 4 == 0 ? 1 / 0.3 : 1;
    whole.add(name, weight);
    (i % 3 == 0 ? a : i % 3 == 1 ? b : c).add(name, weight);
  }
  CategoryCounts left = a, right = c;
  left.merge(b);
  left.merge(c);
  right.merge(b);
  right.merge(a);
  EXPECT_EQ(to_bytes(left), to_bytes(whole));
  EXPECT_EQ(to_bytes(right), to_bytes(whole));
}

TEST(CategoryCounts, MergeToTheSameBytesEitherWayBeyondTheBound) {
  CategoryCounts a, b;
  for (int i = 0; i < 250; ++i) {
    a.add("a" + std::to_string(i), 1 + i % 7);
    b.add((i % 2 == 0 ? "a" : "b") + std::to_string(i), 1 + i % 5);
  }
  CategoryCounts ab = a, ba = b;
  ab.merge(b);
  ba.merge(a);
  EXPECT_EQ(to_bytes(ab), to_bytes(ba));
  EXPECT_EQ(ab.total(), a.total() + b.total());
  EXPECT_GT(ab.other(), 0);
}

TEST(CategoryCounts, TakeBackWithdrawnOnes) {
  CategoryCounts counts;
  counts.add("model-a", -1);
  EXPECT_EQ(counts.total(), 0);
  EXPECT_TRUE(counts.top(5).empty());
  counts.add("model-a");
  EXPECT_TRUE(counts.empty());
}

TEST(CategoryCounts, ListTheHeaviestFirstAndEqualOnesByName) {
  CategoryCounts counts;
  counts.add("b", 2);
  counts.add("a", 2);
  counts.add("c", 5);
  counts.add("d", 1);
  const auto top = counts.top(3);
  ASSERT_EQ(top.size(), 3u);
  EXPECT_EQ(top[0].first, "c");
  EXPECT_EQ(top[1].first, "a");
  EXPECT_EQ(top[2].first, "b");
}

TEST(CategoryCounts, CutLongNamesAtACharacter) {
  CategoryCounts counts;
  std::string name;
  for (int i = 0; i < 100; ++i) name += "日";  // three bytes each: 200 is inside the 67th
  counts.add(name);
  ASSERT_EQ(counts.entries().size(), 1u);
  EXPECT_EQ(counts.entries()[0].first, name.substr(0, 198));
  EXPECT_EQ(counts.weight_of(name), 1);
}

TEST(CategoryCounts, ComeBackFromTheirBytes) {
  CategoryCounts counts;
  for (int i = 0; i < 400; ++i) counts.add("c" + std::to_string(i * i % 390), 0.5 + i);
  counts.add("", 3);
  const auto back = from_bytes<CategoryCounts>(to_bytes(counts));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->entries(), counts.entries());
  EXPECT_EQ(back->other(), counts.other());
}

TEST(CategoryCounts, RefuseAnotherVersion) {
  std::string bytes = to_bytes(CategoryCounts());
  bytes[0] = 5;
  EXPECT_EQ(from_bytes<CategoryCounts>(bytes).error().code, "unknown_version");
}

TEST(CategoryCounts, ReadDamagedBytesAsAnErrorOrAsSomeCounts) {
  CategoryCounts counts;
  for (int i = 0; i < 60; ++i) counts.add("category-" + std::to_string(i), 1 + i % 3 * 0.5);
  for_each_damage(to_bytes(counts), [&](const std::string& damaged) {
    auto back = from_bytes<CategoryCounts>(damaged);
    if (!back) return;
    back->merge(counts);
    EXPECT_TRUE(from_bytes<CategoryCounts>(to_bytes(*back)).ok());
  });
}

}  // namespace
}  // namespace tidewatch
