#include "detectors/sketch/bucket_store.h"

#include <algorithm>

#include "detectors/sketch/weight.h"

namespace tidewatch {
namespace {
// Below this, pairs take less memory than a typical span of latencies (some 300 buckets), and a search is as fast.
constexpr size_t kDenseFrom = 64;
constexpr size_t kFirstCapacity = 4;
constexpr int64_t kSlack = 32;  // buckets added beyond a new extreme, so that a growing range copies seldom
}  // namespace

void BucketStore::add_slowly(int32_t index, double weight) {
  if (is_dense_) {
    if (grow_dense(index)) {
      weights_[static_cast<size_t>(index - base_)] += weight;
      return;
    }
    to_sparse();
  }
  add_sparse(index, weight);
  if (indices_.size() >= kDenseFrom && int64_t{indices_.back()} - indices_.front() < max_buckets_) to_dense();
}

void BucketStore::add_sparse(int32_t index, double weight) {
  const auto at = std::lower_bound(indices_.begin(), indices_.end(), index);
  const auto weight_at = weights_.begin() + (at - indices_.begin());
  if (at != indices_.end() && *at == index) {
    *weight_at += weight;
    if (*weight_at != 0) return;
    indices_.erase(at);
    weights_.erase(weight_at);
    return;
  }
  if (indices_.size() >= max_buckets_) {
    // Full: the new bucket itself is the lowest, or the lowest gives way to it.
    if (at == indices_.begin()) {
      weights_.front() += weight;
      return;
    }
    const double lowest = weights_.front();
    std::move(indices_.begin() + 1, at, indices_.begin());
    std::move(weights_.begin() + 1, weight_at, weights_.begin());
    *(at - 1) = index;
    *(weight_at - 1) = weight;
    weights_.front() += lowest;
    return;
  }
  if (indices_.empty()) {
    indices_.reserve(kFirstCapacity);
    weights_.reserve(kFirstCapacity);
    indices_.push_back(index);
    weights_.push_back(weight);
    return;
  }
  indices_.insert(at, index);
  weights_.insert(weight_at, weight);
}

bool BucketStore::grow_dense(int32_t index) {
  const int64_t first = base_;
  const int64_t last = first + static_cast<int64_t>(weights_.size()) - 1;
  const int64_t low = std::min<int64_t>(first, index);
  const int64_t high = std::max<int64_t>(last, index);
  if (high - low >= max_buckets_) return false;
  const int64_t spare = max_buckets_ - (high - low + 1);
  const int64_t below = low < first ? std::min(spare, kSlack) : 0;
  const int64_t above = high > last ? std::min(spare, kSlack) : 0;
  const auto size = static_cast<size_t>(high + above - (low - below) + 1);
  std::vector<double> grown;
  grown.reserve(size);
  grown.resize(size);
  std::copy(weights_.begin(), weights_.end(), grown.begin() + (first - (low - below)));
  weights_.swap(grown);
  base_ = static_cast<int32_t>(low - below);
  return true;
}

void BucketStore::to_dense() {
  std::vector<double> dense(static_cast<size_t>(indices_.back() - indices_.front()) + 1);
  for (size_t i = 0; i < indices_.size(); ++i) dense[static_cast<size_t>(indices_[i] - indices_.front())] = weights_[i];
  base_ = indices_.front();
  std::vector<int32_t>().swap(indices_);
  weights_.swap(dense);
  is_dense_ = true;
}

void BucketStore::to_sparse() {
  std::vector<double> weights;
  for (size_t i = 0; i < weights_.size(); ++i) {
    if (weights_[i] == 0) continue;
    indices_.push_back(base_ + static_cast<int32_t>(i));
    weights.push_back(weights_[i]);
  }
  weights_.swap(weights);
  is_dense_ = false;
}

void BucketStore::merge(const BucketStore& other) {
  if (&other == this) {
    for (double& weight : weights_) weight *= 2;
    return;
  }
  // Highest first: what is below the final lowest bucket then collapses at once.
  for (size_t i = other.weights_.size(); i-- > 0;)
    if (other.weights_[i] != 0)
      add(other.is_dense_ ? other.base_ + static_cast<int32_t>(i) : other.indices_[i], other.weights_[i]);
}

size_t BucketStore::occupied() const {
  return weights_.size() - static_cast<size_t>(std::count(weights_.begin(), weights_.end(), 0.0));
}

void BucketStore::serialize(ByteWriter& out) const {
  out.put_varint(occupied());
  int64_t last = 0;
  bool is_first = true;
  for_each([&](int32_t index, double weight) {
    if (is_first)
      out.put_signed(index);
    else
      out.put_varint(static_cast<uint64_t>(index - last - 1));
    put_weight(out, weight);
    last = index;
    is_first = false;
  });
}

bool BucketStore::deserialize(ByteReader& in, int32_t max_index) {
  const uint64_t count = in.get_count(2);
  if (count > max_buckets_) return false;
  indices_.reserve(count);
  weights_.reserve(count);
  int64_t index = 0;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t gap = i == 0 ? 0 : in.get_varint();
    if (gap > 2 * static_cast<uint64_t>(max_index)) return false;
    index = i == 0 ? in.get_signed() : index + 1 + static_cast<int64_t>(gap);
    const double weight = get_weight(in);
    if (!in.ok() || index < -max_index || index > max_index || weight == 0) return false;
    indices_.push_back(static_cast<int32_t>(index));
    weights_.push_back(weight);
  }
  if (indices_.size() >= kDenseFrom && int64_t{indices_.back()} - indices_.front() < max_buckets_) to_dense();
  return in.ok();
}

}  // namespace tidewatch
