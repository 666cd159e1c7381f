#include "detectors/decide/surprise_calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;
/// Where the pieces of the tail begin, in claimed bits. Detectors keep what they claim up to some 10 bits; mixtures of
/// usual and unusual windows show beyond.
constexpr std::array<double, 3> kFrom{5, 8, 12};
/// What a prior is worth: episodes for the rate, peaks that ended for each piece.
constexpr double kPriorEpisodes = 30;
constexpr std::array<double, 3> kPriorPeaks{30, 10, 5};
constexpr double kHalfLife = 12'096;
/// Windows after an alert in which another one tells nothing new of how rare they are: a day of 5 min.
constexpr uint16_t kSameIncident = 288;
/// Bits that a claimed bit is worth. Never more than one: a past that was very quiet is no reason to alert earlier.
constexpr double kLeastSlope = 0.25;
constexpr double kMostSlope = 1;

double end_of(size_t piece) {
  return piece + 1 < kFrom.size() ? kFrom[piece + 1] : std::numeric_limits<double>::infinity();
}

}  // namespace

double SurpriseCalibration::calibrated(double claimed) const {
  const double rate = (kPriorEpisodes + episodes_) / (kPriorEpisodes * std::exp2(kFrom[0]) + windows_);
  double bits = std::clamp(-std::log2(rate), 0.0, kFrom[0]);
  if (claimed <= kFrom[0]) return claimed * bits / kFrom[0];
  double slope = kMostSlope;
  for (size_t i = 0; i < kPieces && claimed > kFrom[i]; ++i) {
    // Peaks end at the rate slope · ln 2 by bit; the prior's is that of the piece below.
    const double risen = kPriorPeaks[i] / slope + std::numbers::ln2 * pieces_[i].risen;
    slope = std::clamp((kPriorPeaks[i] + pieces_[i].ended) / risen, kLeastSlope, kMostSlope);
    bits += slope * (std::min(claimed, end_of(i)) - kFrom[i]);
  }
  return bits;
}

void SurpriseCalibration::apply(Verdict& verdict) const {
  if (!(verdict.surprise > 0)) return;
  const double bits = std::min(calibrated(verdict.surprise), kMaxSurprise);
  for (Contribution& part : verdict.contributions) part.bits *= bits / verdict.surprise;
  verdict.surprise = bits;
}

void SurpriseCalibration::forget() {
  const auto keep = static_cast<float>(std::exp2(-1 / kHalfLife));
  windows_ *= keep;
  episodes_ *= keep;
  for (Piece& piece : pieces_) {
    piece.ended *= keep;
    piece.risen *= keep;
  }
}

void SurpriseCalibration::end_episode() {
  if (!is_censored_ || same_incident_ == 0) count_episode();
  if (is_censored_) same_incident_ = kSameIncident;
  peak_ = 0;
  is_censored_ = false;
}

void SurpriseCalibration::count_episode() {
  episodes_ += 1;
  for (size_t i = 0; i < kPieces && peak_ > kFrom[i]; ++i) {
    pieces_[i].risen += static_cast<float>(std::min<double>(peak_, end_of(i)) - kFrom[i]);
    if (peak_ <= end_of(i) && !is_censored_) pieces_[i].ended += 1;
  }
}

void SurpriseCalibration::learn(double claimed, double needed, bool is_firing) {
  forget();
  windows_ += 1;
  if (same_incident_ > 0) --same_incident_;
  if (claimed >= kFrom[0]) {
    is_censored_ |= claimed >= needed || is_firing;
    peak_ = std::max(peak_, static_cast<float>(std::min(claimed, needed)));
  } else if (peak_ > 0 && !is_firing) {
    end_episode();
  }
}

void SurpriseCalibration::save(ByteWriter& out) const {
  out.put(kVersion);
  out.put(static_cast<uint8_t>(is_censored_));
  out.put(same_incident_);
  for (const float value : {windows_, episodes_, peak_}) out.put(value);
  for (const Piece& piece : pieces_) {
    out.put(piece.ended);
    out.put(piece.risen);
  }
}

Status SurpriseCalibration::load(ByteReader& in) {
  const auto version = in.get<uint8_t>();
  if (in.ok() && version != kVersion) return Error{"unknown_version", "calibration: not a version this build can read"};
  SurpriseCalibration read;
  const auto censored = in.get<uint8_t>();
  read.same_incident_ = in.get<uint16_t>();
  bool good = censored <= 1 && read.same_incident_ <= kSameIncident;
  const auto get = [&](float& value) {
    value = in.get<float>();
    good = good && std::isfinite(value) && value >= 0;
  };
  for (float* value : {&read.windows_, &read.episodes_, &read.peak_}) get(*value);
  for (Piece& piece : read.pieces_) {
    get(piece.ended);
    get(piece.risen);
  }
  if (!good || !in.ok()) return Error{"corrupt", "calibration: its state is cut off or out of range"};
  read.is_censored_ = censored == 1;
  *this = read;
  return ok_status();
}

}  // namespace tidewatch
