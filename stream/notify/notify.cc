#include "stream/notify/notify.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "stream/publish/decode.h"
#include "stream/publish/encoder.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

constexpr std::string_view kBegan = "began";
/// What was on the topics before the stage first ran is read in several batches: what fired in one may be over in the
/// next. Sinks are told when none of it has come for so long.
constexpr Duration kHistoryIsOver = std::chrono::seconds(3);

Status check(const v1::Notice& notice) {
  if (id_of(notice).empty()) return Error{"bad_notice", "has no id"};
  if (transition_of(notice).empty()) return Error{"bad_notice", "does not say what happened (transition)"};
  // They become part of headers.
  for (const std::string* text : {&id_of(notice), &transition_of(notice)})
    if (std::any_of(text->begin(), text->end(), [](char c) { return c <= ' ' || c > '~'; }))
      return Error{"bad_notice", "has an id or a transition with other characters than visible ASCII"};
  if (const auto field = notice.has_alert() ? non_finite_field(notice.alert()) : non_finite_field(notice.incident()))
    return Error{"bad_notice", *field + " is not a finite number"};
  return ok_status();
}

}  // namespace

Notify::Notify(std::vector<Interest> sinks, Topics topics, std::shared_ptr<Courier> courier)
    : sinks_(sinks), topics_(std::move(topics)), courier_(std::move(courier)), outbox_(std::move(sinks)) {}

Notify::~Notify() { courier_->forget(this); }

Status Notify::restore(std::string_view key, std::string_view value) {
  if (key != kBegan) return outbox_.restore(key, value);
  google::protobuf::Timestamp at;
  if (!at.ParseFromArray(value.data(), static_cast<int>(value.size())))
    return Error{"corrupt", fmt::format("state of \"{}\" is no time", key)};
  outbox_.begin(from_proto(at));
  has_begun_ = true;
  return ok_status();
}

void Notify::on_record(const Record& record, Effects& out) {
  if (!has_begun_) {
    first_began_ = courier_->now();
    outbox_.begin(first_began_);
    out.emit(Stream::state, kBegan, encode(to_proto(first_began_), WireFormat::protobuf));
    has_begun_ = true;
  }
  v1::Notice notice;
  Status read = record.stream == Stream::incidents ? decode(record.value, *notice.mutable_incident())
                                                   : decode(record.value, *notice.mutable_alert());
  if (read) read = check(notice);
  if (!read) {
    out.count("bad_notices");
    return out.dead_letter(record, {"bad_notice", "the record " + read.error().message}, record.value);
  }
  out.count("notices", transition_of(notice));
  const Timestamp appended = record.append_time == kMinTimestamp ? courier_->now() : record.append_time;
  if (appended < first_began_) history_read_at_ = courier_->now();
  outbox_.take(std::move(notice), {record.partition, record.offset, appended});
}

void Notify::on_watermark(Timestamp, Effects& out) {
  for (const Settled& settled : courier_->collect(this)) {
    if (settled.kind == Settled::Kind::refused) give_up(settled, out);
    outbox_.settle(settled);
  }
  const bool is_reading_history =
      history_read_at_ != kMinTimestamp && courier_->now() - history_read_at_ < kHistoryIsOver;
  if (!is_reading_history)
    for (Outbox::Step& step : outbox_.take_steps()) {
      if (step.delivery)
        courier_->offer(this, step.sink, *std::move(step.delivery));
      else
        courier_->withdraw(this, step.sink, step.subject);
    }
  for (const auto& [id, value] : outbox_.take_changes()) out.emit(Stream::state, id, value);
}

void Notify::give_up(const Settled& settled, Effects& out) const {
  const v1::Notice& notice = *settled.delivery.notice;
  const std::string payload =
      notice.has_alert() ? encode(notice.alert(), WireFormat::json) : encode(notice.incident(), WireFormat::json);
  Record record;
  record.stream = notice.has_alert() ? Stream::alerts : Stream::incidents;
  record.topic = notice.has_alert() ? topics_.alerts : topics_.incidents;
  record.partition = settled.delivery.source.partition;
  record.offset = settled.delivery.source.offset;
  record.key = settled.delivery.subject;
  const bool is_old = settled.error.code == "sink_gave_up";
  out.dead_letter(record,
                  is_old ? settled.error
                         : Error{"sink_refused", fmt::format("sink {} refused it ({}): {}", sinks_[settled.sink].sink,
                                                             settled.error.code, settled.error.message)},
                  payload);
}

}  // namespace tidewatch
