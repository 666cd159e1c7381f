#include "kafka/counting_pipeline.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <string_view>

#include "stream/runtime/kafka_runner.h"

namespace tidewatch::kafka_test {
namespace {

constexpr int64_t kEnd = 1'000'000'000;  // event second that closes every pane

int64_t number(std::string_view text) {
  int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

/// Value of a record: "id;second".
Event parse(const Record& record) {
  const auto split = record.value.find(';');
  return {std::string(record.value.substr(0, split)), std::string(record.key), number(record.value.substr(split + 1))};
}

Timestamp at(int64_t second) { return Timestamp(std::chrono::seconds(second)); }

class Forward final : public Stage {
 public:
  void on_record(const Record& record, Effects& out) override {
    latest_ = std::max(latest_, at(parse(record).second));
    out.emit(Stream::fragments, record.key, record.value);
    out.count("forwarded");
  }
  void on_watermark(Timestamp watermark, Effects&) override { latest_ = std::max(latest_, watermark); }
  void resume(Timestamp watermark) override { latest_ = watermark; }
  Timestamp output_watermark() const override { return latest_; }

 private:
  Timestamp latest_ = kMinTimestamp;
};

class Count final : public Stage {
 public:
  void on_record(const Record& record, Effects& out) override {
    const Event event = parse(record);
    out.emit(Stream::changes, event.id, "seen");
    ++combined_[event.key];
    const int64_t end = (event.second / kPaneSeconds + 1) * kPaneSeconds;
    if (at(end) <= watermark_) {
      out.emit(Stream::alerts, event.id, "late");
      return;
    }
    auto& pane = open_[end][event.key];
    if (pane.count++ == 0) pane.first_offset = record.offset;
  }

  void on_watermark(Timestamp watermark, Effects& out) override {
    for (const auto& [key, count] : combined_) out.emit(Stream::partials, key, std::to_string(count));
    combined_.clear();
    watermark_ = std::max(watermark_, watermark);
    while (!open_.empty() && at(open_.begin()->first) <= watermark_) {
      const auto [end, keys] = *open_.begin();
      for (const auto& [key, pane] : keys) close(key, end, pane.count, out);
      open_.erase(open_.begin());
    }
  }

  int64_t needed_from() const override {
    int64_t least = kNothingNeeded;
    for (const auto& [end, keys] : open_)
      for (const auto& [key, pane] : keys) least = std::min(least, pane.first_offset);
    return least;
  }

  Timestamp output_watermark() const override { return watermark_; }

  Status restore(std::string_view key, std::string_view value) override {
    const auto split = value.find(';');
    totals_[std::string(key)] = {number(value.substr(0, split)), number(value.substr(split + 1))};
    return ok_status();
  }

 private:
  struct Pane {
    int64_t count = 0;
    int64_t first_offset = 0;
  };
  struct Total {
    int64_t count = 0;
    int64_t learnt_through = 0;  ///< end of the last pane counted in
  };

  void close(const std::string& key, int64_t end, int64_t count, Effects& out) {
    auto& total = totals_[key];
    if (end <= total.learnt_through) return;  // replayed: the state knows it
    total.count += count;
    total.learnt_through = end;
    out.emit(Stream::quality_scores, fmt::format("{}@{}", key, end), std::to_string(count));
    out.emit(Stream::state, key, fmt::format("{};{}", total.count, total.learnt_through));
  }

  std::map<int64_t, std::map<std::string, Pane>> open_;
  std::map<std::string, Total> totals_;
  std::map<std::string, int64_t> combined_;  // since the last watermark
  Timestamp watermark_ = kMinTimestamp;
};

std::string topic_of(const std::string& prefix, Stream stream) { return fmt::format("{}.{}", prefix, name_of(stream)); }

}  // namespace

TestRecord to_record(const Event& event, int32_t partition) {
  return {.key = event.key, .value = fmt::format("{};{}", event.id, event.second), .partition = partition};
}

std::vector<StageSpec> counting_topology() {
  std::vector<StageSpec> out(2);
  out[0].name = "forward";
  out[0].inputs = {Stream::traces};
  out[0].downstream = {{.stream = Stream::fragments}};
  out[0].is_source = true;
  out[0].make = [] { return std::make_unique<Forward>(); };
  out[1].name = "count";
  out[1].inputs = {Stream::fragments};
  out[1].has_state = true;
  out[1].make = [] { return std::make_unique<Count>(); };
  return out;
}

KafkaOptions options_for(const std::string& brokers, const std::string& prefix, const std::string& instance) {
  KafkaOptions options;
  options.brokers = {brokers};
  for (int i = 0; i < kStreamCount; ++i) {
    const auto stream = static_cast<Stream>(i);
    options.topics.set(stream, topic_of(prefix, stream));
  }
  options.group_prefix = prefix;
  options.instance = instance;
  options.commit_interval = std::chrono::milliseconds(50);
  options.stall_timeout = std::chrono::hours(1);
  // The answer must not depend on how fast the machine is: no source is ever idle.
  options.idle_policy = IdlePolicy::hold;
  options.idle_after = std::chrono::hours(1);
  options.session_timeout = std::chrono::seconds(2);
  options.transaction_timeout = std::chrono::seconds(5);
  return options;
}

KafkaOptions set_up(KafkaBroker& broker, const CountingTopics& topics) {
  for (int i = 0; i < kStreamCount; ++i) {
    const auto stream = static_cast<Stream>(i);
    const bool input = stream == Stream::traces;
    std::map<std::string, std::string> config;
    if (stream == Stream::state) config["cleanup.policy"] = "compact";
    broker.create_topic(topic_of(topics.prefix, stream), input ? topics.inputs : topics.internals, config);
  }
  return options_for(broker.brokers(), topics.prefix, "one");
}

Counted read_counted(KafkaBroker& broker, const std::string& prefix) {
  Counted out;
  for (const auto& record : broker.read_all(topic_of(prefix, Stream::changes))) ++out.seen[record.key];
  for (const auto& record : broker.read_all(topic_of(prefix, Stream::quality_scores)))
    out.panes.emplace(record.key, number(record.value));
  for (const auto& record : broker.read_all(topic_of(prefix, Stream::state))) out.totals[record.key] = record.value;
  for (const auto& record : broker.read_all(topic_of(prefix, Stream::partials)))
    out.combined_total[record.key] += number(record.value);
  out.late = static_cast<int>(broker.read_all(topic_of(prefix, Stream::alerts)).size());
  return out;
}

std::string difference(const Counted& counted, const std::vector<Event>& events) {
  std::vector<std::string> wrong;
  std::map<std::string, int64_t> panes;
  std::map<std::string, int64_t> totals;
  std::map<std::string, int64_t> all;
  std::map<std::string, int64_t> last_pane;
  int missing = 0;
  for (const auto& event : events) {
    const auto found = counted.seen.find(event.id);
    if (found == counted.seen.end()) ++missing;
    ++all[event.key];
    if (event.second == kEnd) continue;  // its pane stays open
    const int64_t end = (event.second / kPaneSeconds + 1) * kPaneSeconds;
    ++panes[fmt::format("{}@{}", event.key, end)];
    ++totals[event.key];
    last_pane[event.key] = std::max(last_pane[event.key], end);
  }
  if (missing > 0) wrong.push_back(fmt::format("{} of {} events were not seen", missing, events.size()));
  int twice = 0;
  for (const auto& [id, times] : counted.seen) twice += times > 1 ? 1 : 0;
  if (twice > 0) wrong.push_back(fmt::format("{} events were seen more than once", twice));
  if (counted.late > 0) wrong.push_back(fmt::format("{} events were late though all came in order", counted.late));
  for (const auto& [pane, count] : panes) {
    const auto [first, last] = counted.panes.equal_range(pane);
    if (first == last)
      wrong.push_back(fmt::format("pane {} was not closed", pane));
    else if (std::next(first) != last || first->second != count)
      wrong.push_back(fmt::format("pane {} has count {} ({} times), not {}", pane, first->second,
                                  std::distance(first, last), count));
  }
  if (counted.panes.size() > panes.size())
    wrong.push_back(fmt::format("{} panes were closed, not {}", counted.panes.size(), panes.size()));
  for (const auto& [key, total] : totals) {
    const auto found = counted.totals.find("count/" + key);
    const std::string expected = fmt::format("{};{}", total, last_pane[key]);
    if (found == counted.totals.end() || found->second != expected)
      wrong.push_back(fmt::format("state of {} is {}, not {}", key,
                                  found == counted.totals.end() ? "missing" : found->second, expected));
  }
  for (const auto& [key, total] : all) {
    const auto found = counted.combined_total.find(key);
    if (found == counted.combined_total.end() || found->second != total)
      wrong.push_back(fmt::format("combined counts of {} sum up to {}, not {}", key,
                                  found == counted.combined_total.end() ? 0 : found->second, total));
  }
  std::string out;
  for (size_t i = 0; i < std::min<size_t>(wrong.size(), 8); ++i) out += wrong[i] + "\n";
  if (wrong.size() > 8) out += fmt::format("... and {} more\n", wrong.size() - 8);
  return out;
}

int run_counting_process(const std::string& brokers, const std::string& prefix, const std::string& instance) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread: all inherit it
  Metrics metrics;
  KafkaRunner runner(options_for(brokers, prefix, instance), counting_topology(), {}, metrics);
  if (const auto status = runner.start(); !status) return exit_code_of(status.error());
  int signal = 0;
  sigwait(&signals, &signal);
  runner.stop();
  return runner.failure() ? exit_code_of(*runner.failure()) : 0;
}

std::vector<std::vector<Event>> make_events(int partitions, int per_partition) {
  std::vector<std::vector<Event>> out(static_cast<size_t>(partitions));
  for (int p = 0; p < partitions; ++p) {
    auto& events = out[static_cast<size_t>(p)];
    for (int i = 0; i < per_partition; ++i)
      events.push_back({fmt::format("{}-{}", p, i), fmt::format("key-{}", (i * 7 + p) % 13), 1000 + i / 20});
    events.push_back({fmt::format("{}-end", p), "key-0", kEnd});
  }
  return out;
}

std::vector<Event> flatten(const std::vector<std::vector<Event>>& events) {
  std::vector<Event> out;
  for (const auto& some : events) out.insert(out.end(), some.begin(), some.end());
  return out;
}

}  // namespace tidewatch::kafka_test
