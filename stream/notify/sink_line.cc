#include "stream/notify/sink_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace tidewatch {

SinkLine::SinkLine(const SinkOptions& options, size_t index, size_t batch, bool repeats)
    : options_(options),
      index_(index),
      batch_(batch),
      repeats_(repeats),
      bucket_(options.per_minute, std::max(1.0, options.per_minute / 10)),
      breaker_(options.breaker_failures, options.breaker_open, options.breaker_longest) {}

void SinkLine::offer(const void* owner, Delivery delivery, const Moment& now) {
  const bool is_fresh = delivery.is_repeat || now.wall - delivery.source.appended_at <= kFresh;
  const auto [at, is_new] = entries_.try_emplace(Key(owner, delivery.subject));
  Entry& entry = at->second;
  if (is_new) {
    entry.order = ++last_order_;
    entry.due = is_fresh ? now.monotonic : now.monotonic + kSettling;
    if (delivery.is_repeat && !is_firing(*delivery.notice)) entry.repeats_until = now.monotonic + kRepeatOver;
    entry.current = std::move(delivery);
    return;
  }
  entry.is_withdrawn = false;
  if (entry.is_under_way) {
    entry.newer = std::move(delivery);
    return;
  }
  // It still waits as long as the sink has to be left alone.
  if (entry.current.is_repeat && !delivery.is_repeat && entry.attempts == 0) entry.due = now.monotonic;
  entry.current = std::move(delivery);
}

void SinkLine::withdraw(const void* owner, const std::string& subject) {
  const auto at = entries_.find({owner, subject});
  if (at == entries_.end()) return;
  if (at->second.is_under_way) {
    at->second.is_withdrawn = true;
    at->second.newer.reset();
    return;
  }
  settle(at, Settled::Kind::withdrawn);
  entries_.erase(at);
}

void SinkLine::forget(const void* owner) {
  std::erase_if(entries_, [&](const auto& entry) { return entry.first.first == owner; });
  std::erase_if(outcomes_, [&](const Outcome& outcome) { return outcome.owner == owner; });
}

bool SinkLine::goes_before(const Entry& a, const Entry& b, bool is_trial) {
  const auto rank = [&](const Entry& entry) {
    // What failed before may be the reason itself: it is no good trial.
    const uint32_t faults = is_trial ? entry.attempts : 0;
    return std::tuple(entry.current.is_repeat, faults, severity_of(*entry.current.notice) != "page", entry.due,
                      entry.order);
  };
  return rank(a) < rank(b);
}

void SinkLine::give_up_old(const Moment& now) {
  for (auto at = entries_.begin(); at != entries_.end();) {
    const Entry& entry = at->second;
    const bool is_too_old = now.wall - entry.current.since > options_.give_up_after && entry.attempts > 0;
    if (entry.is_under_way || entry.current.is_repeat || !is_too_old) {
      ++at;
      continue;
    }
    settle(at, Settled::Kind::refused,
           {"sink_gave_up", fmt::format("sink {} could not be told in {:.0f} hours; is it there?", options_.name,
                                        to_seconds(options_.give_up_after) / 3600)});
    at = entries_.erase(at);
  }
}

std::optional<SinkLine::Attempt> SinkLine::next(const Moment& now) {
  give_up_old(now);
  if (now.monotonic < paused_until_ || !breaker_.allows(now.monotonic) || under_way_.size() >= options_.concurrency ||
      bucket_.wait_for(1, now.monotonic) > Duration::zero())
    return std::nullopt;
  std::vector<Entries::iterator> due;
  for (auto at = entries_.begin(); at != entries_.end(); ++at)
    if (is_due(at->second, now)) due.push_back(at);
  if (due.empty()) return std::nullopt;
  const bool is_trial = breaker_.state(now.monotonic) == CircuitBreaker::State::half_open;
  const auto before = [&](Entries::iterator a, Entries::iterator b) {
    return goes_before(a->second, b->second, is_trial);
  };
  const size_t most = std::min(batch_, due.size());
  std::partial_sort(due.begin(), due.begin() + static_cast<std::ptrdiff_t>(most), due.end(), before);
  Attempt out;
  out.id = ++last_attempt_;
  for (const auto at : due) {
    Entry& entry = at->second;
    const bool is_alone = entry.is_alone || due.front()->second.is_alone;
    if (out.deliveries.size() == most || (is_alone && !out.deliveries.empty())) break;
    entry.is_under_way = true;
    out.is_retry |= entry.attempts > 0;
    out.deliveries.push_back(entry.current);
    under_way_[out.id].push_back(at->first);
  }
  bucket_.take(1, now.monotonic);
  breaker_.on_sent(now.monotonic);
  return out;
}

