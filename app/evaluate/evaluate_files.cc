#include "app/evaluate/evaluate_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <utility>

#include "app/flow.h"
#include "stream/evaluate/sample_book.h"
#include "stream/evaluate/trace_texts.h"
#include "stream/evaluate/validators/rule.h"
#include "stream/ingest/dialects/dialect_table.h"
#include "stream/ingest/mapping/hex.h"
#include "stream/ingest/mapping/span_mapper.h"
#include "stream/ingest/otlp_decoder.h"
#include "stream/publish/encoder.h"
#include "stream/publish/timestamps.h"
#include "stream/runtime/local_runner.h"
#include "tidewatch/v1/evaluation.pb.h"

namespace tidewatch {
namespace {

constexpr size_t kShownFailures = 3;

/// A request that was chosen, and what its spans say.
struct Chosen {
  std::vector<ChosenRequest> as;  ///< in the sample, outside of it, or both
  TraceTexts texts;
};
using ChosenTraces = std::map<std::string, Chosen, std::less<>>;  ///< by trace id

/// Collects the texts of chosen traces from the messages of a file.
class TextSink final : public OtlpSink {
 public:
  TextSink(ChosenTraces& traces, std::shared_ptr<const DialectTable> table)
      : traces_(traces), mapper_(std::move(table)) {}

  void on_span(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpSpan& span) override {
    const auto chosen = traces_.find(span.trace_id);
    if (chosen == traces_.end()) return;
    v1::SpanFacts facts;
    const auto found = mapper_.map(resource, scope, span, facts);
    chosen->second.texts.add(facts, found.texts);
  }
  void on_log(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpLog& log) override {
    const auto chosen = traces_.find(log.trace_id);
    if (chosen == traces_.end()) return;
    v1::SpanFacts facts;
    facts.set_span_id(log.span_id);
    SpanMapper::Found found;
    if (mapper_.map(resource, scope, log, facts, found) && facts.from_log())
      chosen->second.texts.add(facts, found.texts);
  }
  void on_bad(const Error&, std::string_view) override {}  // was counted when the requests were chosen

