#include "app/backtest/inputs.h"

#include <algorithm>
#include <utility>

namespace tidewatch {
namespace {

/// Messages that are read before the stages work on them.
constexpr uint64_t kBatch = 64;

}  // namespace

Result<BacktestInputs> BacktestInputs::open(const BacktestFiles& files) {
  BacktestInputs out;
  const std::pair<Stream, const std::vector<std::string>*> streams[] = {{Stream::traces, &files.spans},
                                                                        {Stream::logs, &files.logs},
                                                                        {Stream::feedback, &files.feedback},
                                                                        {Stream::evaluations, &files.evaluations}};
  for (const auto& [stream, paths] : streams) {
    int32_t partition = 0;
    const bool is_otlp = stream == Stream::traces || stream == Stream::logs;
    for (const auto& path : *paths) {
      auto reader = SpanFileReader::open(path, is_otlp ? FileFraming::recognise : FileFraming::lines);
      if (!reader) return reader.error();
      out.sources_.push_back({stream, partition++, path, std::move(reader).value()});
    }
  }
  return Result<BacktestInputs>(std::move(out));
}

std::map<Stream, int32_t> BacktestInputs::partitions() const {
  // Without files a stream still has one partition, which is at its end from the beginning.
  std::map<Stream, int32_t> out = {
      {Stream::traces, 1}, {Stream::logs, 1}, {Stream::feedback, 1}, {Stream::evaluations, 1}, {Stream::commands, 0}};
  for (const auto& source : sources_) out[source.stream] = source.partition + 1;
  return out;
}

Status BacktestInputs::feed_all(LocalRunner& runner, Duration linger, const std::function<Status()>& between) {
  const Fed one[] = {{&runner, linger}};
  return feed_all(one, [&](bool) { return between(); });
}

Status BacktestInputs::feed_all(std::span<const Fed> fed, const std::function<Status(bool is_end)>& between) {
  std::vector<LocalRunner*> runners;
  for (const Fed& one : fed) {
    begin(*one.runner);
    runners.push_back(one.runner);
  }
  for (bool has_more = true; has_more;) {
    for (uint64_t i = 0; i < kBatch && has_more; ++i) has_more = feed(runners);
    for (const Fed& one : fed) {
      one.runner->run();
      if (has_more) continue;
      const Timestamp last = last_span(*one.runner);
      if (last != kMinTimestamp) one.runner->end_input(last + one.linger);
      one.runner->run();
    }
    if (auto taken = between(!has_more); !taken) return taken;
  }
  return ok_status();
}

const std::string& BacktestInputs::name_of(Stream stream, int32_t partition) const {
  static const std::string none;
  for (const auto& source : sources_)
    if (source.stream == stream && source.partition == partition) return source.path;
  return none;
}

void BacktestInputs::begin(LocalRunner& runner) const {
  for (const auto& [stream, count] : partitions())
    for (int32_t partition = 0; partition < count; ++partition)
      if (name_of(stream, partition).empty()) runner.end_input(stream, partition);
}

FileShare BacktestInputs::share_read() const {
  FileShare out;
  for (const auto& source : sources_) out += source.reader.share_read();
  return out;
}

bool BacktestInputs::has_more_spans() const {
  return std::any_of(sources_.begin(), sources_.end(),
                     [](const Source& source) { return source.stream == Stream::traces && !source.has_ended; });
}

Timestamp BacktestInputs::last_span(const LocalRunner& runner) const {
  Timestamp out = kMinTimestamp;
  for (const auto& source : sources_) {
    const Timestamp at = runner.watermark_of(source.stream, source.partition);
    if (source.stream == Stream::traces && at != kMaxTimestamp) out = std::max(out, at);
  }
  return out;
}

bool BacktestInputs::feed(std::span<LocalRunner* const> runners) {
  for (;;) {
    Source* behind = nullptr;
    Timestamp at = kMaxTimestamp;
    for (auto& source : sources_) {
      if (source.has_ended) continue;
      const Timestamp watermark = runners.front()->watermark_of(source.stream, source.partition);
      if (behind != nullptr && watermark >= at) continue;
      behind = &source;
      at = watermark;
    }
    if (behind == nullptr) return false;
    auto record = behind->reader.next();
    if (!record) {
      errors_.push_back(record.error());
      // Only a line that is too long is followed by others.
      if (record.error().code == "too_long") continue;
    }
    if (!record || !*record) {
      behind->has_ended = true;
      if (behind->stream != Stream::traces || has_more_spans())
        for (LocalRunner* runner : runners) runner->end_input(behind->stream, behind->partition);
      continue;
    }
    ++messages_;
    for (LocalRunner* runner : runners)
      runner->append(behind->stream, behind->partition, {"", (*record)->payload, {}, kMinTimestamp});
    return true;
  }
}

}  // namespace tidewatch
