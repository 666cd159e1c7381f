#include "stream/runtime/http_endpoint.h"

#include <gmock/gmock.h>

namespace tidewatch {
namespace {

using ::testing::HasSubstr;

TEST(HttpEndpoint, APortThatIsTakenIsToldWithWhatToDo) {
  const auto first = HttpEndpoint::open("127.0.0.1", 0, {});
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_NE((*first)->port(), 0);
  const auto second = HttpEndpoint::open("127.0.0.1", (*first)->port(), {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "port_in_use");
  EXPECT_THAT(second.error().message, HasSubstr("Address already in use; set http.port"));
}

TEST(HttpEndpoint, ListensOnIpv4AddressesOnly) {
  const auto opened = HttpEndpoint::open("localhost", 0, {});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "bad_config");
}

}  // namespace
}  // namespace tidewatch
