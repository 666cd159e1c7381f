#include "stream/runtime/kafka_runner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "stream/runtime/kafka_cluster.h"
#include "stream/runtime/kafka_worker.h"

namespace tidewatch {
namespace {

constexpr auto kWatchInterval = std::chrono::seconds(10);

bool is_public_input(Stream stream) {
  return stream == Stream::traces || stream == Stream::logs || stream == Stream::feedback ||
         stream == Stream::evaluations;
}

}  // namespace

struct KafkaRunner::Impl {
  KafkaOptions options;
  std::vector<StageSpec> topology;
  std::set<std::string> run;
  Metrics& metrics;
  std::unique_ptr<kafka::Cluster> cluster;
  std::map<std::string, int32_t> counts;  ///< partitions by topic, as of start
  std::map<Stream, int32_t> partitions;   ///< the same of streams that are not public inputs
  std::vector<std::unique_ptr<kafka::StagePlan>> plans;
  std::vector<std::unique_ptr<kafka::Worker>> workers;
  std::atomic<bool> reachable{false};
  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;
  std::thread watch;

  Impl(KafkaOptions o, std::vector<StageSpec> t, std::set<std::string> r, Metrics& m)
      : options(std::move(o)), topology(std::move(t)), run(std::move(r)), metrics(m) {}

  std::vector<std::string> topics() const;
  bool is_run_here(const StageSpec& spec) const { return run.empty() || run.contains(spec.name); }
  Status connect();
  Status check_topics();
  std::vector<std::string> sources_of(const StageSpec& spec) const;
  Status plan_stages();
  void watch_topics();
};

KafkaRunner::KafkaRunner(KafkaOptions options, std::vector<StageSpec> topology, const std::set<std::string>& run,
                         Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(topology), run, metrics)) {}

KafkaRunner::~KafkaRunner() { stop(); }

std::vector<std::string> KafkaRunner::Impl::topics() const {
  std::vector<std::string> out;
  out.reserve(kStreamCount);
  for (int i = 0; i < kStreamCount; ++i) out.push_back(options.topics.of(static_cast<Stream>(i)));
  return out;
}

Status KafkaRunner::Impl::connect() {
  if (options.instance.empty()) return Error{"bad_config", "kafka: this process needs an instance name"};
  auto opened = kafka::Cluster::open(options);
  if (!opened) return opened.error();
  cluster = std::move(opened).value();
  const auto give_up = std::chrono::steady_clock::now() + options.broker_timeout;
  for (;;) {
    const auto left = give_up - std::chrono::steady_clock::now();
    auto found = cluster->partition_counts(
        topics(), std::clamp<Duration>(left, std::chrono::milliseconds(100), std::chrono::seconds(5)));
    if (found) {
      counts = std::move(found).value();
      reachable = true;
      return ok_status();
    }
    if (found.error().code != "broker_unavailable") return found.error();
    if (std::chrono::steady_clock::now() > give_up)
      return Error{"broker_unavailable",
                   fmt::format("no Kafka broker answered at {} within {} s: {}", fmt::join(options.brokers, ", "),
                               to_seconds(options.broker_timeout), found.error().message)};
  }
}

Status KafkaRunner::Impl::check_topics() {
  std::vector<std::string> missing;
  for (int i = 0; i < kStreamCount; ++i) {
    const auto stream = static_cast<Stream>(i);
    if (is_public_input(stream)) continue;
    const auto& topic = options.topics.of(stream);
    partitions[stream] = counts.at(topic);
    if (counts.at(topic) == 0) missing.push_back(topic);
  }
  for (const auto& spec : topology)
    for (const Stream fed : spec.feeds)
      if (is_run_here(spec) && counts.at(options.topics.of(fed)) == 0) missing.push_back(options.topics.of(fed));
  if (!missing.empty())
    return Error{"bad_topics", fmt::format("these topics do not exist: {}; `tidewatch doctor --fix` creates them",
                                           fmt::join(missing, ", "))};
  for (const auto& spec : topology) {
    if (!spec.has_state) continue;
    for (const Stream input : spec.inputs)
      if (const int32_t count = counts.at(options.topics.of(input)); partitions.at(Stream::state) < count)
        return Error{"bad_topics", fmt::format("{} has {} partitions but needs {}, as many as {}; `tidewatch doctor "
                                               "--fix` adds them",
                                               options.topics.of(Stream::state), partitions.at(Stream::state), count,
                                               options.topics.of(input))};
  }
  return ok_status();
}

