#include "detectors/detect/composition.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>

namespace tidewatch {
namespace {

constexpr double kLeastCount = 5;

/// Deviance of a count of `mean` expected: more robust than Pearson's where little is expected.
double deviance(double count, double mean) {
  return 2 * ((count > 0 ? count * std::log(count / mean) : 0) - (count - mean));
}

struct Cell {
  std::string name;
  double reference = 0;
  double seen = 0;
};

/// The categories of both, by name; what neither kept the name of comes as "other".
std::vector<Cell> merged(const CategoryCounts& reference, const CategoryCounts& seen) {
  std::vector<Cell> out;
  auto left = reference.entries().begin();
  auto right = seen.entries().begin();
  while (left != reference.entries().end() || right != seen.entries().end()) {
    const bool takes_left =
        right == seen.entries().end() || (left != reference.entries().end() && left->first <= right->first);
    const bool takes_right =
        left == reference.entries().end() || (right != seen.entries().end() && right->first <= left->first);
    Cell cell;
    cell.name = takes_left ? left->first : right->first;
    if (takes_left) cell.reference = std::max(0.0, (left++)->second);
    if (takes_right) cell.seen = std::max(0.0, (right++)->second);
    out.push_back(std::move(cell));
  }
  if (reference.other() > 0 || seen.other() > 0)
    out.push_back({"other", std::max(0.0, reference.other()), std::max(0.0, seen.other())});
  return out;
}

/// Small cells become one; if that is small too, it joins the smallest of the others.
std::vector<Cell> pooled(std::vector<Cell> cells, double share_of_seen) {
  const auto expected = [&](const Cell& cell) { return (cell.reference + cell.seen) * share_of_seen; };
  std::vector<Cell> out;
  Cell rest{"the rest", 0, 0};
  for (Cell& cell : cells) {
    if (expected(cell) >= kLeastCount || cell.seen >= kLeastCount) {
      out.push_back(std::move(cell));
      continue;
    }
    rest.reference += cell.reference;
    rest.seen += cell.seen;
  }
  if (rest.reference + rest.seen == 0) return out;
  if (expected(rest) >= kLeastCount || out.empty()) {
    out.push_back(std::move(rest));
    return out;
  }
  Cell& smallest = *std::min_element(out.begin(), out.end(),
                                     [&](const Cell& a, const Cell& b) { return expected(a) < expected(b); });
  smallest.reference += rest.reference;
  smallest.seen += rest.seen;
  return out;
}

}  // namespace

CompositionTest compare_compositions(const CategoryCounts& reference, const CategoryCounts& seen) {
  CompositionTest test;
  std::vector<Cell> cells = merged(reference, seen);
  double before = 0;
  double now = 0;
  for (const Cell& cell : cells) {
    before += cell.reference;
    now += cell.seen;
  }
  if (!(before > 0) || !(now > 0)) return test;
  const double share_of_seen = now / (before + now);
  cells = pooled(std::move(cells), share_of_seen);
  if (cells.size() < 2) return test;
  test.degrees_of_freedom = static_cast<double>(cells.size() - 1);
  test.sample = now / (1 + now / before);

  std::vector<std::pair<double, const Cell*>> parts;
  double variance = 0;
  for (const Cell& cell : cells) {
    const double q = (cell.reference + cell.seen) / (before + now);
    const double difference = cell.seen / now - cell.reference / before;
    const double part = deviance(cell.seen, q * now) + deviance(cell.reference, q * before);
    test.chi_squared += part;
    test.moved += std::abs(difference) / 2;
    test.moved_by_chance += std::sqrt(q * (1 - q) / (2 * std::numbers::pi * test.sample));
    variance += q * (1 - q) * (1 - 2 / std::numbers::pi) / (4 * test.sample);
    parts.emplace_back(part, &cell);
  }
  test.moved_spread = std::sqrt(variance);
  std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [part, cell] : parts) {
    if (test.categories.size() == kMostNamedCategories ||
        part < test.chi_squared / static_cast<double>(4 * cells.size()))
      break;
    test.categories.push_back({cell->name, cell->reference / before, cell->seen / now});
  }
  return test;
}

}  // namespace tidewatch
