#include "kafka/kafka_broker.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "kafka/kafka_handles.h"

namespace tidewatch::kafka_test {
namespace {

namespace fs = std::filesystem;

int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = static_cast<sockaddr*>(static_cast<void*>(&address));
  const bool bound = ::bind(fd, generic, size) == 0 && ::getsockname(fd, generic, &size) == 0;
  ::close(fd);
  if (!bound) throw std::runtime_error("no free loopback port");
  return ntohs(address.sin_port);
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

/// Starts the broker before the first test and ends it after the last.
class BrokerEnvironment : public ::testing::Environment {
 public:
  void SetUp() override { KafkaBroker::instance().start(); }
  void TearDown() override { KafkaBroker::instance().stop(); }
};

[[maybe_unused]] const auto* const kEnvironment = ::testing::AddGlobalTestEnvironment(new BrokerEnvironment);

}  // namespace

KafkaBroker& KafkaBroker::instance() {
  static KafkaBroker broker;
  return broker;
}

void KafkaBroker::start() {
  if (const char* given = std::getenv("TIDEWATCH_KAFKA_BROKERS")) {
    brokers_ = given;
    return;
  }
  const std::string fetch = std::string(TIDEWATCH_SOURCE_DIR) + "/tests/kafka/broker/fetch.sh";
  if (std::system(fetch.c_str()) != 0) throw std::runtime_error(fetch + " failed; its output says why");
  const int port = free_port();
  int restricted_port = free_port();
  while (restricted_port == port) restricted_port = free_port();
  int controller_port = free_port();
  while (controller_port == port || controller_port == restricted_port) controller_port = free_port();
  brokers_ = fmt::format("127.0.0.1:{}", port);
  restricted_brokers_ = fmt::format("127.0.0.1:{}", restricted_port);
  launch(port, restricted_port, controller_port);
  wait_until_ready();
}

void KafkaBroker::launch(int port, int restricted_port, int controller_port) {
  const fs::path kafka = fs::path(TIDEWATCH_SOURCE_DIR) / "build/kafka";
  const fs::path source = fs::path(TIDEWATCH_SOURCE_DIR) / "tests/kafka/broker";
  folder_ = fmt::format("{}/kafka-broker-{}", TIDEWATCH_BINARY_DIR, ::getpid());
  fs::remove_all(folder_);
  fs::create_directories(folder_);
  fs::copy(kafka / "template", folder_ + "/logs", fs::copy_options::recursive);
  std::string properties = read_text(source / "server.properties") + read_text(source / "users.properties");
  properties = replaced(properties, "@CONTROLLER_PORT@", std::to_string(controller_port));
  properties = replaced(properties, "@SASL_PORT@", std::to_string(restricted_port));
  properties = replaced(properties, "@PORT@", std::to_string(port));
  properties = replaced(properties, "@LOGS@", folder_ + "/logs");
  std::ofstream(folder_ + "/server.properties") << properties;

  const std::string classes = (kafka / "lib").string() + "/*";
  const std::string log4j = "-Dlog4j2.configurationFile=" + (source / "log4j2.properties").string();
  const std::string config = folder_ + "/server.properties";
  const std::string log = folder_ + "/broker.log";
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int out = ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0644);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execlp("java", "java", "-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", log4j.c_str(), "-cp",
             classes.c_str(), "kafka.Kafka", config.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
}

void KafkaBroker::wait_until_ready() {
  const Handle client = make_client(brokers_, {{"log_level", "0"}});
  const bool ready = eventually([&] {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      throw std::runtime_error("the broker ended while starting:\n" + read_text(folder_ + "/broker.log"));
    }
    const struct rd_kafka_metadata* metadata = nullptr;
    if (rd_kafka_metadata(client.get(), 0, nullptr, &metadata, 1000) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
    const bool up = metadata->broker_cnt > 0;
    rd_kafka_metadata_destroy(metadata);
    return up;
  });
  if (!ready) {
    stop();
    throw std::runtime_error("the broker does not answer; its log is in " + folder_);
  }
}

void KafkaBroker::stop() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
  const auto* unit = ::testing::UnitTest::GetInstance();
  if (unit->Passed()) fs::remove_all(folder_);  // a failed run leaves the broker's log to look at
}

bool KafkaBroker::run_kafka_acls(const std::string& arguments) const {
  return std::system(fmt::format("java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp '{}/build/kafka/lib/*' "
                                 "org.apache.kafka.tools.AclCommand {} >/dev/null",
                                 TIDEWATCH_SOURCE_DIR, arguments)
                         .c_str()) == 0;
}

void KafkaBroker::pause() { ::kill(pid_, SIGSTOP); }
void KafkaBroker::resume() { ::kill(pid_, SIGCONT); }

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds timeout) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

std::string unique_name(const std::string& prefix) {
  static std::atomic<int> next{0};
  return fmt::format("{}-{}-{}", prefix, ::getpid(), next++);
}

}  // namespace tidewatch::kafka_test
