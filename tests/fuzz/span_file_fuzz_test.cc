// Damaged files: reading them ends, with payloads or an error that names the file.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "app/files/span_file_reader.h"
#include "app/files/span_file_writer.h"
#include "tests/fuzz/corpus.h"
#include "tests/fuzz/mutator.h"
#include "tests/fuzz/seeds.h"

namespace tidewatch::fuzz {
namespace {

namespace fs = std::filesystem;

/// A file of some messages of the corpus in the form that its name says.
std::string good_file(const fs::path& path) {
  const bool is_protobuf = path.string().find(".binpb") != std::string::npos;
  auto writer = SpanFileWriter::open(path.string()).value();
  int written = 0;
  for (const auto& message : corpus()) {
    const bool is_json = message.bytes.starts_with('{') && message.bytes.find('\n') == std::string::npos;
    if (is_json == is_protobuf || written == 20) continue;
    EXPECT_TRUE(writer.write(message.bytes));
    ++written;
  }
  EXPECT_EQ(written, 20) << "of the corpus";
  EXPECT_TRUE(writer.close());
  return read_file(path);
}

TEST(SpanFileFuzz, ADamagedFileIsReadToItsEndOrAnError) {
  const fs::path folder = fs::path(testing::TempDir()) / ("SpanFileFuzz." + std::to_string(::getpid()));
  fs::create_directories(folder);
  std::vector<std::pair<std::string, std::string>> files;  // ending and content
  for (const auto* ending : {".jsonl", ".jsonl.gz", ".jsonl.zst", ".binpb", ".binpb.gz", ".binpb.zst"})
    files.emplace_back(ending, good_file(folder / (std::string("good") + ending)));
  for_each_seed(2'000, "SpanFileFuzz.ADamagedFileIsReadToItsEndOrAnError", [&](uint64_t seed) {
    Mutator mutate(seed);
    const auto& [ending, content] = files[mutate.below(files.size())];
    const fs::path path = folder / ("damaged" + ending);
    std::ofstream(path, std::ios::binary) << mutate(content, files[mutate.below(files.size())].second);
    auto reader = SpanFileReader::open(path.string());
    if (!reader) return;
    // After an error it goes on behind a line that is too long, else it is at its end.
    const size_t most = 1'000'000;
    size_t calls = 0;
    for (; calls < most; ++calls) {
      const auto record = reader->next();
      if (record && !*record) break;
      if (record) continue;
      EXPECT_NE(record.error().message.find(path.string()), std::string::npos) << record.error().message;
    }
    EXPECT_LT(calls, most) << "it has no end";
  });
  fs::remove_all(folder);
}

}  // namespace
}  // namespace tidewatch::fuzz
