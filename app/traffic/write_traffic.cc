#include "app/traffic/write_traffic.h"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>
#include <utility>

#include "app/files/span_file_writer.h"
#include "app/gen/session_label.h"
#include "app/progress.h"

namespace tidewatch {
namespace {

Status make_folder(const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return Error{"open_failed", fmt::format("{}: {}", folder, failed.message())};
  return ok_status();
}

Result<SpanFileWriter> open_file(const TrafficFiles& files, std::string_view name, std::string_view format) {
  std::string file = fmt::format("{}.{}", name, format);
  if (!files.compress.empty()) file += "." + files.compress;
  return SpanFileWriter::open(std::filesystem::path(files.folder) / file);
}

}  // namespace

Status write_labels(const gen::Scenario& scenario, const std::string& folder) {
  if (auto made = make_folder(folder); !made) return made;
  auto labels = SpanFileWriter::open(std::filesystem::path(folder) / "labels.jsonl");
  if (!labels) return labels.error();
  for (const auto& incident : scenario.incidents)
    if (auto written = labels->write(gen::label_line(incident)); !written) return written;
  return labels->close();
}

Result<WrittenTraffic> write_traffic(const gen::Simulator& simulator, const TrafficFiles& files) {
  if (auto made = make_folder(files.folder); !made) return made.error();
  auto spans = open_file(files, "spans", files.format);
  if (!spans) return spans.error();
  auto feedback = open_file(files, "feedback", "jsonl");
  if (!feedback) return feedback.error();
  auto sessions = SpanFileWriter::open(std::filesystem::path(files.folder) / "sessions.jsonl");
  if (!sessions) return sessions.error();
  const gen::Scenario& scenario = simulator.scenario();
  const double whole = to_seconds(scenario.end - scenario.history_start);
  Progress progress("generating");
  WrittenTraffic out;
  Status status = ok_status();
  simulator.run(
      [&](const gen::Emission& emission) {
        const bool is_trace = emission.stream == gen::Stream::traces;
        status = (is_trace ? *spans : *feedback).write(emission.payload);
        out.spans += emission.spans;
        out.messages += is_trace ? 1 : 0;
        out.votes += is_trace ? 0 : 1;
        progress.update(to_seconds(emission.export_time - scenario.history_start) / whole,
                        fmt::format("{} spans", out.spans));
        return status.ok();
      },
      [&](const gen::Session& session) {
        if (status) status = sessions->write(gen::session_line(session));
      });
  for (SpanFileWriter* file : {&*spans, &*feedback, &*sessions})
    if (auto closed = file->close(); !closed && status) status = closed;
  if (!status) return status.error();
  return out;
}

}  // namespace tidewatch
