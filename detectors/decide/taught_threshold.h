#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/bytes.h"
#include "detectors/core/result.h"
#include "detectors/core/time.h"

namespace tidewatch {

/// What a person found when looking into an alert.
enum class MarkVerdict : uint8_t {
  none,         ///< taken back
  false_alarm,  ///< nothing was wrong
  true_alarm,
};
std::string_view name_of(MarkVerdict finding);                  ///< "none", "false", "true"
Result<MarkVerdict> parse_mark_verdict(std::string_view name);  ///< error: `bad_value`

/// How many bits more than its rule asks for an alert of one series needs, because people said that others of its
/// alerts were false. Whoever marks an alert as false asks that the like of it be told no more: the next one has to be
/// 3 bits more surprising (eight times as rare) than that one was. Never more than 12 bits more than the rule asks for:
/// what is rarer by that much is told whatever people said before. Forgotten with a half-life of six weeks, as what
/// SurpriseCalibration learns; an alert marked as true halves it at once.
///
/// A pure function of the calls made to it: the same mark again changes nothing. Knows the last 8 alerts of its series.
class TaughtThreshold {
 public:
  static constexpr double kMost = 12;   ///< bits
  static constexpr double kMargin = 3;  ///< bits

  double extra(Timestamp now) const;  ///< bits, [0, kMost]

  /// An alert of the series fired or ended; `beyond`: bits of its peak beyond what its rule asks for.
  void note(std::string_view alert_id, double beyond);
  /// False: none of the alerts it knows has this id, and nothing has changed.
  bool mark(std::string_view alert_id, MarkVerdict finding, Timestamp at);
  bool empty() const { return alerts_.empty(); }
  size_t memory_bytes() const;

  void save(ByteWriter& out) const;
  Status load(ByteReader& in);  ///< errors: `corrupt`

 private:
  struct Noted {
    std::string id;
    double beyond = 0;
    MarkVerdict finding = MarkVerdict::none;
    Timestamp marked_at{};
  };

  struct Bits {
    double bits = 0;
    Timestamp at{};  ///< from when on they fade
  };
  static Bits after(Bits before, const Noted& alert);

  std::vector<Noted> alerts_;  ///< the oldest first
  Bits forgotten_;             ///< of marks on alerts that are not known any more
};

}  // namespace tidewatch