std::vector<std::string> KafkaRunner::Impl::sources_of(const StageSpec& spec) const {
  std::vector<std::string> out;
  for (const auto& upstream : topology) {
    if (std::none_of(spec.inputs.begin(), spec.inputs.end(),
                     [&](Stream input) { return upstream.downstream_to(input) != nullptr; }))
      continue;
    for (const Stream input : upstream.inputs)
      for (int32_t p = 0; p < counts.at(options.topics.of(input)); ++p)
        out.push_back(fmt::format("{}/{}", options.topics.of(input), p));
  }
  return out;
}

Status KafkaRunner::Impl::plan_stages() {
  for (const auto& spec : topology) {
    if (!is_run_here(spec)) continue;
    auto plan = std::make_unique<kafka::StagePlan>();
    plan->spec = spec;
    for (const Stream input : spec.inputs) {
      const auto& topic = options.topics.of(input);
      if (counts.at(topic) == 0)
        spdlog::warn("input topic does not exist (yet); reading it from when it does stage={} topic={}", spec.name,
                     topic);
      plan->inputs[topic] = input;
    }
    plan->expected_sources = sources_of(spec);
    plans.push_back(std::move(plan));
  }
  if (plans.empty()) return Error{"bad_config", fmt::format("no stage is called {}", fmt::join(run, ", "))};
  return ok_status();
}

Status KafkaRunner::start() {
  if (auto status = impl_->connect(); !status) return status;
  if (auto status = impl_->check_topics(); !status) return status;
  if (auto status = impl_->plan_stages(); !status) return status;
  for (const auto& plan : impl_->plans)
    for (int i = 0; i < std::max(impl_->options.threads_per_stage, 1); ++i)
      impl_->workers.push_back(std::make_unique<kafka::Worker>(impl_->options, *plan, i, impl_->partitions,
                                                               *impl_->cluster, impl_->metrics));
  for (auto& worker : impl_->workers) worker->start();
  impl_->watch = std::thread([this] { impl_->watch_topics(); });
  return ok_status();
}

void KafkaRunner::Impl::watch_topics() {
  std::unique_lock lock(mutex);
  while (!wake.wait_for(lock, kWatchInterval, [&] { return stopping; })) {
    lock.unlock();
    const auto now = cluster->partition_counts(topics(), std::chrono::seconds(5));
    if (reachable.exchange(now.ok()) != now.ok())
      spdlog::log(now.ok() ? spdlog::level::info : spdlog::level::err, "brokers {}",
                  now.ok() ? "answer again" : "do not answer: " + now.error().message);
    metrics.set("broker_reachable", {}, now.ok() ? 1 : 0);
    if (now) {
      for (const auto& [topic, count] : *now) {
        const bool changed = count != counts.at(topic) && count != 0;
        if (changed)
          spdlog::error("partition count changed; restart all processes to use it topic={} was={} is={}", topic,
                        counts.at(topic), count);
        metrics.set("partition_count_changed", {{"topic", topic}}, changed ? 1 : 0);
      }
    }
    lock.lock();
  }
}

void KafkaRunner::stop() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  for (auto& worker : impl_->workers) worker->request_stop();
  for (auto& worker : impl_->workers) worker->join();
  if (impl_->watch.joinable()) impl_->watch.join();
}

RunnerHealth KafkaRunner::health() const {
  if (const auto ended = failure()) return {.live = false, .ready = false, .detail = ended->message};
  if (!impl_->reachable) return {.live = true, .ready = false, .detail = "the brokers do not answer"};
  for (const auto& worker : impl_->workers)
    if (!worker->ready())
      return {.live = true, .ready = false, .detail = "stage " + worker->stage() + " is joining or restoring"};
  return {.live = true, .ready = !impl_->workers.empty(), .detail = "all stages are running"};
}

std::optional<Error> KafkaRunner::failure() const {
  for (const auto& worker : impl_->workers)
    if (auto ended = worker->failure()) return ended;
  return std::nullopt;
}

int exit_code_of(const Error& error) {
  if (error.code == "broker_unavailable") return 69;
  if (error.code == "bad_config" || error.code == "bad_topics" || error.code == "not_authorized") return 78;
  return 70;
}

}  // namespace tidewatch
