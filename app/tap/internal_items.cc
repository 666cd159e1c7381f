#include "app/tap/internal_items.h"

#include <fmt/format.h>

#include <string>

#include "app/tap/message_json.h"
#include "detectors/sketch/aggregate.h"
#include "stream/publish/timestamps.h"
#include "tidewatch/v1/fragment.pb.h"
#include "tidewatch/v1/partial.pb.h"
#include "tidewatch/v1/progress.pb.h"
#include "tidewatch/v1/raised.pb.h"
#include "tidewatch/v1/state.pb.h"
#include "tidewatch/v1/turn.pb.h"

namespace tidewatch::tap {
namespace {

using nlohmann::ordered_json;

template <typename Message>
Result<Message> parse(const Record& record) {
  Message out;
  if (out.ParseFromArray(record.value.data(), static_cast<int>(record.value.size()))) return out;
  return Error{"bad_event", fmt::format("is no {}", out.GetTypeName())};
}

ordered_json summary_of(std::string_view bytes) {
  const auto aggregate = Aggregate::deserialize(bytes);
  if (!aggregate) return {{"unreadable", aggregate.error().message}, {"bytes", bytes.size()}};
  const auto seen = aggregate->observe();
  ordered_json out = {{"kind", std::string(name_of(aggregate->kind()))}, {"n", seen.n}};
  if (!seen.missing()) out["value"] = seen.value;
  if (aggregate->kind() == MeasureKind::distribution && !seen.missing())
    for (const auto& [name, q] : {std::pair{"p50", 0.5}, std::pair{"p95", 0.95}, std::pair{"p99", 0.99}})
      out[name] = aggregate->quantile(q);
  out["exemplars"] = aggregate->exemplars().size();
  out["bytes"] = bytes.size();
  return out;
}

Result<ordered_json> partial_json(const Record& record) {
  auto partial = parse<v1::Partial>(record);
  if (!partial) return partial.error();
  ordered_json measures = ordered_json::object();
  for (const auto& measure : partial->measures()) measures[measure.measure()] = summary_of(measure.aggregate());
  partial->clear_measures();
  ordered_json out = message_json(*partial);
  out["measures"] = std::move(measures);
  return out;
}

Result<ordered_json> state_json(const Record& record) {
  auto state = parse<v1::EntityState>(record);
  if (!state) return state.error();
  const size_t bytes = state->state().size();
  state->clear_state();
  ordered_json out = message_json(*state);
  out.erase("state");
  out["state_bytes"] = bytes;
  out["learnt_through"] = rfc3339(Timestamp(Duration(state->learnt_through_unix_nano())));
  return out;
}

template <typename Message>
Result<ordered_json> plain_json(const Record& record) {
  const auto message = parse<Message>(record);
  if (!message) return message.error();
  return message_json(*message);
}

Result<ordered_json> json_of(const Record& record) {
  switch (record.stream) {
    case Stream::fragments:
      return plain_json<v1::Fragment>(record);
    case Stream::partials:
      return partial_json(record);
    case Stream::turns:
      return plain_json<v1::Turn>(record);
    case Stream::raised:
      return plain_json<v1::Raised>(record);
    case Stream::progress:
      return plain_json<v1::Progress>(record);
    case Stream::state:
      if (record.key.starts_with("alert/alert/")) return plain_json<v1::AlertState>(record);
      if (record.key.starts_with("alert/silence/")) return plain_json<v1::SilenceState>(record);
      if (record.key.starts_with("alert/command/")) return plain_json<google::protobuf::Timestamp>(record);
      return state_json(record);
    default:
      return Error{"bad_event", fmt::format("has no schema that is known here ({} bytes)", record.value.size())};
  }
}

}  // namespace

Result<Item> internal_item(const Record& record) {
  auto json = json_of(record);
  if (!json) return json.error();
  std::string text = json->dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  return Item{fmt::format("{}/{} {} {}", record.partition, record.offset, record.key, text), std::move(*json)};
}

}  // namespace tidewatch::tap
