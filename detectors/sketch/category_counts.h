#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/core/bytes.h"
#include "detectors/core/result.h"

namespace tidewatch {

/// Weights by category name, for measures of composition (models, finish reasons, languages).
/// Up to kMaxCategories names are exact, whatever the order of adding and merging. Beyond that the name of the least
/// weight (then the last in byte order) goes to other(), so the heavy ones stay; total() is always exact, and the
/// outcome depends on nothing but the order of the calls. A negative weight withdraws; a name left with 0 is gone.
class CategoryCounts {
 public:
  static constexpr size_t kMaxCategories = 256;
  static constexpr size_t kMaxNameBytes = 200;  ///< longer names are cut, at a UTF-8 character

  void add(std::string_view name, double weight = 1.0);
  void merge(const CategoryCounts& other);

  /// Sorted by name; other() not included.
  const std::vector<std::pair<std::string, double>>& entries() const { return entries_; }
  /// The `count` heaviest, heaviest first (equal ones by name); weights that are not positive are left out.
  std::vector<std::pair<std::string, double>> top(size_t count) const;
  double weight_of(std::string_view name) const;  ///< 0 when not kept
  double other() const { return other_; }         ///< weight of the names not kept
  double total() const;                           ///< never below 0
  bool empty() const { return entries_.empty() && other_ == 0; }

  size_t memory_bytes() const;
  void serialize(ByteWriter& out) const;
  static Result<CategoryCounts> deserialize(ByteReader& in);

 private:
  void add_quantised(std::string_view name, double weight);
  void drop_lightest();

  std::vector<std::pair<std::string, double>> entries_;
  double other_ = 0;
};

}  // namespace tidewatch
