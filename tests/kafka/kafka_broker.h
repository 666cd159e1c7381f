#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace tidewatch::kafka_test {

/// A record as a test writes or reads it.
struct TestRecord {
  std::string key;
  std::string value;
  int32_t partition = -1;  ///< -1 when written: by key
  int64_t offset = -1;     ///< set when read
  std::vector<std::pair<std::string, std::string>> headers = {};
  int64_t timestamp_ms = -1;  ///< set when read
};

/// A real Apache Kafka (one node, KRaft) on free loopback ports, one per test executable: started before the first
/// test, killed by its process id after the last one, or by the kernel when the test process dies.
/// With TIDEWATCH_KAFKA_BROKERS set, that cluster is used instead and nothing is started.
/// Failures of the harness itself throw std::runtime_error.
class KafkaBroker {
 public:
  static KafkaBroker& instance();

  void start();
  void stop();
  const std::string& brokers() const { return brokers_; }
  /// Where user `restricted` (password `restricted-password`, SASL/PLAIN) may do what ACLs allow, which is nothing at
  /// first; elsewhere everybody may do everything. Empty with a cluster of your own.
  const std::string& restricted_brokers() const { return restricted_brokers_; }
  /// kafka-acls.sh with these arguments; false when it fails, with its words on the error output.
  bool run_kafka_acls(const std::string& arguments) const;

  /// Freezes the broker's process and lets it go on (SIGSTOP, SIGCONT): a broker that does not answer.
  void pause();
  void resume();

  void create_topic(const std::string& name, int partitions, const std::map<std::string, std::string>& config = {});
  void add_partitions(const std::string& topic, int new_total);
  /// Writes and waits until all are acknowledged.
  void produce(const std::string& topic, const std::vector<TestRecord>& records);
  /// Everything committed up to the end of every partition at the time of the call (open transactions are waited for),
  /// by partition and offset.
  std::vector<TestRecord> read_all(const std::string& topic);
  /// The same without waiting for transactions or leaving aborted ones out.
  std::vector<TestRecord> read_uncommitted(const std::string& topic);
  /// Committed offset of a group, -1 when none; `metadata` receives what was stored with it.
  int64_t committed_offset(const std::string& group, const std::string& topic, int partition,
                           std::string* metadata = nullptr);
  int64_t end_offset(const std::string& topic, int partition);

 private:
  std::vector<TestRecord> read(const std::string& topic, const char* isolation);
  void launch(int port, int restricted_port, int controller_port);
  void wait_until_ready();

  std::string brokers_;
  std::string restricted_brokers_;
  std::string folder_;
  pid_t pid_ = -1;
};

/// Waits until `condition` holds, looking every 20 ms; false after `timeout`, which is long: slowness is no failure.
bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds timeout = std::chrono::minutes(5));

/// A name no other test uses.
std::string unique_name(const std::string& prefix);

}  // namespace tidewatch::kafka_test
