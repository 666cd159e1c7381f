#include "app/doctor/sample_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

namespace tidewatch::doctor {
namespace {

constexpr const char* kCaptureText =
    "have the instrumentation record messages (OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true for "
    "OpenTelemetry's own)";

std::string share(uint64_t part, uint64_t whole) { return fmt::format("{} of {}", part, whole); }

/// Labels that some entity group of the config needs: without them these entities are not watched.
std::set<std::string> needed_labels(const Config& config) {
  std::set<std::string> out;
  for (const auto& group : config.assemble.entities) out.insert(group.begin(), group.end());
  return out;
}

/// Attribute keys by label, a user's before the built-in ones, as the mapper looks for them.
LabelKeys looked_for(const Config& config) {
  LabelKeys out = config.observe.label_keys;
  for (const auto& [label, keys] : default_label_keys()) {
    auto& all = out[label];
    for (const auto& key : keys)
      if (std::find(all.begin(), all.end(), key) == all.end()) all.push_back(key);
  }
  out.erase("cost");  // a number of a call, not a label
  return out;
}

std::string advice_for(const std::string& label, const LabelKeys& keys) {
  if (const auto found = keys.find(label); found != keys.end())
    return fmt::format("looked for {}; where yours has another name, write it under labels.{}",
                       fmt::join(found->second, ", "), label);
  if (label == "endpoint")
    return "looked for http.route, url.path, rpc.method and workflow names on the entry span of a trace; have the "
           "server instrumented too";
  return fmt::format("have the instrumentation of model calls state the {}", label);
}

}  // namespace

std::string most_frequent(const Tally& tally, size_t limit) {
  std::vector<std::pair<std::string, uint64_t>> rows(tally.begin(), tally.end());
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string out;
  for (size_t i = 0; i < rows.size() && i < limit; ++i)
    out += fmt::format("{}{} {}", i == 0 ? "" : ", ", rows[i].first, rows[i].second);
  if (rows.size() > limit) out += fmt::format(" and {} more", rows.size() - limit);
  return out;
}

void report_topic(Stream stream, const std::string& topic, const TopicSample& sample, Checks& out) {
  if (sample.messages == 0) {
    if (stream == Stream::traces)
      out.warn("sample " + topic, "the topic is empty: nothing can be watched before spans arrive",
               "point an OpenTelemetry Collector's or SDK's Kafka exporter at this topic");
    else
      out.ok("sample " + topic, "the topic is empty");
    return;
  }
  const std::string encodings = sample.encodings.empty() ? "" : ", " + most_frequent(sample.encodings);
  out.ok("sample " + topic, fmt::format("{} newest messages{}", sample.messages, encodings));
  for (const auto& [code, count] : sample.bad)
    out.warn("sample " + topic,
             fmt::format("{} unusable ({}), for example {}", count, code, sample.bad_examples.at(code)),
             "fix what writes them: they go to the dead-letter topic, their neighbours are used");
}

void report_spans(const SpanSample& sample, Checks& out) {
  if (sample.genai_logs + sample.other_logs > 0)
    out.ok("logs", fmt::format("{} about model calls, {} others (ignored)", sample.genai_logs, sample.other_logs));
  if (sample.spans == 0) return;
  out.ok("dialects", fmt::format("{} spans in {} traces: {}", sample.spans, sample.traces.size(),
                                 most_frequent(sample.dialects, 10)));
  if (sample.model_calls == 0) {
    out.warn("model calls", "no span is a call of a model",
             "instrument the model client (OpenTelemetry GenAI, OpenInference, OpenLLMetry, Langfuse, Vercel AI)");
    return;
  }
  const std::string tokens = share(sample.model_calls_with_tokens, sample.model_calls);
  const std::string texts = share(sample.model_calls_with_text, sample.model_calls);
  const std::string found =
      fmt::format("{} calls; {} state token usage, {} carry text", sample.model_calls, tokens, texts);
  if (sample.model_calls_with_tokens == 0)
    out.warn("model calls", found + ": cost and token measures have no data",
             "have the instrumentation record gen_ai.usage.input_tokens and gen_ai.usage.output_tokens");
  if (sample.model_calls_with_text == 0)
    out.warn("model calls", found + ": refusals, hedging and the other text checks have no data", kCaptureText);
  if (sample.model_calls_with_tokens > 0 && sample.model_calls_with_text > 0) out.ok("model calls", found);
}

void report_labels(const SpanSample& sample, const Config& config, Checks& out) {
  if (sample.spans == 0) return;
  const auto keys = looked_for(config);
  const auto needed = needed_labels(config);
  std::set<std::string> names = {"endpoint", "model", "provider"};
  for (const auto& [label, of_label] : keys) names.insert(label);
  names.insert(needed.begin(), needed.end());
  std::vector<std::string> absent;
  for (const auto& label : names) {
    const auto values = sample.labels.find(label);
    if (values != sample.labels.end())
      out.ok(
          "label " + label,
          fmt::format("in {} traces: {}", share(sample.label_traces.at(label).size(), sample.traces.size()),
                      label == "user" || label == "session" ? fmt::format("{} different values", values->second.size())
                                                            : most_frequent(values->second)));
    else if (needed.contains(label))
      out.warn("label " + label, "no span carries it: entities of it are not watched", advice_for(label, keys));
    else
      out.ok("label " + label, "no span carries it (" + advice_for(label, keys) + ")");
  }
}

void report_findings(const FindingSample& sample, Checks& out) {
  const uint64_t all = sample.feedback + sample.evaluations;
  if (all == 0) return;
  const std::string found = fmt::format("{} feedback events, {} evaluations ({}); {} name their trace", sample.feedback,
                                        sample.evaluations, most_frequent(sample.names), share(sample.with_trace, all));
  if (sample.with_trace == 0)
    out.warn("feedback", found, "send the trace id with it: without, it cannot be joined with a request's labels");
  else
    out.ok("feedback", found);
}

void report_clocks(const std::map<Stream, TopicSample>& topics, const SpanSample& sample, Duration max_future,
                   Timestamp now, Checks& out) {
  Timestamp newest = kMinTimestamp;
  for (const auto& [stream, topic] : topics) newest = std::max(newest, topic.newest);
  if (newest == kMinTimestamp) {
    out.ok("clock", "not checked: no record says a time");
    return;
  }
  const double age = to_seconds(now - newest);
  if (age < -1)
    out.warn("clock", fmt::format("the newest record is {:.1f} s ahead of this machine's clock", -age),
             "let brokers, producers and this machine take their time from NTP");
  else
    out.ok("clock",
           fmt::format("the newest record was written {:.0f} s ago by this machine's clock", std::max(0.0, age)));
  if (sample.delays.empty()) return;
  auto delays = sample.delays;
  std::sort(delays.begin(), delays.end());
  const double limit = to_seconds(max_future);
  const auto ahead = std::count_if(delays.begin(), delays.end(), [&](double delay) { return delay < -limit; });
  const auto found = fmt::format("spans are written {:.1f} s after they end (median; slowest {:.1f} s)",
                                 delays[delays.size() / 2], delays.back());
  if (ahead > 0)
    out.warn("clock",
             fmt::format("{} of {} spans end more than {:.0f} s after their record's time; they are moved "
                         "back to it",
                         ahead, delays.size(), limit),
             "let the machines of the services take their time from NTP");
  else
    out.ok("delay", found);
}

void Sample::report(Timestamp now, Checks& out) const {
  for (const auto& [stream, topic] : topics_) report_topic(stream, config_.kafka.topics.of(stream), topic, out);
  report_spans(spans_, out);
  report_labels(spans_, config_, out);
  report_findings(findings_, out);
  report_clocks(topics_, spans_, config_.observe.max_future, now, out);
}

}  // namespace tidewatch::doctor
