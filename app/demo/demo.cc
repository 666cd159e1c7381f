#include "app/demo/demo.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <thread>
#include <utility>

#include "app/backtest/incident_labels.h"
#include "app/demo/backlog.h"
#include "app/demo/embedded_broker.h"
#include "app/demo/output_reader.h"
#include "app/flow.h"
#include "app/gen/simulator.h"
#include "app/traffic/traffic_producer.h"
#include "stream/runtime/kafka_runner.h"
#include "tidewatch/v1/quality_score.pb.h"

namespace tidewatch {
namespace {

using std::chrono::steady_clock;

constexpr uint64_t kPaceBytes = 50'000;  ///< sent between two looks at the backlog
constexpr auto kPause = std::chrono::milliseconds(5);
constexpr auto kSlowStart = std::chrono::milliseconds(50);  ///< between two messages
constexpr std::array kStages{"observe", "assemble", "session", "detect", "alert"};
/// Without any progress for so long the demo gives up.
constexpr auto kPatience = std::chrono::seconds(30);

KafkaOptions kafka_options(const EmbeddedBroker& broker, KafkaOptions options) {
  options.brokers = {broker.address()};
  options.instance = "demo";
  options.properties = {{"fetch.wait.max.ms", "10"}};
  options.idle_policy = IdlePolicy::hold;  // the simulated day has its own clock
  // Longer than the producer ever waits for the stages: a source that is only slow must not be left behind.
  options.idle_after = std::chrono::seconds(4);
  options.commit_interval = std::chrono::milliseconds(50);
  return options;
}

/// Partials are the most bytes and come in bursts, when watermarks move on: they get the most room. Streams with little
/// in them have one partition, since a watermark waits for the slowest.
int32_t partitions_of(Stream stream) {
  if (stream == Stream::partials || stream == Stream::state) return 8;
  return stream == Stream::traces || stream == Stream::fragments ? 2 : 1;
}

Status create_topics(EmbeddedBroker& broker, const TopicNames& topics) {
  for (int i = 0; i < kStreamCount; ++i) {
    const auto stream = static_cast<Stream>(i);
    if (auto made = broker.create_topic(topics.of(stream), partitions_of(stream)); !made) return made;
  }
  return ok_status();
}

/// One run: the parts, and what has come of it so far.
class Demo {
 public:
  Demo(const DemoOptions& options, const DemoEvents& events, gen::Simulator simulator)
      : options_(options), events_(events), simulator_(std::move(simulator)) {}

  Result<DemoReport> run();

 private:
  Status start();
  Status await_ready();
  Status send_traffic();
  Status make_room();
  Status drain();
  Status await(const std::string& stage);
  Status read_outputs(Duration patience);
  void receive(Stream stream, std::string_view value);
  Status find_losses();
  Status compare(const std::string& what, Stream stream, const std::string& reader, double read);
  void show_progress();

  const DemoOptions& options_;
  const DemoEvents& events_;
  gen::Simulator simulator_;
  // In the order in which they depend on each other: clients end before the broker.
  std::unique_ptr<EmbeddedBroker> broker_;
  KafkaOptions kafka_;
  Metrics metrics_;
  std::optional<Backlog> backlog_;
  std::optional<TrafficProducer> producer_;
  std::optional<OutputReader> reader_;
  std::unique_ptr<KafkaRunner> runner_;

