#pragma once

#include <vector>

#include "detectors/detect/score_vector.h"

namespace tidewatch {

struct CombinationParams : BaselineParams {
  static constexpr auto table() { return BaselineParams::table(); }
};

/// Whether any of several measures deviates in this window, as one question: one alert and one share of the false
/// alarms for all of them, however they depend on each other.
///
/// Each observation has its own seasonal baseline and predictive tail, as in `point`; their p-values are combined by
/// the Cauchy combination (cauchy_combination.h). Nothing is learnt of how measures vary together, so that it is ready
/// as soon as one baseline is, and what they have in common takes nothing from what one of them shows.
///
/// `worse` of the Context makes measures one-sided. Measures that are missing in a window, or have not learnt enough,
/// are left out of it.
class Combination final : public Detector {
 public:
  using Params = CombinationParams;
  static constexpr bool kIsMultivariate = true;
  Combination(const Params& params, size_t observations);

  /// `observation`, value and expected are those of the measure that contributes most.
  Verdict score(const Window& window, const Context& context) const override;
  void learn(const Window& window, const Decision& decision) override;
  bool warm() const override;  ///< one of the measures has learnt enough
  size_t memory_bytes() const override;
  void save(ByteWriter& out) const override;
  Status load(ByteReader& in) override;

 private:
  Params params_;
  std::vector<Series> series_;
};

}  // namespace tidewatch
