#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace tidewatch::kafka_test {

/// A process of a test. Killed with the object if still running.
class ChildProcess {
 public:
  /// This test executable, started again as a runner process (see main.cc).
  explicit ChildProcess(const std::vector<std::string>& arguments) : ChildProcess("/proc/self/exe", arguments, {}) {}
  /// Another program; what it prints is appended to the file `output` (empty: goes where the test's own output goes).
  ChildProcess(const std::string& program, const std::vector<std::string>& arguments, const std::string& output);
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  ChildProcess& operator=(ChildProcess&&) = delete;

  void kill_hard();  ///< SIGKILL: no chance to say goodbye
  int terminate();   ///< SIGTERM, then the exit code
  void pause();      ///< SIGSTOP: alive for the kernel, dead for the group
  void resume();
  void send(int signal);
  int wait();  ///< until it ends by itself; its exit code
  bool is_running();

 private:
  pid_t pid_ = -1;
};

}  // namespace tidewatch::kafka_test
