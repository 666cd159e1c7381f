#pragma once

#include <optional>

#include "detectors/core/params.h"
#include "detectors/detect/detector.h"

namespace tidewatch {

/// Limits in the measure's own units: 0.05 or 5% of a rate, seconds of a latency.
struct ThresholdParams {
  std::optional<double> above;
  std::optional<double> below;
  double confidence = 0.5;  ///< [0.5, 0.999999]

  static constexpr auto table() {
    return params(
        field("above", &ThresholdParams::above, any_value(), "a value above this is beyond the limit", "the measure's"),
        field("below", &ThresholdParams::below, any_value(), "a value below this is beyond the limit", "the measure's"),
        field("confidence", &ThresholdParams::confidence, range(0.5, 0.999999),
              "how sure a window must be of its own value; 0.5 compares the value as it is, 0.99 lets 1 of 3 "
              "failed requests pass"));
  }
  Status check() const;  ///< `bad_value` when no value lies between the limits
};

/// Compares the first observation with limits that people set: nothing is learnt, no false-alarm budget is needed.
///
/// Surprise is the evidence that the true value is beyond the limit, given this window alone:
/// -log2 P(true value within the limit | window), by Jeffreys' posterior for rates (beta) and sums (gamma), Student-t
/// for statistics of distributions, normal for distinct counts. `confidence` c is therefore a surprise of
/// -log2(1 - c) bits, which is what alert_needs() asks. A value beyond its limit never has less than 1 bit and a value
/// within never that much, so that c = 0.5 is the plain comparison. `expected` is the limit, the interval is what is
/// allowed. Windows in a row are the lifecycle's (`for_windows`).
class Threshold final : public Detector {
 public:
  using Params = ThresholdParams;
  Threshold(const Params& params, size_t observations) : params_(params) { static_cast<void>(observations); }

  /// `missing` without data and without a limit on the side that counts.
  Verdict score(const Window& window, const Context& context) const override;
  void learn(const Window& window, const Decision& decision) override;
  bool warm() const override { return true; }
  bool claims_chance() const override { return false; }
  AlertNeeds alert_needs(AlertNeeds asked) const override;
  size_t memory_bytes() const override { return sizeof(Threshold); }
  void save(ByteWriter& out) const override;
  Status load(ByteReader& in) override;

 private:
  Params params_;
};

}  // namespace tidewatch
