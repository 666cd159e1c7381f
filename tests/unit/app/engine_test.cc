// A reload whose new config does not work, on librdkafka's mock cluster.
#include "app/engine.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>
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

  /// Within a generous time: the stages run and wait for work.
  bool becomes_ready() const {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!engine_.health().ready && std::chrono::steady_clock::now() < give_up)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return engine_.health().ready;
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
  EXPECT_FALSE(engine_.failure());
  EXPECT_TRUE(becomes_ready()) << engine_.health().detail;
}

TEST_F(EngineReload, SaysThatItHasEndedWhenNeitherConfigWorks) {
  engine_.stop();
  broker_.reset();
  ASSERT_FALSE(engine_.reload(away_));
  EXPECT_FALSE(engine_.health().live);
  const auto failure = engine_.failure();
  ASSERT_TRUE(failure) << "a process without stages must not look alive";
  EXPECT_EQ(failure->code, "broker_unavailable");
}

}  // namespace
}  // namespace tidewatch
