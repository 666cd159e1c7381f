#include "tests/fuzz/seeds.h"

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <string>

#include "tests/sim/seeds.h"
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

namespace tidewatch::fuzz {
namespace {

std::string replay;  // the command of the seed that is running: a handler of signals gets no argument

void tell_replay() {
  if (!replay.empty()) static_cast<void>(!::write(STDERR_FILENO, replay.data(), replay.size()));
}
void on_signal(int signal) {
  tell_replay();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

/// An abort or a sanitizer ends the process without a word of the seed.
void tell_replay_at_death() {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_set_death_callback(tell_replay);
  std::signal(SIGABRT, on_signal);
#else
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS}) std::signal(signal, on_signal);
#endif
}

}  // namespace

void for_each_seed(uint64_t seeds, std::string_view test, const std::function<void(uint64_t seed)>& check) {
  const auto [first, last] = seed_range(seeds);
  tell_replay_at_death();
  const google::protobuf::LogSilencer quiet;  // it has a line for every text that is no UTF-8
  for (uint64_t seed = first; seed <= last; ++seed) {
    replay = fmt::format("replay: TIDEWATCH_SEED={} build/release/fuzz_tests --gtest_filter={}\n", seed, test);
    SCOPED_TRACE(replay);
    try {
      check(seed);
    } catch (const std::exception& error) {
      ADD_FAILURE() << "it threw: " << error.what();
    }
    if (::testing::Test::HasFailure()) break;
  }
  replay.clear();
}

}  // namespace tidewatch::fuzz
