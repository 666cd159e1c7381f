// What the alerts of an SLO are worth: false pages a year of a service exactly at its objective, and how long a burn
// takes to be told, beside the Site Reliability Workbook's rules as they stand and a guard by an interval.
// `./dev bench slo [years [runs]]`; the tables of docs/slo.md.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "detectors/core/special_functions.h"
#include "detectors/decide/slo/slo.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

constexpr double kObjective = 0.995;
constexpr int kStepsAnHour = 12;
constexpr Timestamp kBegin = Timestamp(std::chrono::days(20000));
constexpr double kNever = std::numeric_limits<double>::infinity();

/// What is told in a step: nothing, a ticket, a page.
using Told = std::optional<Severity>;

class Rules {
 public:
  virtual ~Rules() = default;
  virtual Told step(Timestamp start, double events, double bad) = 0;
};

/// The product, by its policy.
class Product final : public Rules {
 public:
  explicit Product(SloPolicy policy) : policy_(std::move(policy)) {}
  Told step(Timestamp start, double events, double bad) override {
    slo_.charge(start, SloCounts::of(events, bad), policy_);
    Told out;
    for (const SloEvent& event : slo_.decide(start + Slo::kResolution, policy_))
      if (event.kind != SloEvent::Kind::resolved && event.permille == 0 && !event.is_reopened) out = event.severity;
    return out;
  }

 private:
  SloPolicy policy_;
  Slo slo_;
};

/// An alert as long as a rule's windows both burn and the lower end of the 95 % interval of the long one's rate
/// (Clopper & Pearson 1934) does, too.
class ByInterval final : public Rules {
 public:
  Told step(Timestamp, double events, double bad) override {
    events_.push_back(events_.back() + events);
    bad_.push_back(bad_.back() + bad);
    Told out;
    for (size_t i = 0; i < rules_.size(); ++i) {
      const double most = rules_[i].burn * (1 - kObjective);
      const auto [long_events, long_bad] = sum(rules_[i].long_window);
      const auto [short_events, short_bad] = sum(rules_[i].short_window);
      const bool goes_on = short_events > 0 && short_bad / short_events > most;
      const bool begins = goes_on && long_bad > 0 && beta_quantile(0.025, long_bad, long_events - long_bad + 1) > most;
      const bool was = is_burning_[i];
      is_burning_[i] = was ? goes_on : begins;
      if (is_burning_[i] && !was && (!out || rules_[i].severity > *out)) out = rules_[i].severity;
    }
    return out;
  }

 private:
  std::pair<double, double> sum(Duration window) const {
    const auto steps = std::min(events_.size() - 1, static_cast<size_t>(window / Slo::kResolution));
    const size_t from = events_.size() - 1 - steps;
    return {events_.back() - events_[from], bad_.back() - bad_[from]};
  }
  std::vector<BurnRule> rules_ = default_burn_rules(std::chrono::days(30), kObjective);
  std::array<bool, 4> is_burning_{};
  std::vector<double> events_{0};
  std::vector<double> bad_{0};
};

SloPolicy usual() {
  SloPolicy out;
  out.objective = kObjective;
  out.burns = default_burn_rules(out.period, kObjective);
  return out;
}

SloPolicy as_in_the_workbook() {
  SloPolicy out = usual();
  out.chance = 1;
  out.min_events = 1;
  out.min_bad = 1;
  out.least_recent = 1;
  return out;
}

struct Variant {
  const char* name;
  std::unique_ptr<Rules> (*make)();
};

template <int kExponent>
std::unique_ptr<Rules> with_chance() {
  SloPolicy out = usual();
  out.chance = std::pow(10, -kExponent);
  return std::make_unique<Product>(out);
}

const std::array<Variant, 5> kVariants = {
    {{"Workbook, as it is", [] { return std::unique_ptr<Rules>(std::make_unique<Product>(as_in_the_workbook())); }},
     {"95 % interval above the factor", [] { return std::unique_ptr<Rules>(std::make_unique<ByInterval>()); }},
     {"chance below 1e-3", with_chance<3>},
     {"chance below 1e-6 (default)", [] { return std::unique_ptr<Rules>(std::make_unique<Product>(usual())); }},
     {"chance below 1e-9", with_chance<9>}}};

/// Traffic with a share of bad events.
class Traffic {
 public:
  Traffic(double an_hour, uint64_t seed) : events_(an_hour / kStepsAnHour), random_(seed) {}
  std::pair<double, double> step(double bad_share) {
    const int events = events_(random_);
    const int bad = std::binomial_distribution<int>(events, std::min(1.0, bad_share))(random_);
    return {events, bad};
  }

