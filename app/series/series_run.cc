#include "app/series/series_run.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <optional>

#include "app/files/byte_sink.h"

namespace tidewatch {
namespace {

constexpr size_t kBufferedBytes = size_t{64} * 1024;
constexpr uint64_t kRowsBetweenProgress = 1024;

/// A file, or standard output.
class Output {
 public:
  static Result<Output> open(const std::string& path) {
    Output out;
    if (path == "-") return Result<Output>(std::move(out));
    auto sink = open_byte_sink(path);
    if (!sink) return sink.error();
    out.sink_ = std::move(sink).value();
    return Result<Output>(std::move(out));
  }
  Status row(const SeriesRow& row, const SeriesScore& score) {
    buffer_ += csv_field(row.time_text);
    auto end = std::back_inserter(buffer_);
    fmt::format_to(end, ",{:.10g},{:.6g},", score.anomaly_score, score.surprise);
    if (score.has_expectation) fmt::format_to(end, "{:.10g},{:.6g}", score.expected, score.effect);
    buffer_ += score.has_expectation ? "\n" : ",\n";
    return buffer_.size() < kBufferedBytes ? ok_status() : flush();
  }
  Status flush() {
    if (sink_ != nullptr) {
      auto written = sink_->write(buffer_);
      buffer_.clear();
      return written;
    }
    const bool is_written = std::fwrite(buffer_.data(), 1, buffer_.size(), stdout) == buffer_.size();
    buffer_.clear();
    if (!is_written || std::fflush(stdout) != 0)
      return Error{"write_failed", fmt::format("standard output: {}", std::strerror(errno))};
    return ok_status();
  }
  Status close() {
    if (auto flushed = flush(); !flushed) return flushed;
    return sink_ == nullptr ? ok_status() : sink_->close();
  }

 private:
  std::unique_ptr<ByteSink> sink_;
  std::string buffer_ = "timestamp,anomaly_score,surprise,expected,effect\n";
};

}  // namespace

Result<SeriesReport> run_series(const SeriesFiles& files, const SeriesWatchOptions& options,
                                const std::function<void(const std::string&)>& complain,
                                const std::function<void(double)>& progress) {
  // What is wrong with the detector must not come out behind what is wrong with the file.
  if (auto checked = SeriesWatch::make(options, 1); !checked) return checked.error();
  auto reader = SeriesReader::open(files.input);
  if (!reader) return reader.error();
  SeriesReport report;
  std::optional<SeriesWatch> watch;
  std::optional<Output> output;  // opened by the first row: what cannot be read overwrites nothing
  Timestamp last = kMinTimestamp;
  std::vector<SeriesComplaint> told;
  for (;;) {
    auto row = reader->next(told);
    for (const auto& one : told) complain(one.message);
    report.bad_rows += told.size();
    told.clear();
    if (!row) {
      if (output) static_cast<void>(output->close());  // the rows before it are good
      return row.error();
    }
    if (!row->has_value()) break;
    const SeriesRow& now = **row;
    if (!watch) {
      auto made = SeriesWatch::make(options, now.values.size());
      if (!made) return made.error();
      watch = std::move(made).value();
      auto opened = Output::open(files.output);
      if (!opened) return opened.error();
      output = std::move(opened).value();
    }
    report.backwards += now.time < last ? 1 : 0;
    last = now.time;
    const SeriesScore score = watch->judge(now);
    report.judged += score.is_judged ? 1 : 0;
    auto written = output->row(now, score);
    if (written && reader->is_drained()) written = output->flush();
    if (!written) return written.error();
    if (report.rows++ % kRowsBetweenProgress == 0) progress(reader->share_read().value());
  }
  if (!output)
    return Error{"bad_data", fmt::format("{}: no row can be read; a row is timestamp,value[,value2…]", files.input)};
  if (auto closed = output->close(); !closed) return closed.error();
  return report;
}

}  // namespace tidewatch
