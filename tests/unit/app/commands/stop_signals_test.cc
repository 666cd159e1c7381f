#include "app/stop_signals.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>

namespace tidewatch {
namespace {

TEST(StopSignals, AreToldOnceInsteadOfEndingTheProcess) {
  StopSignals signals;
  EXPECT_FALSE(signals.arrived());
  for (const int signal : {SIGTERM, SIGINT}) {
    raise(signal);
    EXPECT_TRUE(signals.arrived(std::chrono::seconds(1)));
    EXPECT_FALSE(signals.arrived());
  }
}

TEST(StopSignals, RestoreWhatWasBefore) {
  sigset_t before;
  sigset_t after;
  pthread_sigmask(SIG_BLOCK, nullptr, &before);
  { const StopSignals signals; }
  pthread_sigmask(SIG_BLOCK, nullptr, &after);
  EXPECT_EQ(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
}

}  // namespace
}  // namespace tidewatch
