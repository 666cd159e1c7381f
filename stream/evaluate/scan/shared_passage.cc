#include "stream/evaluate/scan/shared_passage.h"

#include <absl/container/flat_hash_set.h>
#include <xxhash.h>

#include <algorithm>

namespace tidewatch {
namespace {

using Runs = absl::flat_hash_set<uint64_t>;

/// Hashes of every run of `length` words, in order.
std::vector<uint64_t> runs_of(const std::vector<Word>& words, size_t length) {
  std::vector<uint64_t> out;
  std::string run;
  for (size_t i = 0; i + length <= words.size(); ++i) {
    run.clear();
    for (size_t j = i; j < i + length; ++j) run.append(words[j].text).push_back(' ');
    out.push_back(XXH3_64bits(run.data(), run.size()));
  }
  return out;
}

}  // namespace

SharedPassage shared_passage(const std::vector<Word>& text, const std::vector<Word>& source,
                             const std::vector<Word>& innocent, size_t length) {
  const auto source_runs = runs_of(source, length);
  Runs wanted(source_runs.begin(), source_runs.end());
  for (const uint64_t run : runs_of(innocent, length)) wanted.erase(run);
  if (wanted.empty()) return {};
  SharedPassage out;
  Runs found;
  size_t in_a_row = 0;
  for (const uint64_t run : runs_of(text, length)) {
    in_a_row = wanted.contains(run) ? in_a_row + 1 : 0;
    if (in_a_row == 0) continue;
    found.insert(run);
    out.words = std::max(out.words, length + in_a_row - 1);
  }
  out.covered = static_cast<double>(found.size()) / static_cast<double>(wanted.size());
  return out;
}

}  // namespace tidewatch