void SinkLine::take(uint64_t id, const Answer& answer, const std::vector<std::string>& references, const Moment& now,
                    double random) {
  const std::vector<Key> keys = std::move(under_way_.at(id));
  under_way_.erase(id);
  const bool was_away = breaker_.state(now.monotonic) != CircuitBreaker::State::closed;
  if (answer.kind != Answer::Kind::failed)
    breaker_.on_success();
  else if (answer.is_limited)
    breaker_.on_abandoned();
  else
    breaker_.on_failure(now.monotonic);
  if (was_away && answer.kind != Answer::Kind::failed) returned(now);
  const Duration wait = answer.retry_after.value_or(Duration::zero());
  paused_until_ = std::max(paused_until_, now.monotonic + wait);
  for (size_t i = 0; i < keys.size(); ++i) {
    const auto at = entries_.find(keys[i]);
    if (at == entries_.end()) continue;  // forgotten
    Entry& entry = at->second;
    entry.is_under_way = false;
    if (answer.kind == Answer::Kind::told) {
      told(at, i < references.size() ? references[i] : std::string(), now);
    } else if (answer.kind == Answer::Kind::failed) {
      failed(at, wait, random, now);
    } else if (keys.size() > 1) {  // one of them: which?
      entry.is_alone = true;
    } else {
      settle(at, entry.current.is_repeat ? Settled::Kind::finished : Settled::Kind::refused, answer.error);
      entries_.erase(at);
    }
  }
}

/// Nothing waits any more because the sink was away; the rate limit spreads it.
void SinkLine::returned(const Moment& now) {
  for (auto& [key, entry] : entries_)
    if (entry.attempts > 0) entry.due = std::min(entry.due, now.monotonic);
}

void SinkLine::told(Entries::iterator at, const std::string& reference, const Moment& now) {
  Entry& entry = at->second;
  entry.attempts = 0;
  entry.is_alone = false;
  if (!entry.current.is_repeat) {
    settle(at, Settled::Kind::told, {}, reference);
    if (!repeats_) {
      entries_.erase(at);  // what is newer is offered again by who now knows what the sink knows
      return;
    }
    entry.current.is_repeat = true;
    entry.current.reference = reference;
    entry.repeats_until = is_firing(*entry.current.notice) ? Duration::max() : now.monotonic + kRepeatOver;
  } else if (entry.newer) {
    entry.current = *std::exchange(entry.newer, std::nullopt);
    entry.due = now.monotonic;
    return;
  }
  entry.newer.reset();
  entry.due = now.monotonic + options_.resend;
  if (entry.due < entry.repeats_until && !entry.is_withdrawn) return;
  settle(at, Settled::Kind::finished);
  entries_.erase(at);
}

void SinkLine::failed(Entries::iterator at, Duration wait, double random, const Moment& now) {
  Entry& entry = at->second;
  if (entry.is_withdrawn) {
    settle(at, Settled::Kind::withdrawn);
    entries_.erase(at);
    return;
  }
  if (entry.newer) entry.current = *std::exchange(entry.newer, std::nullopt);
  const double doubled = to_seconds(options_.backoff) * std::exp2(std::min<uint32_t>(entry.attempts, 30));
  const double jittered = random * std::min(doubled, to_seconds(options_.longest_wait));
  ++entry.attempts;
  entry.due = now.monotonic + wait + Duration(static_cast<int64_t>(jittered * 1e9));
}

void SinkLine::settle(Entries::iterator at, Settled::Kind kind, Error error, std::string reference) {
  outcomes_.push_back({at->first.first, {index_, at->second.current, kind, std::move(error), std::move(reference)}});
}

std::vector<SinkLine::Outcome> SinkLine::take_outcomes() { return std::exchange(outcomes_, {}); }

size_t SinkLine::undelivered() const {
  return static_cast<size_t>(std::count_if(entries_.begin(), entries_.end(),
                                           [](const auto& entry) { return !entry.second.current.is_repeat; }));
}

std::optional<Timestamp> SinkLine::oldest() const {
  std::optional<Timestamp> out;
  for (const auto& [key, entry] : entries_)
    if (!entry.current.is_repeat && (!out || entry.current.since < *out)) out = entry.current.since;
  return out;
}

}  // namespace tidewatch
