#pragma once

#include "detectors/detect/recalibration.h"
#include "detectors/detect/series.h"

namespace tidewatch {

/// A single window against its baseline.
struct PointParams : BaselineParams {
  static constexpr auto table() { return BaselineParams::table(); }
};

/// Scores the first observation of a window by the predictive tail of its kind, as the past of the series bears it out
/// (recalibration.h): sudden, large deviations. What is small but lasts is `shift`'s.
class Point final : public Detector {
 public:
  using Params = PointParams;
  Point(const Params& params, size_t observations) : params_(params) { static_cast<void>(observations); }

  Verdict score(const Window& window, const Context& context) const override;
  void learn(const Window& window, const Decision& decision) override;
  bool warm() const override { return series_.warm(params_); }
  const Baseline* lent() const override { return series_.lent(params_); }
  void borrow(const Baseline& relative, double between) override { series_.borrow(params_, relative, between); }
  std::optional<uint32_t> borrowing() const override { return series_.borrowing(params_); }
  size_t memory_bytes() const override { return sizeof(Point) - sizeof(Series) + series_.memory_bytes(); }
  void save(ByteWriter& out) const override;
  Status load(ByteReader& in) override;

 private:
  Params params_;
  Series series_;
  Recalibration recalibration_;
};

}  // namespace tidewatch
