#include "stream/publish/cloud_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace tidewatch {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::map<std::string, std::string> as_map(const std::vector<Header>& headers) {
  std::map<std::string, std::string> out;
  for (const auto& header : headers) EXPECT_TRUE(out.emplace(header.name, header.value).second) << header.name;
  return out;
}

TEST(CloudEvents, BinaryModeHeadersCarryAllRequiredAttributes) {
  const CloudEvent event{"tidewatch.alert.fired", "/tidewatch/detect", "a1/fired", "a1",
                         Timestamp(std::chrono::seconds(1'767'225'600))};
  EXPECT_THAT(
      as_map(cloud_event_headers(event, WireFormat::json)),
      ElementsAre(Pair("ce_id", "a1/fired"), Pair("ce_source", "/tidewatch/detect"), Pair("ce_specversion", "1.0"),
                  Pair("ce_subject", "a1"), Pair("ce_time", "2026-01-01T00:00:00Z"),
                  Pair("ce_type", "tidewatch.alert.fired"), Pair("content-type", "application/json")));
}

TEST(CloudEvents, ContentTypeFollowsTheWireFormatAndAnEmptySubjectIsLeftOut) {
  const auto headers = as_map(cloud_event_headers({"t", "/s", "i", "", Timestamp{}}, WireFormat::protobuf));
  EXPECT_EQ(headers.at("content-type"), "application/protobuf");
  EXPECT_EQ(headers.count("ce_subject"), 0U);
}

}  // namespace
}  // namespace tidewatch
