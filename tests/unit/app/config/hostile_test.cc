#include <gmock/gmock.h>

#include <random>

#include "stream/detect/compiled_rule.h"
#include "tests/sample_share.h"
#include "tests/unit/app/config/loading.h"

namespace tidewatch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string repeated(const std::string& text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Hostile, DeepNestingIsRefused) {
  EXPECT_THAT(errors_of("a: " + repeated("[", 40) + repeated("]", 40)),
              ElementsAre("tidewatch.yaml:1:35: nested deeper than 32 levels"));
  for (const char* text : {"[", "{a: ", "- ", "? ", "[{", "- - ? "})
    EXPECT_THAT(errors_of(repeated(text, 1'000'000 / std::string(text).size())), Not(IsEmpty())) << text;
  std::string stairs;
  for (size_t i = 0; i < 1000; ++i) stairs += std::string(i, ' ') + "a:\n";
  EXPECT_THAT(errors_of(stairs), Not(IsEmpty()));
}

TEST(Hostile, LargeTextsAreRefused) {
  EXPECT_THAT(errors_of(std::string(kMaxConfigBytes + 1, ' ')),
              ElementsAre("tidewatch.yaml: larger than 1048576 bytes"));
  EXPECT_THAT(errors_of(std::string(kMaxConfigBytes, '#')), IsEmpty()) << "a long comment is fine";
}

TEST(Hostile, AliasesThatMultiplyAreRefused) {
  std::string laughs = "entities:\n  - &a [" + repeated("service, ", 1000) + "service]\n";
  laughs += repeated("  - *a\n", 1000);
  const auto errors = errors_of(laughs);
  EXPECT_THAT(errors,
              ::testing::Contains(HasSubstr("more than 100000 values, aliases counted each time they are used")));

  std::string billion = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 100; ++i) billion += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}]\n", i, i - 1);
  EXPECT_THAT(errors_of(billion + "entities: *a99\n"), Not(IsEmpty()));
}

TEST(Hostile, NodesThatContainThemselvesAreRefused) {
  for (const char* yaml : {"entities: &a [*a]\n", "&a {kafka: *a}\n", "detectors: &a [*a, {name: a, alert: *a}]\n",
                           "measures: &a {b: *a}\n", "labels: &a {b: *a}\n"})
    EXPECT_THAT(errors_of(yaml), Not(IsEmpty())) << yaml;
}

TEST(Hostile, LongNamesAndValuesAreCutInErrors) {
  const std::string long_name(100'000, 'k');
  for (const auto& yaml : {long_name + ": 1\n", "mode: " + long_name + "\n", "detectors: [{name: " + long_name + "}]\n",
                           "measures: {" + long_name + ": {}}\n", "entities: [[" + long_name + "]]\n"})
    for (const auto& error : errors_of(yaml)) EXPECT_LT(error.size(), 1000);
}

TEST(Hostile, ControlCharactersDoNotReachTheTerminal) {
  for (const auto& error : errors_of("mode: \"a\\e[31m\\nb\"\n\"k\\ey\": 1\n"))
    for (const char c : error) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << error;
}

TEST(Hostile, ManyKeysTakeNoLongerThanTheirNumber) {
  std::string yaml;
  for (int i = 0; yaml.size() + 20 < kMaxConfigBytes; ++i) yaml += fmt::format("k{}: 1\n", i);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_GT(errors_of(yaml).size(), 10'000);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20)) << "sanitizers included";
}

/// A change that a hand, an editor or a bad disk might make.
std::string mutate(std::string text, const std::vector<std::string>& pieces, std::mt19937_64& random) {
  const auto below = [&](size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random); };
  const size_t changes = 1 + below(2);
  for (size_t i = 0; i < changes && !text.empty(); ++i) {
    const size_t at = below(text.size());
    const size_t length = std::min(text.size() - at, 1 + below(30));
    switch (below(6)) {
      case 0:
        text[at] = static_cast<char>(below(256));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, text.substr(below(text.size()), length));
        break;
      case 3:
        text.replace(at, length, text.substr(below(text.size()), length));
        break;
      case 4:
        text.insert(at, pieces[below(pieces.size())]);
        break;
      default: {  // another value for a key
        const size_t colon = text.find(": ", at);
        if (colon == std::string::npos) break;
        const size_t end = text.find_first_of(",}\n", colon);
        text.replace(colon + 2, end == std::string::npos ? end : end - colon - 2, pieces[below(pieces.size())]);
      }
    }
  }
  return text;
}

// Whatever is done to a config: it loads, or it says what is wrong; and what it accepts, the engine accepts and
// `config show` can write so that it reads back.
TEST(Mutations, OfTheFullExampleAreAcceptedOrRefusedButNeverCrash) {
  const std::string full = full_yaml();
  const auto environment = full_environment();
  const std::vector<std::string> pieces = {"0",
                                           "-1",
                                           "1e400",
                                           "nan",
                                           "5m",
                                           "0s",
                                           "99999999999999999999",
                                           "15%",
                                           "0.5pp",
                                           "2 USD",
                                           "8 MiB",
                                           "~",
                                           "null",
                                           "[]",
                                           "{}",
                                           "[[]]",
                                           "true",
                                           "*a",
                                           "&a ",
                                           "<<: ",
                                           "!!int 5",
                                           "\t",
                                           "\"",
                                           "'",
                                           "|\n",
                                           "${env:X}",
                                           "${file:unsafe-phrases.yaml}",
                                           "${",
                                           "- ",
                                           ": ",
                                           "\n",
                                           "\xff",
                                           "point",
                                           "latency_p95",
                                           "score_*",
                                           "model",
                                           "[service]",
                                           "UTC",
                                           "# ",
                                           "---\n"};
  std::mt19937_64 random(20'260'801);
  size_t accepted = 0;
  const size_t mutations = sampled(400);
  for (size_t i = 0; i < mutations; ++i) {
    const std::string yaml = mutate(full, pieces, random);
    const auto loaded = load_config("full.yaml", yaml, environment);
    if (!loaded.ok()) continue;
    ++accepted;
    MeasureCatalog catalog;
    ASSERT_TRUE(RuleBook::compile(loaded.config.detect, catalog).ok()) << yaml;
    const auto again = load_config("again.yaml", show_config(loaded.config), environment);
    ASSERT_THAT(errors_of(again), IsEmpty()) << yaml << "\n=== shown as\n" << show_config(loaded.config);
    ASSERT_EQ(again.config.detect.config_version, loaded.config.detect.config_version) << yaml;
  }
  RecordProperty("accepted", static_cast<int>(accepted));
  if (!is_full_sample()) return;
  EXPECT_GT(accepted, mutations / 20) << "the mutations are too rough to say anything of what is accepted";
  EXPECT_LT(accepted, mutations * 4 / 5) << "the mutations are too mild";
}

}  // namespace
}  // namespace tidewatch
