#include "app/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace tidewatch {

Progress::Progress(std::string label)
    : label_(std::move(label)), is_shown_(isatty(STDERR_FILENO) != 0), started_(Clock::now()) {}

Progress::~Progress() {
  if (is_shown_) fmt::print(stderr, "\r\033[K");
}

void Progress::update(double done, const std::string& note) {
  constexpr auto kBetweenDraws = std::chrono::milliseconds(100);
  constexpr int kWidth = 30;
  if (!is_shown_) return;
  const auto now = Clock::now();
  if (now - drawn_ < kBetweenDraws) return;
  drawn_ = now;
  done = std::clamp(done, 0.0, 1.0);
  const int full = static_cast<int>(std::floor(done * kWidth));
  std::string left;
  if (done > 0.01) {
    const double elapsed = std::chrono::duration<double>(now - started_).count();
    left = fmt::format(", {:.0f} s left", elapsed * (1 - done) / done);
  }
  fmt::print(stderr, "\r\033[K{} [{:#<{}}{:.<{}}] {:3.0f} %{}  {}", label_, "", full, "", kWidth - full, done * 100,
             left, note);
}

}  // namespace tidewatch
