#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace tidewatch::kafka_test {

/// This test executable, started again as a runner process (see main.cc). Killed with the object if still running.
class ChildProcess {
 public:
  explicit ChildProcess(const std::vector<std::string>& arguments);
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  ChildProcess& operator=(ChildProcess&&) = delete;

  void kill_hard();  ///< SIGKILL: no chance to say goodbye
  int terminate();   ///< SIGTERM, then the exit code
  void pause();      ///< SIGSTOP: alive for the kernel, dead for the group
  void resume();

 private:
  int wait();
  pid_t pid_ = -1;
};

}  // namespace tidewatch::kafka_test