 private:
  ChosenTraces& traces_;
  SpanMapper mapper_;
};

Result<ChosenTraces> choose(const EvaluateRequest& request, EvaluateReport& report,
                            const std::function<void(double)>& on_progress) {
  auto flow = make_flow(request.config);
  if (!flow) return flow.error();
  flow->pop_back();  // what assemble offers is all that is wanted
  auto inputs = BacktestInputs::open(request.files);
  if (!inputs) return inputs.error();
  LocalRunner::Options options;
  options.keep_history = false;
  options.waits_for_sources = true;
  LocalRunner runner(options, std::move(flow).value(), inputs->partitions());
  SampleBook book(request.config.assemble.sampling);
  const auto& sampling = request.config.assemble.sampling;
  // A period's last requests are offered when they cannot be waited for any longer.
  const Duration linger = longest_request(request.config) + sampling.period;
  const auto fed = inputs->feed_all(runner, linger, [&] {
    on_progress(inputs->share_read().value() / 2);
    for (const auto& record : runner.take_records(Stream::eval_requests)) {
      v1::EvalRequest offered;
      if (offered.ParseFromString(record.value)) book.offer(std::move(offered));
    }
    static_cast<void>(runner.take_records(Stream::partials));
    report.unreadable += runner.take_records(Stream::dead_letter).size();
    return ok_status();
  });
  if (!fed) return fed.error();
  report.unreadable += inputs->errors().size();
  for (const auto& [key, count] : runner.counts())
    if (key.first == "requests") report.requests += count;
  if (report.requests == 0)
    return Error{"bad_data", fmt::format("no request in {}: is it a file of OTLP spans?", request.files.spans.front())};
  ChosenTraces traces;
  for (SampledPeriod& period : book.take(kMaxTimestamp)) {
    report.over_budget += period.over_budget;
    for (ChosenRequest& chosen : period.chosen) {
      ++(chosen.probability ? report.chosen : report.reported_late);
      const std::string id = chosen.request.trace_id();
      traces[id].as.push_back(std::move(chosen));
    }
  }
  return traces;
}

Status read_texts(const EvaluateRequest& request, ChosenTraces& traces,
                  const std::function<void(double)>& on_progress) {
  const auto table = DialectTable::embedded(request.config.observe.label_keys);
  if (!table) return table.error();
  TextSink sink(traces, *table);
  const auto read = [&](const std::vector<std::string>& files, std::optional<OtlpEncoding> encoding,
                        Status (OtlpDecoder::*decode)(std::string_view, OtlpSink&)) -> Status {
    OtlpDecoder decoder(encoding);
    for (const std::string& path : files) {
      auto reader = SpanFileReader::open(path);
      if (!reader) return reader.error();
      for (;;) {
        const auto record = reader->next();
        if (!record) continue;  // counted before
        if (!*record) break;
        static_cast<void>((decoder.*decode)((*record)->payload, sink));
        on_progress(0.5 + reader->share_read().value() / 2);
      }
    }
    return ok_status();
  };
  if (auto spans = read(request.files.spans, request.config.observe.traces_encoding, &OtlpDecoder::decode_traces);
      !spans)
    return spans;
  return read(request.files.logs, request.config.observe.logs_encoding, &OtlpDecoder::decode_logs);
}

/// In the order of time, as a stream of evaluations has to be.
std::vector<const Chosen*> by_time(const ChosenTraces& traces) {
  std::vector<const Chosen*> out;
  for (const auto& [id, chosen] : traces) out.push_back(&chosen);
  std::stable_sort(out.begin(), out.end(), [](const Chosen* a, const Chosen* b) {
    return a->as.front().request.time_unix_nano() < b->as.front().request.time_unix_nano();
  });
  return out;
}

using LabelMap = std::map<std::string, std::string>;

LabelMap labels_of(const v1::EvalRequest& request) {
  LabelMap out;
  for (const auto& label : request.labels()) out.emplace(label.name(), label.value());
  return out;
}

v1::EvaluationEvent event_of(const ChosenRequest& chosen, const ValidatorRule& rule, const Validation& found) {
  v1::EvaluationEvent out;
  const std::string trace = to_hex(chosen.request.trace_id());
  out.set_id(fmt::format("tidewatch/{}/{}", rule.name, trace));
  *out.mutable_time() = to_proto(Timestamp(Duration(chosen.request.time_unix_nano())));
  out.set_trace_id(trace);
  out.set_name(rule.name);
  out.set_passed(found.has_passed());
  if (found.score) out.set_score(*found.score);
  out.set_explanation(found.why);
  out.set_evaluator("tidewatch/" + rule.check);
  if (chosen.probability) out.set_inclusion_probability(*chosen.probability);
  for (const auto& label : chosen.request.labels()) (*out.mutable_labels())[label.name()] = label.value();
  return out;
}

void note(EvaluatedRule& rule, const ChosenRequest& chosen, const Validation& found) {
  if (!chosen.probability) return;
  if (!found.is_applicable()) {
    if (rule.not_applicable++ == 0) rule.why_not = found.why;
    return;
  }
  ++rule.judged;
  const bool has_passed = found.has_passed();
  rule.passed.add_trial(has_passed, 1 / *chosen.probability);
  if (!has_passed && rule.failures.size() < kShownFailures)
    rule.failures.push_back(fmt::format("{}: {}", to_hex(chosen.request.trace_id()), found.why));
}

}  // namespace

Result<EvaluateReport> evaluate_files(const EvaluateRequest& request, const std::function<void(double)>& on_progress) {
  if (!request.config.assemble.sampling.is_on())
    return Error{"bad_data",
                 "the config samples nothing: say which requests in its section sampling, as in "
                 "sampling: {random: 5%}"};
  if (request.config.validators.empty())
    return Error{"bad_data", "the config has no validators: nothing would be judged; docs/validators.md has them"};
  const std::vector<ValidatorRule>& rules = request.config.validators;
  const auto validators = RuleValidators::make(rules);
  if (!validators) return validators.error();
  EvaluateReport report;
  std::map<std::string, size_t, std::less<>> index_of;
  for (const ValidatorRule& rule : rules) {
    index_of.emplace(rule.name, report.rules.size());
    report.rules.emplace_back().name = rule.name;
  }
  const std::filesystem::path path = request.out;
  const std::filesystem::path beside = path.parent_path() / (path.stem().string() + ".reported.jsonl");
  std::ofstream sample(path);
  std::ofstream reported(beside);
  const Error unwritable{"write_failed", fmt::format("{}: cannot be written", request.out)};
  if (!sample || !reported) return unwritable;  // said before the work is done
  auto traces = choose(request, report, on_progress);
  if (!traces) return traces.error();
  if (auto read = read_texts(request, *traces, on_progress); !read) return read.error();

  for (const Chosen* trace : by_time(*traces)) {
    const Chosen& chosen = *trace;
    const auto texts = chosen.texts.answered();
    if (!texts) {
      ++report.without_answer;
      continue;
    }
    const auto said = validators->check(reviewed(*texts), labels_of(chosen.as.front().request));
    for (const ChosenRequest& as : chosen.as)
      for (const auto& [name, found] : said) {
        const size_t index = index_of.find(name)->second;
        note(report.rules[index], as, found);
        if (found.is_applicable())
          (as.probability ? sample : reported) << encode(event_of(as, rules[index], found), WireFormat::json) << '\n';
      }
  }
  for (auto* file : {&sample, &reported}) file->close();
  if (!sample || !reported) return unwritable;
  if (report.reported_late == 0) std::filesystem::remove(beside);
  return report;
}

}  // namespace tidewatch
