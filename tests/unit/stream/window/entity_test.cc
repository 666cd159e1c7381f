#include "stream/window/entity.h"

#include <gtest/gtest.h>

namespace tidewatch {
namespace {

const Labels kLabels{{"service", "shop"}, {"endpoint", "/a,b=c\\d"}, {"model", "gpt-x"}};

TEST(EntityKey, ReadsBackToItsLabelsWhateverTheyContain) {
  const auto key = entity_key({"service", "endpoint", "model"}, kLabels);
  const auto labels = parse_entity_key(key);
  ASSERT_TRUE(labels.ok());
  EXPECT_EQ(*labels, kLabels);
}

TEST(EntityKey, IsEmptyWhenALabelOfTheGroupIsMissing) { EXPECT_EQ(entity_key({"service", "segment"}, kLabels), ""); }

TEST(EntityKey, TakesTheModelOfTheCallInsteadOfTheRequests) {
  EXPECT_EQ(entity_key({"service", "model"}, kLabels, "other"), "service=shop,model=other");
}

TEST(EntityKey, GarbageIsAnErrorThatQuotesIt) {
  for (const char* garbage : {"", "service", "service=", "=x", "a=b,"}) {
    const auto parsed = parse_entity_key(garbage);
    ASSERT_FALSE(parsed.ok()) << garbage;
    EXPECT_EQ(parsed.error().code, "bad_entity");
  }
}

}  // namespace
}  // namespace tidewatch
