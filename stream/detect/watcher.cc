#include "stream/detect/watcher.h"

#include <algorithm>
#include <cmath>

namespace tidewatch {
namespace {

/// Observations of the measure that has the fewest of those with data; infinite without any.
double least_count(const std::vector<Observation>& observations) {
  double out = HUGE_VAL;
  for (const Observation& seen : observations)
    if (!seen.missing()) out = std::min(out, seen.n);
  return out;
}

/// What siblings showed of the one measure of a rule that compares them.
Siblings compare(const CompiledRule& rule, const Cells& own, const Cells& siblings) {
  const Aggregate* mine = own.find(rule.measures[0].measure);
  const Aggregate* others = siblings.find(rule.measures[0].measure);
  Siblings out;
  out.together = observe(rule, 0, others);
  if (mine != nullptr && others != nullptr && others->kind() == MeasureKind::distribution)
    out.split = mine->split(*others, rule.measures[0].statistic);
  return out;
}

/// They are of cells that do not live as long.
Judged without_categories(Judged out) {
  for (Observation& seen : out.observations) seen.categories = nullptr;
  return out;
}

}  // namespace

bool Watcher::mark(std::string_view alert_id, MarkVerdict finding, Timestamp at) {
  return taught_ && taught_->mark(alert_id, finding, at);
}

bool Watcher::gathers(const Judged& judged, bool is_suppressed) const {
  const double count = least_count(judged.observations);
  return !is_suppressed && std::isfinite(count) && (count < rule_->min_count || !gathered_.empty());
}

void Watcher::borrow(const Loan& loan) {
  detector_->borrow(*loan.baseline, loan.variance_between);
  lender_ = std::make_unique<const std::string>(loan.from);
}

Judged Watcher::judge(const EntityWindow& given, std::string_view entity_key, bool is_suppressed) {
  const Cells& cells = *given.cells;
  const Timestamp start = given.start;
  Judged out;
  out.rule = rule_;
  out.start = start;
  out.end = start + rule_->rule->window;
  for (size_t i = 0; i < rule_->measures.size(); ++i)
    out.observations.push_back(observe(*rule_, i, cells.find(rule_->measures[i].measure)));
  if (!gathered_.empty() && out.end - gathered_.start() > Gathered::kLongest) gathered_.clear();
  out.is_expected = given.is_expected;
  const bool is_gathering = !given.is_expected && gathers(out, is_suppressed);
  if (is_gathering) {
    gathered_.add(*rule_, cells, start);
    out.start = gathered_.start();
    out.observations = gathered_.observe(*rule_);
  }
  CategoryCounts classes;  // outlives scoring and learning
  if (Observation& seen = out.observations[0];
      rule_->detector->watches_categories && seen.kind == MeasureKind::distribution) {
    if (!seen.missing()) classes = cells.find(rule_->measures[0].measure)->classes(seen.domain);
    seen.categories = &classes;
  }
  Window window;
  window.start = out.start;
  window.width = out.end - out.start;
  window.season = given.season;
  window.observations = out.observations;
  const Siblings siblings = rule_->detector->compares_siblings ? compare(*rule_, cells, *given.siblings) : Siblings();
  if (!siblings.missing()) window.siblings = {&siblings, 1};
  Context context = rule_->context();
  context.reference = reference_;
  out.verdict = detector_->score(window, context);
  if (lender_) {
    const auto own_windows = detector_->borrowing();
    if (!own_windows)
      lender_.reset();
    else if (out.verdict.judgement != Judgement::missing)
      out.borrowed = Borrowed{*lender_, *own_windows};
  }
  const double claimed = out.verdict.surprise;
  if (detector_->claims_chance()) calibration_.apply(out.verdict);
  const bool is_too_few = is_gathering && least_count(out.observations) < rule_->min_count;
  if (is_too_few && out.verdict.judgement == Judgement::scored) out.verdict.judgement = Judgement::gathering;
  out.is_suppressed = is_suppressed;
  decide(window, entity_key, out);
  if (out.transition) {
    const size_t strongest = std::min(out.verdict.observation, rule_->measures.size() - 1);
    const Aggregate* aggregate =
        is_gathering ? gathered_.find(strongest) : cells.find(rule_->measures[strongest].measure);
    if (aggregate != nullptr) out.exemplars = aggregate->exemplars();
  }
  if (out.is_expected) {
    detector_->learn(window, {.weight = 0});
    return without_categories(std::move(out));
  }
  const bool is_scored = out.verdict.judgement == Judgement::scored && !is_suppressed;
  if (is_scored && detector_->claims_chance()) calibration_.learn(claimed, out.needs.surprise, out.is_firing);
  if (!is_too_few) {
    detector_->learn(window, lifecycle_.decision());
    if (is_gathering) gathered_.clear();
  }
  return without_categories(std::move(out));
}

/// Whether the alert fires, goes on or ends; with as much surprise as people taught this series to ask for.
void Watcher::decide(const Window& window, std::string_view entity_key, Judged& out) {
  out.needs = rule_->alert.needs;
  const double taught = taught_ ? taught_->extra(window.start) : 0;
  out.needs.surprise += taught;
  if (!out.is_expected) {
    const auto step = [&](const AlertRule& rule) {
      return lifecycle_.step(rule, entity_key, window.start, window.width, out.verdict, out.is_suppressed);
    };
    if (taught > 0) {
      AlertRule rule = rule_->alert;
      rule.needs = out.needs;
      out.transition = step(rule);
    } else {
      out.transition = step(rule_->alert);
    }
  }
  out.is_firing = lifecycle_.is_firing();
  if (!out.transition || !detector_->claims_chance()) return;
  if (!taught_) taught_ = std::make_unique<TaughtThreshold>();
  taught_->note(out.transition->id, lifecycle_.peak().surprise - rule_->alert.needs.surprise);
}

void Watcher::save(ByteWriter& out) const {
  detector_->save(out);
  calibration_.save(out);
  gathered_.save(out);
  out.put_string(lender_ ? *lender_ : std::string());
  if (taught_) taught_->save(out);
}

Status Watcher::load(ByteReader& in, const AlertLifecycle& lifecycle) {
  if (auto loaded = detector_->load(in); !loaded) return loaded;
  if (auto loaded = calibration_.load(in); !loaded) return loaded;
  if (auto loaded = gathered_.load(*rule_, in); !loaded) return loaded;
  if (!in.at_end()) {  // builds before borrowing end here
    const auto from = in.get_string();
    if (!in.ok()) return Error{"corrupt", "watcher: its state is cut off"};
    if (!from.empty()) lender_ = std::make_unique<const std::string>(from);
  }
  if (!in.at_end()) {  // it never alerted, or builds before marks
    auto taught = std::make_unique<TaughtThreshold>();
    if (auto loaded = taught->load(in); !loaded) return loaded;
    taught_ = std::move(taught);
  }
  lifecycle_ = lifecycle;
  return ok_status();
}

}  // namespace tidewatch
