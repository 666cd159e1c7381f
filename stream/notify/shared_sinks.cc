#include "stream/notify/shared_sinks.h"

#include <utility>

namespace tidewatch {
namespace {

constexpr size_t kMostBytes = size_t{64} * 1024;  ///< of a response

}  // namespace

Outgoing outgoing(const SinkFormat& format, const SinkOptions& options, std::span<const Delivery> deliveries,
                  Timestamp now) {
  Outgoing out = format.request(deliveries, now);
  std::visit(
      [&](auto& request) {
        request.connect_timeout = options.connect_timeout;
        request.timeout = options.timeout;
      },
      out);
  if (auto* post = std::get_if<HttpPost>(&out)) post->max_bytes = kMostBytes;
  return out;
}

std::vector<Interest> interests_of(const std::vector<SinkOptions>& sinks) {
  std::vector<Interest> out;
  for (const SinkOptions& options : sinks) {
    const auto format = make_format(options);
    out.push_back({.sink = options.name,
                   .subject = format->subject(),
                   .match = options.match,
                   .transitions = format->transitions(),
                   .hears_missed = format->hears_missed(),
                   .forgets = format->forgets()});
  }
  return out;
}

SharedSinks::SharedSinks(const std::vector<SinkOptions>& options, Surroundings surroundings, Metrics& metrics)
    : surroundings_(std::move(surroundings)), metrics_(metrics) {
  for (const SinkOptions& one : options) {
    auto format = make_format(one);
    SinkLine line(one, sinks_.size(), format->batch(), format->forgets());
    sinks_.push_back({one, std::move(format), std::move(line)});
  }
}

SharedSinks::~SharedSinks() {
  for (const Sink& sink : sinks_)
    for (const char* gauge : {"sink_undelivered", "sink_oldest_undelivered_seconds", "sink_left_alone"})
      metrics_.remove(gauge, {{"sink", sink.options.name}});
}

void SharedSinks::offer(const void* owner, size_t sink, Delivery delivery) {
  const std::lock_guard lock(mutex_);
  sinks_.at(sink).line.offer(owner, std::move(delivery), moment());
}

void SharedSinks::withdraw(const void* owner, size_t sink, const std::string& subject) {
  const std::lock_guard lock(mutex_);
  sinks_.at(sink).line.withdraw(owner, subject);
}

void SharedSinks::forget(const void* owner) {
  const std::lock_guard lock(mutex_);
  done_.erase(owner);
  for (Sink& sink : sinks_) sink.line.forget(owner);
}

std::vector<Settled> SharedSinks::collect(const void* owner) {
  const std::lock_guard lock(mutex_);
  const auto now = moment();
  for (size_t i = 0; i < sinks_.size(); ++i)
    while (auto attempt = sinks_[i].line.next(now)) start(i, std::move(*attempt));
  for (const TransferOutcome& outcome : transfers_.poll(Duration::zero())) take(outcome);
  for (Sink& sink : sinks_) {
    for (SinkLine::Outcome& outcome : sink.line.take_outcomes()) {
      if (outcome.settled.kind == Settled::Kind::told) metrics_.count("sink_deliveries", {{"sink", sink.options.name}});
      done_[outcome.owner].push_back(std::move(outcome.settled));
    }
    report(sink, now);
  }
  const auto done = done_.find(owner);
  return done == done_.end() ? std::vector<Settled>() : std::exchange(done->second, {});
}

void SharedSinks::start(size_t sink, SinkLine::Attempt attempt) {
  const Sink& to = sinks_[sink];
  metrics_.count("sink_attempts", {{"sink", to.options.name}});
  if (attempt.is_retry) metrics_.count("sink_retries", {{"sink", to.options.name}});
  const uint64_t id = ++last_transfer_;
  std::visit([&](auto&& request) { transfers_.start(id, std::forward<decltype(request)>(request)); },
             outgoing(*to.format, to.options, attempt.deliveries, surroundings_.wall()));
  under_way_.emplace(id, UnderWay{sink, std::move(attempt)});
}

void SharedSinks::take(const TransferOutcome& outcome) {
  const auto at = under_way_.find(outcome.id);
  const UnderWay sent = std::move(at->second);
  under_way_.erase(at);
  Sink& sink = sinks_[sent.sink];
  const Answer answer = sink.format->answer(outcome);
  std::vector<std::string> references;
  if (answer.kind == Answer::Kind::told)
    for (const Delivery& delivery : sent.attempt.deliveries)
      references.push_back(sink.format->reference(delivery, outcome));
  const Metrics::Labels labels{{"sink", sink.options.name}, {"reason", answer.error.code}};
  if (answer.kind == Answer::Kind::failed) metrics_.count("sink_failures", labels);
  if (answer.kind == Answer::Kind::refused) metrics_.count("sink_refusals", labels);
  sink.line.take(sent.attempt.id, answer, references, moment(), surroundings_.random());
}

void SharedSinks::report(const Sink& sink, const SinkLine::Moment& now) {
  const Metrics::Labels labels{{"sink", sink.options.name}};
  const auto oldest = sink.line.oldest();
  metrics_.set("sink_undelivered", labels, static_cast<double>(sink.line.undelivered()));
  metrics_.set("sink_oldest_undelivered_seconds", labels, oldest ? to_seconds(now.wall - *oldest) : 0);
  metrics_.set("sink_left_alone", labels, sink.line.is_left_alone(now) ? 1 : 0);
}

}  // namespace tidewatch
