#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/config/config.h"
#include "app/doctor/check.h"
#include "stream/ingest/mapping/span_mapper.h"
#include "stream/ingest/otlp_decoder.h"
#include "stream/runtime/record.h"

namespace tidewatch::doctor {

/// Values by how often they were seen.
using Tally = std::map<std::string, uint64_t>;

/// What arrived on one input topic.
struct TopicSample {
  uint64_t messages = 0;
  Tally encodings;                                  ///< "json", "protobuf"
  Tally bad;                                        ///< by code: unreadable messages, spans and findings
  std::map<std::string, std::string> bad_examples;  ///< by code: "at 3/1042: <reason>"
  Timestamp newest = kMinTimestamp;                 ///< time of the newest record as Kafka has it
};

/// What the spans say, as Tidewatch reads them.
struct SpanSample {
  uint64_t spans = 0;
  std::set<std::string> traces;
  Tally dialects;
  uint64_t genai_logs = 0;
  uint64_t other_logs = 0;
  uint64_t model_calls = 0;
  uint64_t model_calls_with_tokens = 0;
  uint64_t model_calls_with_text = 0;
  std::map<std::string, Tally> labels;                        ///< canonical label -> values
  std::map<std::string, std::set<std::string>> label_traces;  ///< canonical label -> traces that carry it
  std::vector<double> delays;  ///< seconds from a span's end to its record's time; negative: its clock is ahead
};

struct FindingSample {
  uint64_t feedback = 0;
  uint64_t evaluations = 0;
  uint64_t with_trace = 0;
  Tally names;
};

/// Reads the newest records of the input topics as observe does, and says what Tidewatch makes of them. Keeps numbers
/// and labels, no text.
class Sample {
 public:
  explicit Sample(const Config& config, std::shared_ptr<const DialectTable> table);
  ~Sample();

  void expect(Stream stream) { topics_[stream]; }  ///< this topic is looked at: report it even when it is empty
  void add(const Record& record);

  /// `now`: this machine's clock.
  void report(Timestamp now, Checks& out) const;

 private:
  class Sink;

  TopicSample& topic_of(const Record& record) { return topics_[record.stream]; }
  void add_findings(const Record& record);

  const Config& config_;
  SpanMapper mapper_;
  OtlpDecoder traces_;
  OtlpDecoder logs_;
  std::map<Stream, TopicSample> topics_;
  SpanSample spans_;
  FindingSample findings_;
};

}  // namespace tidewatch::doctor
