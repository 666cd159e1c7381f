#include "app/tap/input_items.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>

#include "app/tap/message_json.h"
#include "stream/alert/command_reader.h"
#include "stream/ingest/evaluation.h"
#include "stream/ingest/feedback.h"
#include "stream/ingest/mapping/hex.h"
#include "stream/publish/timestamps.h"

namespace tidewatch::tap {
namespace {

using nlohmann::ordered_json;

Item bad_item(const Error& error) {
  return {fmt::format("unusable ({}): {}", error.code, error.message),
          {{"unusable", error.code}, {"message", error.message}}};
}

/// "llm", "server", ...: the enum's name without its prefix.
std::string operation_of(const v1::SpanFacts& facts) {
  const std::string& name = v1::Operation_Name(facts.operation());
  std::string out = name.substr(name.find('_') + 1);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string label_of(const v1::SpanFacts& facts, std::string_view name) {
  for (const auto& label : facts.labels())
    if (label.name() == name) return label.value();
  return "-";
}

/// What is known of the call, each part only where it was stated.
std::string details_of(const v1::SpanFacts& facts) {
  std::string out;
  const std::string& model = facts.response_model().empty() ? facts.request_model() : facts.response_model();
  if (!facts.provider().empty()) out += " provider=" + facts.provider();
  if (!model.empty()) out += " model=" + model;
  if (!facts.tool_name().empty()) out += " tool=" + facts.tool_name();
  if (facts.has_input_tokens()) out += fmt::format(" input_tokens={}", facts.input_tokens());
  if (facts.has_output_tokens()) out += fmt::format(" output_tokens={}", facts.output_tokens());
  if (facts.has_cost_usd()) out += fmt::format(" cost_usd={:g}", facts.cost_usd());
  if (facts.has_documents()) out += fmt::format(" documents={}", facts.documents());
  if (facts.finish_reasons_size() > 0) out += fmt::format(" finish={}", fmt::join(facts.finish_reasons(), ","));
  if (facts.error()) out += " error=" + (facts.error_kind().empty() ? "other" : facts.error_kind());
  return out;
}

Item item_of(const std::string& trace_id, const v1::SpanFacts& facts) {
  const double seconds = static_cast<double>(facts.end_unix_nano() - facts.start_unix_nano()) * 1e-9;
  const std::string trace = to_hex(trace_id);
  ordered_json value = {{"trace_id", trace}};
  value.update(message_json(facts));
  return {fmt::format("{} {} {} {} {:.3f}s dialect={}{} trace={}", rfc3339(Timestamp(Duration(facts.end_unix_nano()))),
                      label_of(facts, "service"), label_of(facts, "endpoint"), operation_of(facts), seconds,
                      facts.dialect().empty() ? "none" : facts.dialect(), details_of(facts), trace),
          std::move(value)};
}

template <typename Facts>
Item finding_item(std::string_view what, const EventTarget& target, const Facts& facts) {
  std::string out = fmt::format("{} {} {} {}", rfc3339(Timestamp(Duration(facts.time_unix_nano()))), what, target.key(),
                                facts.name());
  if (facts.has_score()) out += fmt::format(" score={:g}", facts.score());
  if (!facts.label().empty()) out += " label=" + facts.label();
  ordered_json value = {{"target", target.key()}, {"kind", std::string(what)}};
  value.update(message_json(facts));
  return {std::move(out), std::move(value)};
}

std::vector<Item> finding_items(const Record& record, const ScoreRanges& ranges) {
  const auto read = record.stream == Stream::feedback ? parse_feedback(record.value, record.append_time, ranges)
                                                      : parse_evaluations(record.value, record.append_time, ranges);
  if (!read) return {bad_item(read.error())};
  std::vector<Item> out;
  for (const auto& one : read->feedback) {
    Item item = finding_item("feedback", one.target, one.facts);
    if (one.facts.has_positive()) item.line += one.facts.positive() ? " positive" : " negative";
    if (one.facts.op() == v1::FEEDBACK_OP_WITHDRAW) item.line += " withdrawn";
    out.push_back(std::move(item));
  }
  for (const auto& one : read->evaluations) {
    Item item = finding_item("evaluation", one.target, one.facts);
    if (one.facts.has_passed()) item.line += one.facts.passed() ? " passed" : " failed";
    out.push_back(std::move(item));
  }
  for (const auto& bad : read->bad) out.push_back(bad_item(bad.error));
  return out;
}

Item command_item(const v1::Command& command) {
  const ordered_json value = message_json(command);
  return {fmt::format("{} command by {}: {}", rfc3339(from_proto(command.at())),
                      command.by().empty() ? "-" : command.by(), value.dump()),
          value};
}

}  // namespace

class InputReader::Sink final : public OtlpSink {
 public:
  Sink(SpanMapper& mapper, std::vector<Item>& out) : mapper_(mapper), out_(out) {}

  void on_span(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpSpan& span) override {
    v1::SpanFacts facts;
    mapper_.map(resource, scope, span, facts);
    out_.push_back(item_of(span.trace_id, facts));
  }

  /// Log records that are about no model call are not Tidewatch's.
  void on_log(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpLog& log) override {
    v1::SpanFacts facts;
    SpanMapper::Found found;
    if (log.trace_id.empty() || !mapper_.map(resource, scope, log, facts, found)) return;
    out_.push_back(item_of(log.trace_id, facts));
  }

  void on_bad(const Error& reason, std::string_view) override { out_.push_back(bad_item(reason)); }

 private:
  SpanMapper& mapper_;
  std::vector<Item>& out_;
};

InputReader::InputReader(const ObserveOptions& options, std::shared_ptr<const DialectTable> table)
    : score_ranges_(options.score_ranges),
      mapper_(std::move(table)),
      traces_(options.traces_encoding),
      logs_(options.logs_encoding) {}
InputReader::~InputReader() = default;

std::vector<Item> InputReader::read(const Record& record) {
  if (record.stream == Stream::feedback || record.stream == Stream::evaluations)
    return finding_items(record, score_ranges_);
  std::vector<Item> out;
  if (record.stream == Stream::commands) {
    const auto command = read_command(record);
    out.push_back(command ? command_item(*command) : bad_item(command.error()));
    return out;
  }
  Sink sink(mapper_, out);
  const auto status = record.stream == Stream::traces ? traces_.decode_traces(record.value, sink)
                                                      : logs_.decode_logs(record.value, sink);
  if (!status) out.push_back(bad_item(status.error()));
  return out;
}

}  // namespace tidewatch::tap
