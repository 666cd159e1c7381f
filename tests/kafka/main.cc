// The tests against a real broker; with --count BROKERS PREFIX INSTANCE the process that they start and kill.
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <string_view>

#include "kafka/counting_pipeline.h"

int main(int argc, char** argv) {
  const char* level = std::getenv("TIDEWATCH_TEST_LOG");
  spdlog::set_level(level == nullptr ? spdlog::level::off : spdlog::level::from_str(level));
  spdlog::set_pattern("%H:%M:%S.%e %P %L %v");
  if (argc == 5 && std::string_view(argv[1]) == "--count")
    return tidewatch::kafka_test::run_counting_process(argv[2], argv[3], argv[4]);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
