#include "detectors/detect/novelty/novelty.h"

#include <algorithm>
#include <cmath>

#include "detectors/detect/novelty/rarity.h"
#include "detectors/detect/series.h"
#include "detectors/detect/tail.h"

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;
// What a usual block maximum is before any is seen, in bits, and how many blocks that is worth. Low: a young series
// has not seen much, so little is surprising in bits.
constexpr double kPriorMaximum = 2.5;
constexpr double kPriorBlocks = 6;
// How much more unusual than a usual block maximum is one bit of surprise. The tail of the mean of five rarities needs
// 0.6 on normal noise (9 bits are then claimed with 0.77 of their frequency) and more on log-normal values.
constexpr double kUnusualPerBit = 0.8;
constexpr double kNewsFactor = 1.25;
constexpr double kEpisodeShareOfAge = 0.02;
constexpr double kFirstRanked = 10;  ///< windows before the first one that is ranked, for display

}  // namespace

Novelty::Novelty(const Params& params, size_t observations)
    : params_(params),
      views_({params.level_windows, params.roughness_windows, static_cast<double>(params.memory)}),
      usual_maximum_(kPriorMaximum),
      blocks_(kPriorBlocks) {
  static_cast<void>(observations);
}

double Novelty::unusualness(const ViewOf& seen) const {
  double bits = 0;
  for (size_t i = 0; i < kViews; ++i) bits += rarity(seen_[i], seen.values[i], seen.magnitudes[i]);
  return bits / kViews;
}

bool Novelty::is_news(double excess) const {
  if (!(excess > 0)) return false;
  const double length = std::max<double>(params_.episode, params_.episode == 0 ? 0 : kEpisodeShareOfAge * rows_);
  if (alarm_at_ < 0 || rows_ - alarm_at_ > length) return true;
  return params_.episode == 0 || excess > kNewsFactor * alarm_excess_;
}

double Novelty::surprise(double unusual) const {
  const double block_bits = std::log2(params_.block);
  const double excess = unusual - usual_maximum_;
  const double beyond = excess / kUnusualPerBit;
  if (excess > 0 && (!warm() || is_news(excess))) return std::min(block_bits + beyond, kMaxSurprise);
  // No news, but still in order.
  if (excess > 0) return block_bits + 1 - std::exp2(-beyond);
  const double rank = (unusual_.weight_from(unusual) + 1) / (unusual_.weight() + 1);
  return std::clamp(-std::log2(rank), 0.0, block_bits);
}

void Novelty::describe(Verdict& verdict, const ViewOf& seen, double value) const {
  const CentroidHistogram& residuals = seen_[static_cast<size_t>(View::value_by_week)];
  verdict.value = value;
  if (residuals.empty()) return;
  verdict.expected = seen.expected;
  verdict.expected_low = seen.expected + residuals.quantile(0.025);
  verdict.expected_high = seen.expected + residuals.quantile(0.975);
  verdict.effect_absolute = value - seen.expected;
  verdict.effect = relative_effect(value, seen.expected);
  verdict.direction = value >= seen.expected ? Direction::up : Direction::down;
}

Verdict Novelty::score(const Window& window, const Context& context) const {
  Verdict verdict;
  if (window.observations.empty() || !is_usable(window.observations[0])) return verdict;
  const double value = window.observations[0].value;
  const ViewOf seen = views_.look(value, window.season);
  describe(verdict, seen, value);
  verdict.judgement = warm() ? Judgement::scored : Judgement::warming_up;
  if (rows_ < kFirstRanked || (context.direction != Direction::either && context.direction != verdict.direction))
    return verdict;
  verdict.surprise = surprise(unusualness(seen));
  return verdict;
}

void Novelty::learn_block(double unusual) {
  block_most_ = std::max(block_most_, unusual);
  block_rows_ += 1;
  if (block_rows_ < params_.block) return;
  const double remembered = static_cast<double>(params_.memory) / params_.block;
  blocks_ = std::min(blocks_ + 1, std::max(kPriorBlocks + 1, remembered));
  usual_maximum_ += (block_most_ - usual_maximum_) / blocks_;
  block_most_ = block_rows_ = 0;
}

void Novelty::learn(const Window& window, const Decision& decision) {
  if (window.observations.empty() || !is_usable(window.observations[0]) || !(decision.weight > 0)) return;
  const double value = window.observations[0].value;
  const ViewOf seen = views_.look(value, window.season);
  const double unusual = rows_ < kFirstRanked ? 0 : unusualness(seen);
  if (warm()) {
    if (const double excess = unusual - usual_maximum_; is_news(excess)) {
      alarm_at_ = rows_;
      alarm_excess_ = excess;
    }
    learn_block(unusual);
  }
  if (rows_ >= kFirstRanked) unusual_.add(unusual);
  for (size_t i = 0; i < kViews; ++i) seen_[i].add(seen.values[i], std::min(decision.weight, 1.0));
  views_.learn(value, window.season);
  rows_ += 1;
  for (CentroidHistogram& histogram : seen_)
    if (histogram.weight() > params_.memory) histogram.halve();
  if (unusual_.weight() > params_.memory) unusual_.halve();
}

void Novelty::save(ByteWriter& out) const {
  out.put(kVersion);
  views_.save(out);
  for (const CentroidHistogram& histogram : seen_) histogram.save(out);
  unusual_.save(out);
  for (const double value : {rows_, usual_maximum_, blocks_, block_most_, block_rows_, alarm_at_, alarm_excess_})
    out.put(value);
}

bool Novelty::load_parts(ByteReader& in) {
  bool is_good = views_.load(in);
  for (CentroidHistogram& histogram : seen_) is_good = is_good && histogram.load(in);
  is_good = is_good && unusual_.load(in);
  for (double* value : {&rows_, &usual_maximum_, &blocks_, &block_most_, &block_rows_, &alarm_at_, &alarm_excess_}) {
    *value = in.get<double>();
    is_good = is_good && std::isfinite(*value);
  }
  return in.ok() && is_good && rows_ >= 0 && usual_maximum_ >= 0 && blocks_ >= 1 && block_most_ >= 0 &&
         block_rows_ >= 0 && alarm_at_ <= rows_ && alarm_excess_ >= 0;
}

Status Novelty::load(ByteReader& in) {
  const auto version = in.get<uint8_t>();
  if (!in.ok()) return Error{"corrupt", "novelty: its state is cut off"};
  if (version != kVersion) return Error{"unknown_version", "novelty: not a version this build can read"};
  Novelty read(params_, 1);
  if (!read.load_parts(in)) return Error{"corrupt", "novelty: its state is cut off or out of range"};
  views_ = std::move(read.views_);
  seen_ = read.seen_;
  unusual_ = read.unusual_;
  rows_ = read.rows_;
  usual_maximum_ = read.usual_maximum_;
  blocks_ = read.blocks_;
  block_most_ = read.block_most_;
  block_rows_ = read.block_rows_;
  alarm_at_ = read.alarm_at_;
  alarm_excess_ = read.alarm_excess_;
  return ok_status();
}

}  // namespace tidewatch
