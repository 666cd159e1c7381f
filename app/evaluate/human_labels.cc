#include "app/evaluate/human_labels.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cctype>
#include <fstream>

#include "tidewatch/v1/evaluation.pb.h"

namespace tidewatch {
namespace {

/// As Tidewatch writes it: small letters, no hyphens of a UUID.
std::string plain_trace(std::string id) {
  std::erase(id, '-');
  std::transform(id.begin(), id.end(), id.begin(), [](unsigned char c) { return std::tolower(c); });
  return id;
}

}  // namespace

Result<HumanLabels> read_human_labels(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Error{"open_failed", fmt::format("{}: cannot be opened", path)};
  HumanLabels out;
  uint64_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto bad = [&](std::string_view why) {
      return Error{"bad_data", fmt::format("{}:{}: {}", path, number, why)};
    };
    v1::EvaluationEvent event;
    const auto read = google::protobuf::util::JsonStringToMessage(line, &event);
    if (!read.ok())
      return bad("no evaluation as docs/topics/llm.evaluations.md has it: " + std::string(read.message()));
    if (event.trace_id().empty() || event.name().empty() || !event.has_passed())
      return bad("a label needs trace_id, name and passed");
    out[{plain_trace(event.trace_id()), event.name()}] = event.passed();
  }
  return out;
}

}  // namespace tidewatch
