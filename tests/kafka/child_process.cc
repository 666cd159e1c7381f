#include "kafka/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

namespace tidewatch::kafka_test {
namespace {

/// Whether a process catches SIGTERM, or blocks it to wait for it: in any of its threads, as the one that waits does
/// not block it meanwhile.
bool awaits_termination(pid_t pid) {
  std::error_code gone;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", gone)) {
    std::ifstream status(thread.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (!line.starts_with("SigBlk:") && !line.starts_with("SigCgt:")) continue;
      const auto mask = std::stoull(line.substr(line.find(':') + 1), nullptr, 16);
      if ((mask >> (SIGTERM - 1) & 1) != 0) return true;
    }
  }
  return false;
}

}  // namespace

ChildProcess::ChildProcess(const std::string& program, const std::vector<std::string>& arguments,
                           const std::string& output) {
  std::vector<std::string> all = {program};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(all.size() + 1);
  for (auto& argument : all) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!output.empty()) {
      const int out = ::open(output.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0644);
      ::dup2(out, STDOUT_FILENO);
      ::dup2(out, STDERR_FILENO);
    }
    ::execv(program.c_str(), pointers.data());
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
  // A process that has hardly begun dies of the signal; what is tested is one that says goodbye.
  while (is_running() && !awaits_termination(pid_)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ::kill(pid_, SIGTERM);
  return wait();
}

void ChildProcess::pause() { ::kill(pid_, SIGSTOP); }
void ChildProcess::resume() { ::kill(pid_, SIGCONT); }
void ChildProcess::send(int signal) { ::kill(pid_, signal); }

bool ChildProcess::is_running() {
  siginfo_t info{};
  // Left waitable: wait() still gets its exit code.
  return pid_ >= 0 && ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == 0;
}

}  // namespace tidewatch::kafka_test
