#include "kafka/command_run.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "stream/runtime/record.h"

namespace tidewatch::kafka_test {

std::string write_config(const std::string& brokers, const std::string& prefix, const std::string& more) {
  std::string yaml = fmt::format("kafka:\n  brokers: [\"{}\"]\n  group_prefix: {}\ntopics:\n", brokers, prefix);
  for (int i = 0; i < kStreamCount; ++i) {
    const auto name = name_of(static_cast<Stream>(i));
    yaml += fmt::format("  {}: {}.{}\n", name, prefix, name);
  }
  const std::string path = fmt::format("{}/{}.yaml", testing::TempDir(), prefix);
  std::ofstream(path, std::ios::binary) << yaml << more;
  return path;
}

}  // namespace tidewatch::kafka_test
