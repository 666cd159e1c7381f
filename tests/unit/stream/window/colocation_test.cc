#include "stream/window/colocation.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "stream/runtime/partitioner.h"

namespace tidewatch {
namespace {

const EntityGroup kDefault = default_colocation();

TEST(Colocation, RelativesShareWhatDecidesTheirPartition) {
  const std::string endpoint = "service=shop,endpoint=/chat";
  EXPECT_EQ(colocation_key(kDefault, endpoint), endpoint);
  EXPECT_EQ(colocation_key(kDefault, "service=shop,endpoint=/chat,variant=canary"), endpoint);
  EXPECT_EQ(colocation_key(kDefault, "service=shop,endpoint=/chat,model=gpt-x"), endpoint);
  EXPECT_EQ(colocation_key(kDefault, "model=gpt-x,endpoint=/chat,service=shop"), endpoint) << "whatever their order";
  EXPECT_EQ(colocation_key(kDefault, "service=shop"), "service=shop") << "has but one of the labels";
  EXPECT_EQ(colocation_key(kDefault, "service=shop,segment=pro"), "service=shop");
}

TEST(Colocation, WhatHasNoneOfTheLabelsGoesByItsWholeKey) {
  EXPECT_EQ(colocation_key(kDefault, "user=7,session=3"), "user=7,session=3");
}

TEST(Colocation, ValuesStayEscaped) {
  const std::string key =
      entity_key({"service", "endpoint", "variant"}, {{"service", "a,b"}, {"endpoint", "/x=1"}, {"variant", "v\\1"}});
  EXPECT_EQ(colocation_key(kDefault, key), entity_key(kDefault, {{"service", "a,b"}, {"endpoint", "/x=1"}}));
}

TEST(Colocation, SiblingsDifferInTheLastLabelThatDoesNotDecideThePartition) {
  EXPECT_EQ(sibling_label(kDefault, {"service", "endpoint", "variant"}), "variant");
  EXPECT_EQ(sibling_label(kDefault, {"variant", "service", "endpoint"}), "variant");
  EXPECT_EQ(sibling_label(kDefault, {"service", "endpoint", "model", "variant"}), "variant");
  EXPECT_EQ(sibling_label(kDefault, {"service", "segment"}), "segment");
  EXPECT_EQ(sibling_label(kDefault, {"service", "endpoint"}), "") << "other endpoints are judged elsewhere";
  EXPECT_EQ(sibling_label(kDefault, {"user", "session"}), "") << "so are those that share no label";
  EXPECT_EQ(sibling_label({"service"}, {"service", "endpoint"}), "endpoint");
}

TEST(Colocation, EndpointsSpreadOverThePartitions) {
  constexpr int32_t kPartitions = 12;
  std::map<int32_t, int> load;
  for (int service = 0; service < 30; ++service)
    for (int endpoint = 0; endpoint < 20; ++endpoint) {
      const std::string key =
          entity_key({"service", "endpoint", "variant"}, {{"service", "s" + std::to_string(service)},
                                                          {"endpoint", "/e" + std::to_string(endpoint)},
                                                          {"variant", "stable"}});
      ++load[partition_of(colocation_key(kDefault, key), kPartitions)];
    }
  ASSERT_EQ(load.size(), static_cast<size_t>(kPartitions));
  // 50 each, give or take three standard deviations of chance.
  for (const auto& [partition, endpoints] : load) EXPECT_NEAR(endpoints, 50, 21) << partition;
}

}  // namespace
}  // namespace tidewatch