 private:
  std::poisson_distribution<int> events_;
  std::mt19937_64 random_;
};

struct FalseAlarms {
  double pages = 0;
  double tickets = 0;
};

FalseAlarms at_the_objective(const Variant& variant, double an_hour, int years) {
  FalseAlarms out;
  for (int year = 0; year < years; ++year) {
    const auto rules = variant.make();
    Traffic traffic(an_hour, 1000 + static_cast<uint64_t>(year));
    for (int i = 0; i < 365 * 24 * kStepsAnHour; ++i) {
      const auto [events, bad] = traffic.step(1 - kObjective);
      const Told told = rules->step(kBegin + i * Slo::kResolution, events, bad);
      if (told) (*told == Severity::page ? out.pages : out.tickets) += 1.0 / years;
    }
  }
  return out;
}

/// Hours until anything, or a page, is told of a burn that begins after four days at the objective; the median.
struct Delays {
  double any = kNever;
  double page = kNever;
};

Delays of_burn(const Variant& variant, double an_hour, double burn, int runs) {
  std::vector<double> any;
  std::vector<double> page;
  for (int run = 0; run < runs; ++run) {
    const auto rules = variant.make();
    Traffic traffic(an_hour, 77 + static_cast<uint64_t>(run));
    Delays seen;
    const int begins = 4 * 24 * kStepsAnHour;
    for (int i = 0; i < begins + 10 * 24 * kStepsAnHour && seen.page == kNever; ++i) {
      const auto [events, bad] = traffic.step((i < begins ? 0.2 : burn) * (1 - kObjective));
      const Told told = rules->step(kBegin + i * Slo::kResolution, events, bad);
      if (!told || i < begins) continue;
      const double hours = static_cast<double>(i + 1 - begins) / kStepsAnHour;
      seen.any = std::min(seen.any, hours);
      if (*told == Severity::page) seen.page = hours;
    }
    any.push_back(seen.any);
    page.push_back(seen.page);
  }
  const auto median = [](std::vector<double>& values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
  };
  return {median(any), median(page)};
}

std::string in_words(double hours) {
  char text[32];
  if (hours == kNever) return "-";
  std::snprintf(text, sizeof(text),
                hours < 1    ? "%.0f min"
                : hours < 48 ? "%.1f h"
                             : "%.1f d",
                hours < 1    ? hours * 60
                : hours < 48 ? hours
                             : hours / 24);
  return text;
}

int run(int years, int runs) {
  constexpr std::array<double, 6> kTraffics = {1, 10, 100, 1000, 10'000, 100'000};
  std::printf("Exactly at %.1f %%: false pages + tickets a year (mean of %d years)\n\n| requests an hour |",
              100 * kObjective, years);
  for (const Variant& variant : kVariants) std::printf(" %s |", variant.name);
  std::printf("\n|---|---|---|---|---|---|\n");
  for (const double an_hour : kTraffics) {
    std::printf("| %.0f |", an_hour);
    for (const Variant& variant : kVariants) {
      const FalseAlarms seen = at_the_objective(variant, an_hour, years);
      std::printf(" %.2f + %.2f |", seen.pages, seen.tickets);
      std::fflush(stdout);
    }
    std::printf("\n");
  }
  for (const double burn : {2.0, 10.0, 100.0}) {
    std::printf(
        "\nBurn %.0f (%.1f %% bad): median time until anything / a page is told (%d runs, - : not in 10 days)\n\n",
        burn, 100 * burn * (1 - kObjective), runs);
    std::printf("| requests an hour |");
    for (const Variant& variant : kVariants) std::printf(" %s |", variant.name);
    std::printf("\n|---|---|---|---|---|---|\n");
    for (const double an_hour : kTraffics) {
      std::printf("| %.0f |", an_hour);
      for (const Variant& variant : kVariants) {
        const Delays seen = of_burn(variant, an_hour, burn, runs);
        std::printf(" %s / %s |", in_words(seen.any).c_str(), in_words(seen.page).c_str());
        std::fflush(stdout);
      }
      std::printf("\n");
    }
  }
  return 0;
}

}  // namespace
}  // namespace tidewatch

int main(int count, char** arguments) {
  const auto number = [&](int at, int usual) { return count > at ? std::atoi(arguments[at]) : usual; };
  return tidewatch::run(number(1, 10), number(2, 41));
}
