#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "detectors/core/bytes.h"
#include "detectors/core/result.h"
#include "detectors/core/time.h"

namespace tidewatch {

/// One trace that shows what a number is made of, and where its record can be read again.
struct Exemplar {
  std::string trace_id;  ///< 16 raw bytes
  double value = 0;      ///< its contribution to the measure; set by the aggregate
  std::string topic;     ///< of the input record with the text
  int32_t partition = 0;
  int64_t offset = 0;
  Timestamp time{};

  bool operator==(const Exemplar&) const = default;
};

/// Which end of the values is the bad one.
enum class WorstEnd : unsigned char { largest, smallest };

/// A bounded number of exemplars: the worst by value, equal values by the hash of the trace id, so that they are a fair
/// sample of their equals; and, if asked for, typical ones: those with the smallest hashes, a uniform sample of all
/// traces. Once a trace. Merging is commutative and associative, bit for bit.
class ExemplarSet {
 public:
  static constexpr size_t kWorst = 3;
  static constexpr size_t kTypical = 3;
  enum class Keep : unsigned char { worst, worst_and_typical };

  explicit ExemplarSet(WorstEnd worst_end = WorstEnd::largest, Keep keep = Keep::worst)
      : worst_end_(worst_end), keep_(keep) {}

  void offer(const Exemplar& exemplar, double value);  ///< copies only what it keeps
  void merge(const ExemplarSet& other);
  std::vector<Exemplar> all() const;  ///< the worst, worst first; then typical ones not among them
  bool empty() const { return worst_.empty(); }
  size_t memory_bytes() const;

  void serialize(ByteWriter& out) const;  ///< part of an enclosing format: no version of its own
  bool deserialize(ByteReader& in);       ///< fills an empty set; false when the bytes cannot be of one

 private:
  struct Ranked {
    double order;  ///< smaller is kept first
    uint64_t hash;
    Exemplar exemplar;
  };
  static bool comes_before(const Ranked& a, const Ranked& b);
  static void insert(std::vector<Ranked>& into, size_t limit, double order, uint64_t hash, const Exemplar& exemplar,
                     double value);
  void insert_both(const Exemplar& exemplar, double value);

  std::vector<Ranked> worst_;
  std::vector<Ranked> typical_;
  WorstEnd worst_end_;
  Keep keep_;
};

}  // namespace tidewatch
