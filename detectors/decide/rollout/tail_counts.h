#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "detectors/core/bytes.h"

namespace tidewatch {

/// How values that are not negative are distributed, in classes 5 % wide whose borders are the same everywhere: what is
/// added up need not know which cut will be asked for. Within a class values are taken as evenly spread.
class TailCounts {
 public:
  void add(double value, double weight);
  void merge(const TailCounts& other);
  double count() const;
  double above(double cut) const;   ///< weight of the values beyond `cut`
  double quantile(double q) const;  ///< the cut that a share 1 - q is above; 0 when empty
  double effective() const { return effective_; }
  void add_effective(double effective) { effective_ += effective; }  ///< of what was added: GroupSums::effective
  bool empty() const { return counts_.empty(); }

  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  std::vector<std::pair<int32_t, double>> counts_;  ///< by class, ascending
  double effective_ = 0;
};

}  // namespace tidewatch
