#include "stream/alert/published.h"

#include <gmock/gmock.h>

#include <map>

#include "unit/stream/alert/alert_run.h"

namespace tidewatch {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Pair;

std::map<std::string, std::string> headers_of(const Output& output) {
  std::map<std::string, std::string> out;
  for (const Header& header : output.headers) out[header.name] = header.value;
  return out;
}

TEST(Published, AnAlertIsACloudEventThatIsTheSameWhenItIsWrittenAgain) {
  OutputBatch out("alert");
  publish_alert(raised("a", "fired", 5), WireFormat::json, out);
  ASSERT_EQ(out.outputs().size(), 2u);
  EXPECT_THAT(headers_of(out.outputs()[0]),
              AllOf(Contains(Pair("ce_specversion", "1.0")), Contains(Pair("ce_type", "tidewatch.alert.fired")),
                    Contains(Pair("ce_source", "/tidewatch/alert")), Contains(Pair("ce_subject", "a")),
                    Contains(Pair("ce_id", event_id("a", "fired", minute(5)))),
                    Contains(Pair("content-type", "application/json"))));
  OutputBatch again("alert");
  publish_alert(raised("a", "fired", 5), WireFormat::json, again);
  EXPECT_EQ(headers_of(out.outputs()[0]), headers_of(again.outputs()[0]));
}

TEST(Published, AnIncidentIsOneToo) {
  v1::Incident incident;
  incident.set_id("i");
  incident.set_transition("opened");
  *incident.mutable_at() = to_proto(minute(5));
  OutputBatch out("alert");
  publish_incident(incident, WireFormat::protobuf, out);
  ASSERT_EQ(out.outputs().size(), 1u);
  EXPECT_THAT(headers_of(out.outputs()[0]), AllOf(Contains(Pair("ce_type", "tidewatch.incident.opened")),
                                                  Contains(Pair("ce_id", event_id("i", "opened", minute(5)))),
                                                  Contains(Pair("content-type", "application/protobuf"))));
}

}  // namespace
}  // namespace tidewatch
