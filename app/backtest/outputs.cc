#include "app/backtest/outputs.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include "stream/publish/encoder.h"
#include "tidewatch/v1/dead_letter.pb.h"

namespace tidewatch {
namespace {

constexpr std::pair<Stream, const char*> kFiles[] = {{Stream::alerts, "alerts.jsonl"},
                                                     {Stream::incidents, "incidents.jsonl"},
                                                     {Stream::quality_scores, "quality-scores.jsonl"},
                                                     {Stream::rollouts, "rollouts.jsonl"},
                                                     {Stream::changes, "changes.jsonl"},
                                                     {Stream::dead_letter, "dead-letter.jsonl"}};

}  // namespace

Result<BacktestOutputs> BacktestOutputs::open(const std::filesystem::path& folder) {
  BacktestOutputs out;
  out.folder_ = folder;
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return Error{"write_failed", fmt::format("{}: {}", folder.string(), failed.message())};
  for (const auto& [stream, name] : kFiles) {
    auto& file = out.files_[stream];
    file.open(folder / name, std::ios::binary | std::ios::trunc);
    if (!file) return Error{"write_failed", fmt::format("{}: cannot be written", (folder / name).string())};
  }
  return Result<BacktestOutputs>(std::move(out));
}

Status BacktestOutputs::write(Stream stream, const std::string& line) {
  auto& file = files_.at(stream);
  file << line << '\n';
  ++lines_[stream];
  if (file) return ok_status();
  return Error{"write_failed", fmt::format("{}: writing failed; is the disk full?", folder_.string())};
}

Status BacktestOutputs::drain(LocalRunner& runner, const BacktestInputs& inputs) {
  for (const auto& [stream, name] : kFiles) {
    for (auto& record : runner.take_records(stream)) {
      std::string line = std::move(record.value);
      if (stream == Stream::dead_letter) {
        v1::DeadLetter letter;
        if (!google::protobuf::util::JsonStringToMessage(line, &letter).ok()) continue;
        for (const Stream input : {Stream::traces, Stream::logs, Stream::feedback, Stream::evaluations})
          if (letter.topic() == name_of(input)) letter.set_topic(inputs.name_of(input, letter.partition()));
        line = encode(letter, WireFormat::json);
      }
      if (stream == Stream::alerts) {
        auto& alert = alerts_.emplace_back();
        if (!google::protobuf::util::JsonStringToMessage(line, &alert).ok()) alerts_.pop_back();
      }
      if (auto written = write(stream, line); !written) return written;
    }
  }
  runner.take_records(Stream::alerts_state);
  return ok_status();
}

Status BacktestOutputs::write_unreadable(const std::vector<Error>& errors) {
  for (const auto& error : errors) {
    v1::DeadLetter letter;
    letter.set_stage("read");
    letter.set_reason(error.code);
    letter.set_message(error.message);
    if (auto written = write(Stream::dead_letter, encode(letter, WireFormat::json)); !written) return written;
  }
  return ok_status();
}

Status BacktestOutputs::close() {
  for (auto& [stream, file] : files_) {
    file.close();
    if (!file) return Error{"write_failed", fmt::format("{}: writing failed; is the disk full?", folder_.string())};
  }
  return ok_status();
}

uint64_t BacktestOutputs::lines(Stream stream) const {
  const auto at = lines_.find(stream);
  return at == lines_.end() ? 0 : at->second;
}

}  // namespace tidewatch
