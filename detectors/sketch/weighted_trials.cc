#include "detectors/sketch/weighted_trials.h"

#include <algorithm>

#include "detectors/sketch/weight.h"

namespace tidewatch {

void WeightedTrials::add(bool success, double weight) {
  if (!squares_ && weight != 1 && weight != -1) squares_ = Boxed(squares());
  (success ? successes_ : failures_) += weight;
  if (squares_) (success ? squares_->successes : squares_->failures) += signed_square(weight);
}

void WeightedTrials::merge(const WeightedTrials& other) {
  if (squares_ || other.squares_) {
    const Squares own = squares();
    const Squares more = other.squares();
    squares_ = Boxed(Squares{own.successes + more.successes, own.failures + more.failures});
  }
  successes_ += other.successes_;
  failures_ += other.failures_;
}

double WeightedTrials::rate() const { return std::clamp(successes_ / weight(), 0.0, 1.0); }

double WeightedTrials::effective_size() const {
  const Squares squares = this->squares();
  const double sum_of_squares = squares.successes + squares.failures;
  const double kish = tidewatch::effective_size(weight(), sum_of_squares);
  const bool is_amid_corrections = successes_ < 0 || failures_ < 0 || squares.successes < 0 || squares.failures < 0;
  if (!squares_ || kish == 0 || is_amid_corrections) return kish;
  const double typical = sum_of_squares / weight();
  const double total = weight() + 2 * typical;
  const double rate = (successes_ + typical) / total;
  const double scatter = (squares.successes + typical * typical) * (1 - rate) * (1 - rate) +
                         (squares.failures + typical * typical) * rate * rate;
  return std::max(rate * (1 - rate) * total * total / scatter - 2, 0.0);
}

bool WeightedTrials::empty() const {
  const Squares squares = this->squares();
  return successes_ == 0 && failures_ == 0 && squares.successes == 0 && squares.failures == 0;
}

size_t WeightedTrials::memory_bytes() const { return sizeof(*this) + (squares_ ? sizeof(Squares) : 0); }

void WeightedTrials::serialize(ByteWriter& out) const {
  put_weight(out, weight());
  put_weight(out, successes_);
  if (!squares_) return;
  put_weight(out, squares_->successes);
  put_weight(out, squares_->failures);
}

WeightedTrials WeightedTrials::deserialize(ByteReader& in, bool is_weighted, bool has_outcomes) {
  WeightedTrials trials;
  const double weight = get_weight(in);
  trials.successes_ = get_weight(in);
  trials.failures_ = weight - trials.successes_;
  if (!is_weighted) return trials;
  Squares squares;
  if (has_outcomes) {
    squares.successes = get_weight(in);
    squares.failures = get_weight(in);
  } else {
    const double both = get_weight(in);
    squares.successes = weight > 0 ? both * trials.successes_ / weight : 0;
    squares.failures = both - squares.successes;
  }
  trials.squares_ = Boxed(squares);
  return trials;
}

}  // namespace tidewatch
