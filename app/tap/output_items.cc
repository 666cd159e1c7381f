#include "app/tap/output_items.h"

#include <absl/strings/string_view.h>
#include <fmt/format.h>

#include <string>
#include <utility>

#include "app/tap/message_json.h"
#include "stream/ingest/findings/own_events.h"
#include "stream/publish/decode.h"
#include "stream/publish/timestamps.h"
#include "tidewatch/v1/alert.pb.h"
#include "tidewatch/v1/change.pb.h"
#include "tidewatch/v1/dead_letter.pb.h"
#include "tidewatch/v1/incident.pb.h"
#include "tidewatch/v1/quality_score.pb.h"
#include "tidewatch/v1/review.pb.h"
#include "tidewatch/v1/rollout.pb.h"

namespace tidewatch::tap {
namespace {

std::string when(const google::protobuf::Timestamp& time) {
  const auto read = to_timestamp(time);
  return read ? rfc3339(*read) : "?";
}

/// "endpoint=/chat,service=shop", in the order of names.
template <typename Map>
std::string labels_of(const Map& map) {
  const std::map<std::string, std::string> sorted(map.begin(), map.end());
  std::string out;
  for (const auto& [name, value] : sorted) out += fmt::format("{}{}={}", out.empty() ? "" : ",", name, value);
  return out;
}

std::string line_of(const v1::Alert& alert) {
  return fmt::format("{} {:<9} {:<6} {} [{}] {} (alert {})", when(alert.observed_at()), alert.transition(),
                     alert.severity(), alert.measure(), labels_of(alert.labels()), alert.why(), alert.id());
}

std::string line_of(const v1::Incident& incident) {
  return fmt::format("{} {:<9} {:<6} {} ({} of {} alerts fire) {} (incident {})", when(incident.at()),
                     incident.transition(), incident.severity(), incident.title(), incident.open_alerts(),
                     incident.alerts_size(), incident.why(), incident.id());
}

std::string line_of(const v1::QualityScore& score) {
  std::string out = fmt::format("{} [{}] index ", when(score.window_start()), labels_of(score.labels()));
  if (score.has_index())
    out += fmt::format("{:.1f} ({:.1f} to {:.1f})", score.index(), score.index_low(), score.index_high());
  else
    out += '-';
  if (score.has_index_change())
    out += fmt::format(" {:+.1f} ({})", score.index_change().points(), score.index_change().verdict());
  for (const auto& measure : score.measures())
    if (measure.has_value())
      out += fmt::format(" {}={:.4g}{}", measure.measure(), measure.value(),
                         measure.has_expected() ? fmt::format("/{:.4g}", measure.expected()) : "");
  return out;
}

std::string line_of(const v1::RolloutDecision& decision) {
  return fmt::format("{} {} {} at {:g} %: {}", when(decision.at()), decision.rollout(), decision.decision(),
                     decision.step(), decision.reason());
}

std::string line_of(const v1::Change& change) {
  return fmt::format("{} new {} \"{}\" [{}] first in trace {}", when(change.at()), change.label(), change.value(),
                     labels_of(change.labels()), change.first_trace().empty() ? "-" : change.first_trace());
}

std::string line_of(const v1::Review& review) {
  return fmt::format("{} review {} [{}] {}: {}", when(review.at()), review.trace_id(), labels_of(review.labels()),
                     review.reason(), review.why());
}

std::string line_of(const v1::DeadLetter& letter) {
  return fmt::format("{}/{}/{} {} {}: {} ({} bytes)", letter.topic(), letter.partition(), letter.offset(),
                     letter.stage(), letter.reason(), letter.message(), letter.payload_size());
}

template <typename Message>
Result<Item> item(const Record& record) {
  Message message;
  if (auto status = decode(record.value, message); !status) return status.error();
  if constexpr (std::is_same_v<Message, v1::DeadLetter>) message.clear_payload();
  return Item{line_of(message), message_json(message)};
}

}  // namespace

Result<Item> output_item(const Record& record) {
  switch (record.stream) {
    case Stream::quality_scores:
      return item<v1::QualityScore>(record);
    case Stream::alerts:
    case Stream::alerts_state:
      return item<v1::Alert>(record);
    case Stream::incidents:
      return item<v1::Incident>(record);
    case Stream::rollouts:
      return item<v1::RolloutDecision>(record);
    case Stream::changes:
      return item<v1::Change>(record);
    case Stream::reviews:
      return item<v1::Review>(record);
    case Stream::dead_letter:
      return item<v1::DeadLetter>(record);
    default:
      return Error{"bad_event", "is of no public output topic"};
  }
}

}  // namespace tidewatch::tap