  uint64_t looked_at_ = 0;  ///< bytes sent when the backlog was last asked
  uint64_t scores_ = 0;
  DemoProgress progress_;
  DemoReport report_;
};

Status Demo::start() {
  auto broker = EmbeddedBroker::start();
  if (!broker) return broker.error();
  broker_ = std::move(broker).value();
  kafka_ = kafka_options(*broker_, options_.config.kafka);
  if (auto made = create_topics(*broker_, kafka_.topics); !made) return made;
  auto backlog = Backlog::open(kafka_, metrics_, partitions_of);
  if (!backlog) return backlog.error();
  backlog_.emplace(std::move(backlog).value());
  auto producer = TrafficProducer::open(kafka_, partitions_of(Stream::traces));
  if (!producer) return producer.error();
  producer_.emplace(std::move(producer).value());
  auto reader = OutputReader::open(kafka_, {Stream::alerts, Stream::quality_scores});
  if (!reader) return reader.error();
  reader_.emplace(std::move(reader).value());
  Config config = options_.config;
  config.detect.format = WireFormat::protobuf;
  auto flow = make_flow(config);
  if (!flow) return flow.error();
  runner_ = std::make_unique<KafkaRunner>(kafka_, std::move(flow).value(), std::set<std::string>{}, metrics_);
  if (auto started = runner_->start(); !started) return started;
  return await_ready();
}

/// Traffic begins when all stages wait for it, and before any source is idle: none may go on without the others.
Status Demo::await_ready() {
  const auto give_up = steady_clock::now() + kPatience;
  while (!runner_->health().ready) {
    if (auto failed = runner_->failure()) return *failed;
    if (steady_clock::now() > give_up) return Error{"stalled", "the stages did not start: " + runner_->health().detail};
    std::this_thread::sleep_for(kPause);
  }
  return ok_status();
}

void Demo::receive(Stream stream, std::string_view value) {
  if (stream == Stream::alerts) {
    v1::Alert alert;
    if (!alert.ParseFromArray(value.data(), static_cast<int>(value.size()))) return;
    report_.alerts.push_back(std::move(alert));
    if (events_.on_alert) events_.on_alert(report_.alerts.back());
    return;
  }
  ++scores_;
  v1::QualityScore score;
  if (!score.ParseFromArray(value.data(), static_cast<int>(value.size()))) return;
  const auto service = score.labels().find("service");
  if (score.labels_size() == 1 && service != score.labels().end() && score.has_index())
    progress_.quality[service->second] = score.index();
}

Status Demo::read_outputs(Duration patience) {
  if (auto failed = runner_->failure()) return *failed;
  return reader_->poll(patience, [this](Stream stream, std::string_view value) { receive(stream, value); });
}

void Demo::show_progress() {
  if (events_.on_progress) events_.on_progress(progress_);
}

Status Demo::make_room() {
  looked_at_ = producer_->bytes();
  const auto give_up = steady_clock::now() + kPatience;
  for (;;) {
    if (auto read = read_outputs(Duration::zero()); !read) return read;
    show_progress();
    const auto room = backlog_->has_room(static_cast<double>(producer_->bytes()));
    if (!room) return room.error();
    if (*room) return ok_status();
    if (steady_clock::now() > give_up)
      return Error{"stalled", "the stages do not keep up with the traffic: " + runner_->health().detail};
    std::this_thread::sleep_for(kPause);
  }
}

Status Demo::send_traffic() {
  const gen::Scenario& scenario = simulator_.scenario();
  const double whole = to_seconds(scenario.traffic_end - scenario.history_start);
  Status status = ok_status();
  // A watermark waits for sources without data until they are known to be idle. What the day brought in meanwhile would
  // leave assemble in one burst, larger than the embedded broker keeps; so the day begins slowly.
  const auto all_known = steady_clock::now() + kafka_.idle_after + std::chrono::milliseconds(500);
  simulator_.run([&](const gen::Emission& emission) {
    if (steady_clock::now() < all_known) std::this_thread::sleep_for(kSlowStart);
    // Votes come for hours more; alone they would move event time on, and all services would seem to be silent.
    if (emission.export_time >= scenario.traffic_end) return false;
    status = producer_->send(emission);
    progress_.at = emission.export_time;
    progress_.done = to_seconds(emission.export_time - scenario.history_start) / whole;
    progress_.spans = producer_->spans();
    if (status && producer_->bytes() - looked_at_ >= kPaceBytes) status = make_room();
    return status.ok();
  });
  return status ? producer_->flush() : status;
}

/// Until the stage has gone through all that its topics hold now. Sources go on to repeat their watermarks, so there
/// need not be a moment when nothing waits.
Status Demo::await(const std::string& stage) {
  const auto target = backlog_->written_for(stage);
  if (!target) return target.error();
  auto give_up = steady_clock::now() + kPatience;
  for (double furthest = -1;;) {
    const double passed = backlog_->passed_by(stage);
    if (passed >= *target) return ok_status();
    if (passed > furthest) {
      furthest = passed;
      give_up = steady_clock::now() + kPatience;
    }
    if (steady_clock::now() > give_up)
      return Error{"stalled", fmt::format("{} does not go on: {:.0f} of the {:.0f} records written for it, {}", stage,
                                          passed, *target, runner_->health().detail)};
    if (auto read = read_outputs(kPause); !read) return read;
    show_progress();
  }
}

Status Demo::drain() {
  // Twice: the first time sources that have ended may still hold the watermark of those that have not.
  for (int round = 0; round < 2; ++round) {
    for (const char* stage : kStages)
      if (auto done = await(stage); !done) return done;
    const auto until = steady_clock::now() + kafka_.idle_after + std::chrono::milliseconds(500);
    while (round == 0 && steady_clock::now() < until)
      if (auto read = read_outputs(kPause); !read) return read;
  }
  runner_->stop();  // commits the rest
  const auto give_up = steady_clock::now() + kPatience;
  for (;;) {
    const auto alerts = backlog_->written(Stream::alerts);
    if (!alerts) return alerts.error();
    if (static_cast<double>(report_.alerts.size()) >= *alerts || steady_clock::now() > give_up) return ok_status();
    if (auto read = read_outputs(std::chrono::milliseconds(50)); !read) return read;
  }
}

Status Demo::compare(const std::string& what, Stream stream, const std::string& reader, double read) {
  const auto count = backlog_->written(stream);
  if (!count) return count.error();
  if (*count != read)
    report_.losses.push_back(fmt::format("{:.0f} {} were written, {} read {:.0f}", *count, what, reader, read));
  return ok_status();
}

/// The embedded broker drops what it has no room for without a word, and shows what was aborted.
Status Demo::find_losses() {
  const auto observed = static_cast<uint64_t>(metrics_.total("spans", {{"stage", "observe"}}));
  if (observed != producer_->spans())
    report_.losses.push_back(fmt::format("{} spans were sent, observe counted {}", producer_->spans(), observed));
  const auto messages = static_cast<uint64_t>(metrics_.total("records", {{"stage", "observe"}}));
  if (messages != producer_->messages())
    report_.losses.push_back(fmt::format("{} messages were sent, observe read {}", producer_->messages(), messages));
  for (const char* stage : kStages) {
    const double passed = backlog_->passed_by(stage);
    const double read = metrics_.total("records", {{"stage", stage}});
    if (passed != read)
      report_.losses.push_back(
          fmt::format("{} went through {:.0f} records, but read only {:.0f}", stage, passed, read));
  }
  if (const double aborted = metrics_.total("aborted_transactions"); aborted > 0)
    report_.losses.push_back(fmt::format("{:.0f} transactions were aborted", aborted));
  if (const double late = metrics_.total("late_requests"); late > 0)
    report_.losses.push_back(fmt::format("{:.0f} requests came after their window was closed", late));
  return compare("alert transitions", Stream::alerts, "the subscriber", static_cast<double>(report_.alerts.size()));
}

Result<DemoReport> Demo::run() {
  const auto begun = steady_clock::now();
  if (auto started = start(); !started) return started.error();
  if (events_.on_start) events_.on_start(simulator_.scenario());
  if (auto sent = send_traffic(); !sent) return sent.error();
  if (auto drained = drain(); !drained) return drained.error();
  if (auto found = find_losses(); !found) return found.error();
  std::vector<IncidentLabel> labels;
  for (const auto& incident : simulator_.scenario().incidents) {
    auto label = parse_incident_label(gen::label_line(incident));
    if (!label) return label.error();
    labels.push_back(std::move(label).value());
  }
  report_.assessment = assess(report_.alerts, std::move(labels));
  report_.spans = producer_->spans();
  report_.messages = producer_->messages();
  report_.requests = static_cast<uint64_t>(metrics_.total("requests"));
  report_.seconds = std::chrono::duration<double>(steady_clock::now() - begun).count();
  return Result<DemoReport>(std::move(report_));
}

}  // namespace

Result<DemoReport> run_demo(const DemoOptions& options, const DemoEvents& events) {
  auto simulator = gen::Simulator::create(options.traffic, OtlpEncoding::protobuf);
  if (!simulator) return simulator.error();
  return Demo(options, events, std::move(simulator).value()).run();
}

}  // namespace tidewatch
