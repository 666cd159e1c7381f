#include "kafka/child_process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace tidewatch::kafka_test {

ChildProcess::ChildProcess(const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {"/proc/self/exe"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (auto& argument : all) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::execv("/proc/self/exe", pointers.data());
    ::_exit(127);
  }
}

ChildProcess::~ChildProcess() { kill_hard(); }

int ChildProcess::wait() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void ChildProcess::kill_hard() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  wait();
}

int ChildProcess::terminate() {
  ::kill(pid_, SIGTERM);
  return wait();
}

void ChildProcess::pause() { ::kill(pid_, SIGSTOP); }
void ChildProcess::resume() { ::kill(pid_, SIGCONT); }

}  // namespace tidewatch::kafka_test
