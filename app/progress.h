#pragma once

#include <chrono>
#include <string>

namespace tidewatch {

/// A progress bar on the terminal, for work whose size is known. Draws nothing when standard error is no terminal.
class Progress {
 public:
  explicit Progress(std::string label);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();  ///< clears the line

  /// `done`: share of the work, 0 to 1; `note`: shown behind the bar. Draws at most ten times a second.
  void update(double done, const std::string& note = {});

 private:
  using Clock = std::chrono::steady_clock;

  std::string label_;
  bool is_shown_;
  Clock::time_point started_;
  Clock::time_point drawn_;
};

}  // namespace tidewatch
