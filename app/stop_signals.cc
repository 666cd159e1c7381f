#include "app/stop_signals.h"

#include <ctime>

namespace tidewatch {

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

StopSignals::~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

bool StopSignals::arrived(Duration wait) {
  const timespec time{static_cast<time_t>(wait / std::chrono::seconds(1)),
                      static_cast<long>((wait % std::chrono::seconds(1)).count())};
  return sigtimedwait(&signals_, nullptr, &time) > 0;
}

}  // namespace tidewatch
