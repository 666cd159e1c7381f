// A reload whose new config does not work, on librdkafka's mock cluster.
#include "app/engine.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "app/demo/embedded_broker.h"

namespace tidewatch {
namespace {

class EngineReload : public testing::Test {
 protected:
  void SetUp() override {
    auto started = EmbeddedBroker::start();
    ASSERT_TRUE(started.ok());
    broker_ = std::move(started).value();
    config_ = default_config();
    config_.kafka.brokers = {broker_->address()};
    config_.kafka.instance = "test";
    config_.kafka.properties["fetch.wait.max.ms"] = "10";
    config_.kafka.broker_timeout = std::chrono::seconds(1);
    config_.http.port = 0;
    for (int i = 0; i < kStreamCount; ++i)
      ASSERT_TRUE(broker_->create_topic(config_.kafka.topics.of(static_cast<Stream>(i)), 1).ok());
    away_ = config_;
    away_.kafka.brokers = {"127.0.0.1:1"};
    ASSERT_TRUE(engine_.start(config_).ok());
  }

  std::unique_ptr<EmbeddedBroker> broker_;  // outlives the clients of the engine
  Config config_;
  Config away_;  ///< names a broker that is not there
  Engine engine_{{}};
};

TEST_F(EngineReload, GoesOnWithTheOldConfigWhenTheNewOneDoesNotWork) {
  const auto reloaded = engine_.reload(away_);
  ASSERT_FALSE(reloaded);
  EXPECT_EQ(reloaded.error().code, "broker_unavailable");
  EXPECT_FALSE(engine_.failure()) << engine_.failure()->message;
  const auto again = engine_.reload(config_);
  EXPECT_TRUE(again.ok());
}

TEST_F(EngineReload, SaysThatItHasEndedWhenNeitherConfigWorks) {
  engine_.stop();
  broker_.reset();
  ASSERT_FALSE(engine_.reload(away_));
  const auto failure = engine_.failure();
  ASSERT_TRUE(failure) << "a process without stages must not look alive";
  EXPECT_EQ(failure->code, "broker_unavailable");
}

}  // namespace
}  // namespace tidewatch
