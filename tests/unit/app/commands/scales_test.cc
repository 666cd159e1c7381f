// What `doctor` and `tap` say of feedback is what `run` does with it: on the config's scales.
#include <gmock/gmock.h>

#include "app/doctor/sample.h"
#include "app/tap/input_items.h"

namespace tidewatch {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

Config config_with_scale() {
  auto config = default_config();
  config.observe.score_ranges["helpfulness"] = {1, 7};
  return config;
}

Record vote() {
  Record out;
  out.stream = Stream::feedback;
  out.topic = "llm.feedback";
  out.append_time = Timestamp(std::chrono::hours(1));
  out.value = R"({"id": "f1", "trace_id": "5b8efff798038103d269b633813fc60c", "name": "helpfulness", "score": 7})";
  return out;
}

TEST(Scales, OfTheConfigAreThoseOfDoctor) {
  const Config config = config_with_scale();
  doctor::Sample sample(config, DialectTable::embedded().value());
  sample.expect(Stream::feedback);
  sample.add(vote());
  doctor::Checks checks;
  sample.report(Timestamp(std::chrono::hours(1)), checks);
  EXPECT_THAT(to_text(checks), ::testing::Not(HasSubstr("unknown_scale")));
  EXPECT_EQ(checks.count(doctor::Level::problem), 0u) << to_text(checks);
}

TEST(Scales, OfTheConfigAreThoseOfTap) {
  const auto items = tap::InputReader(config_with_scale().observe, DialectTable::embedded().value()).read(vote());
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_THAT(items[0].line, HasSubstr("helpfulness score=1 positive"));
}

}  // namespace
}  // namespace tidewatch
