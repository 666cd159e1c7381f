#include "app/evaluate/read_sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/flow.h"
#include "stream/evaluate/trace_text_reader.h"
#include "stream/ingest/dialects/dialect_table.h"
#include "stream/runtime/local_runner.h"

namespace tidewatch {
namespace {

/// In the sample, outside of it, or both; by trace id.
using ChosenTraces = std::map<std::string, std::vector<ChosenRequest>, std::less<>>;

Result<ChosenTraces> choose(const Config& config, const BacktestFiles& files, SampleCounts& counts,
                            const std::function<void(double)>& on_progress) {
  auto flow = make_flow(config);
  if (!flow) return flow.error();
  // What assemble offers is all that is wanted.
  std::erase_if(*flow, [](const StageSpec& stage) { return stage.name != "observe" && stage.name != "assemble"; });
  auto inputs = BacktestInputs::open(files);
  if (!inputs) return inputs.error();
  LocalRunner::Options options;
  options.keep_history = false;
  options.waits_for_sources = true;
  LocalRunner runner(options, std::move(flow).value(), inputs->partitions());
  SampleBook book(config.assemble.sampling);
  const auto& sampling = config.assemble.sampling;
  // A period's last requests are offered when they cannot be waited for any longer.
  const Duration linger = longest_request(config) + sampling.period;
  const auto fed = inputs->feed_all(runner, linger, [&] {
    on_progress(inputs->share_read().value() / 2);
    for (const auto& record : runner.take_records(Stream::eval_requests)) {
      v1::EvalRequest offered;
      if (offered.ParseFromString(record.value)) book.offer(std::move(offered));
    }
    for (const Stream unread : {Stream::partials, Stream::turns}) static_cast<void>(runner.take_records(unread));
    counts.unreadable += runner.take_records(Stream::dead_letter).size();
    return ok_status();
  });
  if (!fed) return fed.error();
  counts.unreadable += inputs->errors().size();
  for (const auto& [key, count] : runner.counts())
    if (key.first == "requests") counts.requests += count;
  if (counts.requests == 0)
    return Error{"bad_data", fmt::format("no request in {}: is it a file of OTLP spans?", files.spans.front())};
  ChosenTraces traces;
  for (SampledPeriod& period : book.take(kMaxTimestamp)) {
    counts.over_budget += period.over_budget;
    for (ChosenRequest& chosen : period.chosen) {
      ++(chosen.probability ? counts.chosen : counts.reported_late);
      const std::string id = chosen.request.trace_id();
      traces[id].push_back(std::move(chosen));
    }
  }
  return traces;
}

Status read_texts(const BacktestFiles& files, TraceTextReader& reader, const std::function<void(double)>& on_progress) {
  const auto read = [&](const std::vector<std::string>& paths,
                        void (TraceTextReader::*take)(std::string_view)) -> Status {
    for (const std::string& path : paths) {
      auto file = SpanFileReader::open(path);
      if (!file) return file.error();
      for (;;) {
        const auto record = file->next();
        if (!record) continue;  // counted before
        if (!*record) break;
        (reader.*take)((*record)->payload);
        on_progress(0.5 + file->share_read().value() / 2);
      }
    }
    return ok_status();
  };
  if (auto spans = read(files.spans, &TraceTextReader::read_traces); !spans) return spans;
  return read(files.logs, &TraceTextReader::read_logs);
}

}  // namespace

Result<Sample> read_sample(const Config& config, const BacktestFiles& files, const std::set<std::string>& besides,
                           const std::function<void(double)>& on_progress) {
  Sample out;
  auto traces = choose(config, files, out.counts, on_progress);
  if (!traces) return traces.error();
  const auto table = DialectTable::embedded(config.observe.label_keys);
  if (!table) return table.error();
  TraceTextReader reader(*table, config.observe.traces_encoding, config.observe.logs_encoding);
  for (const auto& [id, chosen] : *traces) reader.want(id);
  for (const std::string& id : besides) reader.want(id);
  if (auto read = read_texts(files, reader, on_progress); !read) return read.error();
  for (auto& [id, chosen] : *traces) out.requests.push_back({std::move(chosen), reader.of(id).answered()});
  std::stable_sort(out.requests.begin(), out.requests.end(), [](const SampledRequest& a, const SampledRequest& b) {
    return a.as.front().request.time_unix_nano() < b.as.front().request.time_unix_nano();
  });
  for (const std::string& id : besides) out.besides.emplace(id, reader.of(id).answered());
  return out;
}

}  // namespace tidewatch
