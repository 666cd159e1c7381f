#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "kafka/child_process.h"
#include "kafka/flow/flow_messages.h"
#include "kafka/kafka_broker.h"
#include "tidewatch/v1/alert.pb.h"
#include "tidewatch/v1/quality_score.pb.h"

namespace tidewatch::kafka_test {

/// What a reader of the public topics finds.
struct Published {
  std::vector<v1::QualityScore> scores;
  std::vector<v1::Alert> alerts;

  /// Requests by service and start of the window, of the entities that are a service; windows without any are left out.
  std::map<std::pair<std::string, int64_t>, double> requests() const;
};

Published parse_published(const std::vector<std::string>& scores, const std::vector<std::string>& alerts);

/// Empty when every request was counted exactly once, in its window, and nothing was published twice; else a sentence
/// per difference (a few).
std::string difference(const Published& published, const FlowMessages& truth);

/// The topics of one test and the processes `tidewatch run` on them: the real binary, with a config of their own.
class FlowCluster {
 public:
  /// Creates every topic, unless `has_topics` is false.
  FlowCluster(KafkaBroker& broker, const std::string& name, bool has_topics = true);
  ~FlowCluster();  ///< removes its folder unless a test failed
  FlowCluster(const FlowCluster&) = delete;
  FlowCluster& operator=(const FlowCluster&) = delete;

  std::string topic(Stream stream) const;
  const std::filesystem::path& folder() const { return folder_; }
  const std::filesystem::path& config_file() const { return config_; }
  /// The config with another broker or further lines.
  std::string config(const std::string& brokers, const std::string& more = {}) const;
  void write_config(const std::string& text) const;

  /// Starts `tidewatch run`; its log is appended to log_file().
  ChildProcess run(const std::string& instance) const;
  std::filesystem::path log_file(const std::string& instance) const { return folder_ / (instance + ".log"); }
  std::string log(const std::string& instance) const;

  void produce(std::vector<FlowMessage>::const_iterator begin, std::vector<FlowMessage>::const_iterator end) const;
  Published read() const;
  /// The same messages through `tidewatch backtest` with the same config: a file for each input partition.
  Published backtest(const FlowMessages& messages) const;

 private:
  KafkaBroker& broker_;
  std::string name_;
  std::filesystem::path folder_;
  std::filesystem::path config_;
};

}  // namespace tidewatch::kafka_test
