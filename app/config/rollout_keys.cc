#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/config/tables.h"
#include "stream/detect/rollout/rollout_watch.h"

namespace tidewatch::config {
namespace {

using namespace std::chrono_literals;
using Rollouts = std::vector<RolloutRule>;
using Guard = RolloutRule::Guard;

/// How much worse, or better: `0.5pp` of a share, `10%` of the control's value, `200ms`, `0.02 USD`, 0.1.
struct Margin {
  double by = 0;
  bool is_relative = false;
};

Type<Margin> margin() {
  constexpr std::string_view kPoints = "pp";
  const Json schema = {{"type", Json::array({"string", "number"})}};
  return scalar<Margin>(
      schema, "a margin, as in 0.5pp, 10% or 200ms",
      [kPoints](const std::string& text) -> Result<Margin> {
        const auto not_negative = [](double value, bool is_relative) -> Result<Margin> {
          if (value < 0) return Error{"bad_value", "must not be negative"};
          return Margin{value, is_relative};
        };
        if (text.ends_with(kPoints)) {
          auto number = std::string_view(text).substr(0, text.size() - kPoints.size());
          while (number.ends_with(' ')) number.remove_suffix(1);
          const auto points = parse_plain_number(number);
          return points ? not_negative(*points / 100, false) : Result<Margin>(points.error());
        }
        if (text.ends_with('%')) {
          const auto share = parse_share(text);
          return share ? not_negative(*share, true) : Result<Margin>(share.error());
        }
        const auto size = parse_quantity(text);
        return size ? not_negative(*size, false) : Result<Margin>(size.error());
      },
      [](const Margin& value) -> Json {
        return value.is_relative ? Json(format_share(value.by)) : Json(plain_number(value.by));
      });
}

/// What one measure is allowed, or to reach.
Type<Guard> guard(const std::string& key_name, const std::string& help) {
  struct Written {
    Margin margin;
  };
  const Table<Written> table = {
      .keys = {required(key<Written>(key_name, at(&Written::margin), margin(), help))}, .more = {}, .refused = {}};
  return converted<Guard, Written>(
      record(table),
      [](const Written& written) {
        Guard out;
        out.by = written.margin.by;
        out.is_relative = written.margin.is_relative;
        return out;
      },
      [](const Guard& of) {
        return Written{{of.by, of.is_relative}};
      });
}

Type<std::vector<Guard>> guards(bool is_goal) {
  const auto one = is_goal ? guard("better_by", "what would be worth having")
                           : guard("worse_by", "0.5pp are points of a share, 10% is of the control's value");
  return converted<std::vector<Guard>, Named<Guard>>(
      map_of(one, "a map by measure", kLabelPattern, "is no measure"),
      [is_goal](Named<Guard> rows) {
        std::vector<Guard> out;
        for (auto& [name, value] : rows) {
          value.measure = name;
          value.is_goal = is_goal;
          out.push_back(std::move(value));
        }
        return out;
      },
      [](const std::vector<Guard>& values) {
        Named<Guard> rows;
        for (const Guard& value : values) rows.emplace_back(value.measure, value);
        return rows;
      });
}

/// A rollout as it is written.
struct WrittenRollout : RolloutRule {
  struct Arms {
    std::string label = RolloutRule().label;
    std::string control = RolloutRule().control;
    std::string treatment = RolloutRule().treatment;
  };
  Arms arms;
  std::vector<double> steps = {5, 25, 50, 100};
  double confidence = 1 - RolloutPlan().alpha;
  std::vector<Guard> harms;
  std::vector<Guard> goals;
};

WrittenRollout written(const RolloutRule& rule) {
  WrittenRollout out;
  static_cast<RolloutRule&>(out) = rule;
  out.arms = {rule.label, rule.control, rule.treatment};
  out.steps.clear();
  for (const double share : rule.plan.steps) out.steps.push_back(share * 100);
  out.steps.push_back(100);
  out.confidence = 1 - rule.plan.alpha;
  for (const Guard& one : rule.guards) (one.is_goal ? out.goals : out.harms).push_back(one);
  return out;
}

RolloutRule rule_of(const WrittenRollout& from) {
  RolloutRule out = from;
  out.label = from.arms.label;
  out.control = from.arms.control;
  out.treatment = from.arms.treatment;
  out.plan.steps.clear();
  for (const double percent : from.steps)
    if (percent < 100) out.plan.steps.push_back(percent / 100);
  out.plan.alpha = 1 - from.confidence;
  out.guards = from.harms;
  out.guards.insert(out.guards.end(), from.goals.begin(), from.goals.end());
  return out;
}

Table<WrittenRollout> rollout_table(const Names& names) {
  using W = WrittenRollout;
  const auto name = text_like(R"([a-z][a-z0-9_-]*)", "is no such name; use small letters, digits, `_` and `-`");
  const Table<W::Arms> arms = {
      .keys = {key<W::Arms>("label", at(&W::Arms::label), label(names), "whose values tell the arms apart"),
               key<W::Arms>("control", at(&W::Arms::control), text(), "its value of what runs already"),
               key<W::Arms>("treatment", at(&W::Arms::treatment), text(), "its value of what is tried")},
      .more = {},
      .refused = {}};
  const auto plan = [](auto member) { return at(&RolloutRule::plan, member); };
  return {
      .keys =
          {required(key<W>("name", at(&RolloutRule::name), name, "unique; stands in decisions")),
           key<W>("where", at(&RolloutRule::where), label_patterns(names),
                  "only requests with these labels, as in {service: shop}"),
           key<W>("arms", at(&W::arms), record(arms), "who is compared with whom"),
           key<W>("unit", at(&RolloutRule::units), different_labels(names, 0),
                  "the first of these labels that a request has names its unit, whose requests depend on each other; "
                  "without any a request is a unit"),
           key<W>("steps", at(&W::steps),
                  list_of(number(range(0.1, 100)), "a list of percents, as in [5, 25, 50, 100]", 1),
                  "percent of the requests that the treatment gets, one after the other; 100 is the end"),
           key<W>("hold", plan(&RolloutPlan::hold), duration(1min, 24h * 14), "of data at each step, at least"),
           key<W>("warm_up", plan(&RolloutPlan::warm_up), duration(0s, 24h),
                  "after a step begins: what is seen then is not compared"),
           key<W>("min_requests", plan(&RolloutPlan::min_requests), number(range(20, 1e9)),
                  "of each arm, before it is compared"),
           key<W>("confidence", at(&W::confidence), share(range(0.5, 0.9999)),
                  "that a rollback, and that a promotion, is right, however often one looks"),
           key<W>("longest", plan(&RolloutPlan::longest), maybe(duration(1min, 24h * 90)),
                  "what is undecided after that is rolled back; without it, it waits"),
           key<W>("sample_ratio", plan(&RolloutPlan::checks_sample_ratio), boolean(),
                  "nothing is promoted while the arms' shares are not those of the step"),
           key<W>(
               "guard", at(&W::harms), guards(false),
               "by measure: how much worse the treatment may be, as in {refusal_rate: {worse_by: 0.5pp}, latency_p95: "
               "{worse_by: 10%}}"),
           key<W>(
               "goal", at(&W::goals), guards(true),
               "by measure: what is to become better, as in {positive_feedback: {better_by: 1pp}}: promoted only when "
               "it surely is, and given up when it surely will not be better by that much"),
           key<W>("flag_file", at(&RolloutRule::flag_file), text(),
                  "where every process writes the treatment's share as JSON, for routers that read files"),
           key<W>("drill_every", at(&RolloutRule::drill_every), duration(1h, 24h * 366),
                  "a drill (`tidewatch rollout drill`) that is longer ago is overdue")},
      .more = {},
      .refused = {{"guards", "write `guard`"}, {"goals", "write `goal`"}}};
}

Type<RolloutRule> rollout(const Names& names) {
  return converted<RolloutRule, WrittenRollout>(
      record(rollout_table(names)), [](const WrittenRollout& from) { return rule_of(from); }, written);
}

}  // namespace

Key<Config> rollouts_key() {
  const auto access = at(&Config::detect, &DetectOptions::rollouts);
  return dependent_key<decltype(access), Rollouts>(
      "rollouts", access, [](const Names& names) { return list_of(rollout(names), "a list of rollouts"); },
      "canaries and A/B tests that promote and roll back by themselves (docs/rollouts.md)");
}

void complete_rollouts(Config& config, Reader& reader) {
  std::set<std::string> names;
  for (size_t i = 0; i < config.detect.rollouts.size(); ++i) {
    const RolloutRule& rule = config.detect.rollouts[i];
    const std::string path = fmt::format("rollouts[{}]", i);
    if (!names.insert(rule.name).second) reader.error_at(path + ".name", in_quotes(rule.name) + " is there already");
    if (rule.control == rule.treatment)
      reader.error_at(path + ".arms", fmt::format("control and treatment are both {}", in_quotes(rule.control)));
    const auto& steps = rule.plan.steps;
    if (steps.empty())
      reader.error_at(path + ".steps", "must begin with less than 100: what is compared needs both arms");
    else if (std::adjacent_find(steps.begin(), steps.end(), std::greater_equal<>()) != steps.end())
      reader.error_at(path + ".steps", "must ascend, as in [5, 25, 50, 100]");
    if (rule.guards.empty()) reader.error_at(path, "has neither `guard` nor `goal`: nothing would be compared");
    Names known = names_of(config);
    if (const auto made = RolloutWatch::make(rule, known.measures); !made) {
      std::string_view reason = made.error().message;
      if (const auto prefix = fmt::format("rollouts.{}: ", rule.name); reason.starts_with(prefix))
        reason.remove_prefix(prefix.size());
      reader.error_at(path, std::string(reason));
    }
  }
  config.assemble.rollouts = config.detect.rollouts;
}

}  // namespace tidewatch::config
