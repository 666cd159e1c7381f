#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "stream/notify/delivery.h"

namespace tidewatch {

/// Carries messages to sinks, sooner or later: they may be away for hours. Nothing blocks.
class Courier {
 public:
  virtual ~Courier() = default;

  /// Of each subject a sink is told one thing at a time: what comes takes the place of what waits. `owner`: whom the
  /// outcome is for.
  virtual void offer(const void* owner, size_t sink, Delivery delivery) = 0;
  /// The sink has no longer to be told. What was offered has an outcome all the same: if it is under way, its own.
  virtual void withdraw(const void* owner, size_t sink, const std::string& subject) = 0;
  /// Moves all on, and gives what has become of this owner's.
  virtual std::vector<Settled> collect(const void* owner) = 0;
  /// The owner is gone: nobody waits for what it offered.
  virtual void forget(const void* owner) = 0;
  virtual Timestamp now() const = 0;
};

}  // namespace tidewatch
