#include "app/doctor/doctor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <set>
#include <thread>
#include <utility>

#include "app/doctor/grant.h"
#include "app/doctor/rights_checks.h"
#include "app/doctor/sample.h"
#include "app/doctor/topic_checks.h"
#include "stream/runtime/kafka_follower.h"

namespace tidewatch::doctor {
namespace {

using std::chrono::steady_clock;

constexpr std::array kSampled = {Stream::traces, Stream::logs, Stream::feedback, Stream::evaluations};

/// One examination of one cluster.
class Examination {
 public:
  Examination(const Config& config, const Options& options, kafka::Admin& admin, Checks& out)
      : config_(config), options_(options), admin_(admin), plans_(topic_plans(config)), out_(out) {
    for (const auto& plan : plans_) names_.push_back(plan.name);
  }

  Status describe() {
    auto described = admin_.describe(names_, options_.timeout);
    if (!described) return described.error();
    cluster_ = std::move(described).value();
    return ok_status();
  }

  void report_brokers() {
    out_.ok("brokers", fmt::format("{} answer: {}", cluster_.brokers.size(), fmt::join(cluster_.brokers, ", ")));
    if (cluster_.brokers.size() == 1)
      out_.warn("brokers", "there is one broker: nothing is replicated", "use at least three in production");
  }

  Status fix(const FixOptions& how) {
    const auto wanted = fixes(plans_, cluster_, how);
    for (const auto& one : wanted) apply(one);
    if (wanted.empty()) return ok_status();
    // Brokers learn of new topics one after the other.
    const auto give_up = steady_clock::now() + options_.timeout;
    do {
      if (auto status = describe(); !status) return status;
      if (fixes(plans_, cluster_, how).size() <= failed_) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    } while (steady_clock::now() < give_up);
    return ok_status();
  }

  Status check() {
    std::vector<std::string> existing;
    for (const auto& [name, topic] : cluster_.topics)
      if (topic.exists) existing.push_back(name);
    auto configs = admin_.configs(existing, options_.timeout);
    if (!configs && configs.error().code != "not_authorized") return configs.error();
    if (!configs) out_.warn("topics", configs.error().message, "allow this user to DESCRIBE_CONFIGS the topics");
    check_topics(plans_, cluster_, configs ? *configs : TopicConfigs{}, out_);
    unreadable_ = check_rights(config_.kafka, plans_, cluster_, options_.timeout, out_);
    return ok_status();
  }

  Status sample() {
    auto table = DialectTable::embedded(config_.observe.label_keys);
    if (!table) return table.error();
    Sample sample(config_, std::move(table).value());
    for (const Stream stream : kSampled) read(stream, sample);
    sample.report(std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()), out_);
    return ok_status();
  }

 private:
  void apply(const TopicFix& one) {
    const auto& request = one.request;
    const auto done = one.exists ? admin_.add_partitions(request.name, request.partitions, options_.timeout)
                                 : admin_.create(request, options_.timeout);
    if (!done) {
      ++failed_;
      out_.problem("fix " + request.name, done.error().message,
                   done.error().code == "not_authorized"
                       ? grant_command(config_.kafka, {one.exists ? "Alter" : "Create"}, "--topic " + request.name)
                       : "look at the broker's log");
    } else if (one.exists) {
      out_.ok("fix " + request.name,
              fmt::format("raised to {} partitions; restart all processes to use them", request.partitions));
    } else {
      out_.ok("fix " + request.name,
              fmt::format("created with {} partitions, {} replicas", request.partitions, request.replicas));
    }
  }

  void read(Stream stream, Sample& into) {
    const auto& name = config_.kafka.topics.of(stream);
    const auto& topic = cluster_.topics.at(name);
    if (!topic.exists || unreadable_.contains(name)) return;
    const int64_t by_partition = (options_.messages + topic.partitions - 1) / topic.partitions;
    auto follower = kafka::Follower::open(config_.kafka, stream, {.last = by_partition}, options_.timeout);
    Status status = follower ? ok_status() : Status(follower.error());
    into.expect(stream);
    const auto give_up = steady_clock::now() + options_.timeout;
    while (status && !(*follower)->has_caught_up() && steady_clock::now() < give_up)
      status = (*follower)->poll(std::chrono::milliseconds(200), [&](const Record& record) { into.add(record); });
    if (!status)
      out_.problem("sample " + name, status.error().message, "look at the broker's log");
    else if (!(*follower)->has_caught_up())
      out_.warn("sample " + name, fmt::format("could not be read to its end within {} s", to_seconds(options_.timeout)),
                "is a broker slow or down?");
  }

  const Config& config_;
  const Options& options_;
  kafka::Admin& admin_;
  std::vector<TopicPlan> plans_;
  std::vector<std::string> names_;
  std::set<std::string> unreadable_;  ///< topics that this user may not read
  kafka::ClusterDescription cluster_;
  size_t failed_ = 0;
  Checks& out_;
};

}  // namespace

Result<Checks> examine(const Config& config, const Options& options) {
  auto admin = kafka::Admin::open(config.kafka);
  if (!admin) return admin.error();
  Checks out;
  Examination examination(config, options, **admin, out);
  if (auto status = examination.describe(); !status) return status.error();
  examination.report_brokers();
  if (options.fix)
    if (auto status = examination.fix(*options.fix); !status) return status.error();
  if (auto status = examination.check(); !status) return status.error();
  if (options.messages > 0)
    if (auto status = examination.sample(); !status) return status.error();
  return out;
}

}  // namespace tidewatch::doctor
