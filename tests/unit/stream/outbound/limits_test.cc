#include <gtest/gtest.h>

#include "stream/outbound/circuit_breaker.h"
#include "stream/outbound/token_bucket.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using State = CircuitBreaker::State;

TEST(TokenBucket, LetsThroughItsRateOverTime) {
  TokenBucket bucket(60, 5);
  int passed = 0;
  for (Duration now{}; now < 10min; now += 100ms)
    while (bucket.wait_for(1, now) == Duration::zero()) {
      bucket.take(1, now);
      ++passed;
    }
  EXPECT_EQ(passed, 604);  // 5 at once, then one a second; the last second is not over
}

TEST(TokenBucket, SaysHowLongToWaitAndWhatIsLargerThanItGoesOnceWithADebt) {
  TokenBucket bucket(60, 10);
  EXPECT_EQ(bucket.wait_for(100, 0s), 0s);
  bucket.take(100, 0s);
  EXPECT_EQ(bucket.wait_for(1, 0s), 91s);
  bucket.give_back(50);
  EXPECT_EQ(bucket.wait_for(1, 0s), 41s);
  EXPECT_EQ(bucket.wait_for(1, 41s), 0s);
}

TEST(CircuitBreaker, OpensTriesOnceAndWaitsTwiceAsLongEachTime) {
  CircuitBreaker breaker(3, 10s, 30s);
  for (int i = 0; i < 2; ++i) breaker.on_failure(0s);
  EXPECT_EQ(breaker.state(0s), State::closed);
  breaker.on_failure(0s);
  EXPECT_EQ(breaker.state(9s), State::open);
  Duration now = 10s;
  for (const Duration wait : {20s, 30s, 30s}) {
    EXPECT_EQ(breaker.state(now), State::half_open);
    ASSERT_TRUE(breaker.allows(now));
    breaker.on_sent(now);
    EXPECT_FALSE(breaker.allows(now)) << "one is enough";
    breaker.on_failure(now);
    EXPECT_EQ(breaker.state(now + wait - 1s), State::open);
    now += wait;
  }
  breaker.on_sent(now);
  breaker.on_success();
  EXPECT_EQ(breaker.state(now), State::closed);
  EXPECT_EQ(breaker.times_opened(), 4);
}

TEST(CircuitBreaker, FailuresOfWhatWasSentBeforeItOpenedSayNothingNew) {
  CircuitBreaker breaker(1, 10s, 60s);
  breaker.on_failure(0s);
  breaker.on_failure(9s);
  EXPECT_EQ(breaker.state(10s), State::half_open);
}

}  // namespace
}  // namespace tidewatch
