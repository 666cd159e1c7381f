#include "detectors/decide/taught_threshold.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tidewatch {
namespace {

constexpr size_t kKnown = 8;
constexpr double kHalfLifeSeconds = 42.0 * 86400;

double faded(double bits, Timestamp since, Timestamp now) {
  if (bits <= 0 || now <= since) return bits;
  return bits * std::exp2(-to_seconds(now - since) / kHalfLifeSeconds);
}

}  // namespace

std::string_view name_of(MarkVerdict finding) {
  switch (finding) {
    case MarkVerdict::false_alarm:
      return "false";
    case MarkVerdict::true_alarm:
      return "true";
    case MarkVerdict::none:
      break;
  }
  return "none";
}

Result<MarkVerdict> parse_mark_verdict(std::string_view name) {
  for (const MarkVerdict finding : {MarkVerdict::none, MarkVerdict::false_alarm, MarkVerdict::true_alarm})
    if (name == name_of(finding)) return finding;
  return Error{"bad_value", fmt::format("\"{}\" is nothing that an alert can be found to be; write false, true or none "
                                        "(which takes it back)",
                                        name)};
}

TaughtThreshold::Bits TaughtThreshold::after(Bits before, const Noted& alert) {
  if (alert.finding == MarkVerdict::none) return before;
  const double left = faded(before.bits, before.at, alert.marked_at);
  const Timestamp at = std::max(before.at, alert.marked_at);
  if (alert.finding == MarkVerdict::true_alarm) return {left / 2, at};
  return {std::max(left, std::clamp(alert.beyond + kMargin, 0.0, kMost)), at};
}

double TaughtThreshold::extra(Timestamp now) const {
  std::vector<const Noted*> marked;
  for (const Noted& alert : alerts_)
    if (alert.finding != MarkVerdict::none) marked.push_back(&alert);
  std::stable_sort(marked.begin(), marked.end(),
                   [](const Noted* a, const Noted* b) { return a->marked_at < b->marked_at; });
  Bits out = forgotten_;
  for (const Noted* alert : marked) out = after(out, *alert);
  return faded(out.bits, out.at, now);
}

void TaughtThreshold::note(std::string_view alert_id, double beyond) {
  const auto known =
      std::find_if(alerts_.begin(), alerts_.end(), [&](const Noted& alert) { return alert.id == alert_id; });
  if (known != alerts_.end()) {
    known->beyond = std::max(known->beyond, beyond);
    return;
  }
  if (alerts_.size() >= kKnown) {
    forgotten_ = after(forgotten_, alerts_.front());
    alerts_.erase(alerts_.begin());
  }
  alerts_.push_back({std::string(alert_id), beyond, MarkVerdict::none, {}});
}

bool TaughtThreshold::mark(std::string_view alert_id, MarkVerdict finding, Timestamp at) {
  const auto known =
      std::find_if(alerts_.begin(), alerts_.end(), [&](const Noted& alert) { return alert.id == alert_id; });
  if (known == alerts_.end()) return false;
  if (known->finding == finding) return true;
  known->finding = finding;
  known->marked_at = at;
  return true;
}

size_t TaughtThreshold::memory_bytes() const {
  size_t out = alerts_.capacity() * sizeof(Noted);
  for (const Noted& alert : alerts_) out += alert.id.capacity();
  return out;
}

void TaughtThreshold::save(ByteWriter& out) const {
  out.put(forgotten_.bits);
  out.put(forgotten_.at.time_since_epoch().count());
  out.put_varint(alerts_.size());
  for (const Noted& alert : alerts_) {
    out.put_string(alert.id);
    out.put(alert.beyond);
    out.put(static_cast<uint8_t>(alert.finding));
    out.put(alert.marked_at.time_since_epoch().count());
  }
}

Status TaughtThreshold::load(ByteReader& in) {
  TaughtThreshold read;
  read.forgotten_.bits = in.get<double>();
  read.forgotten_.at = Timestamp(Duration(in.get<int64_t>()));
  bool is_good = read.forgotten_.bits >= 0 && read.forgotten_.bits <= kMost;
  for (uint64_t left = in.get_count(18); left > 0; --left) {
    Noted& alert = read.alerts_.emplace_back();
    alert.id = in.get_string();
    alert.beyond = in.get<double>();
    const auto finding = in.get<uint8_t>();
    alert.marked_at = Timestamp(Duration(in.get<int64_t>()));
    is_good &= finding <= static_cast<uint8_t>(MarkVerdict::true_alarm) && std::isfinite(alert.beyond);
    alert.finding = static_cast<MarkVerdict>(finding);
  }
  if (!in.ok() || !is_good || read.alerts_.size() > kKnown)
    return Error{"corrupt", "what people taught a series is cut off or out of range"};
  *this = std::move(read);
  return ok_status();
}

}  // namespace tidewatch
