#include "tests/sim/flow_options.h"

#include <string_view>
#include <utility>

namespace tidewatch {

using namespace std::chrono_literals;

namespace {

/// One of requests and one of sessions; neither waits long, so that both come to an end in a quarter of an hour.
std::vector<RolloutRule> flow_rollouts() {
  std::vector<RolloutRule> out(2);
  out[0].name = "by-request";
  out[0].units.clear();
  out[1].name = "by-session";
  out[1].units = {"session"};
  for (RolloutRule& rule : out) {
    rule.label = "user";
    rule.control = "u0";
    rule.treatment = "u1";
    rule.plan.steps = {0.25, 0.5};
    rule.plan.hold = 2min;
    rule.plan.warm_up = 1min;
    rule.plan.min_requests = 20;
    rule.plan.checks_sample_ratio = false;
    rule.guards = {{"error_rate", 0.2, false, false},
                   {"latency_p95", 1, true, false},
                   {"latency_p50", 2, false, false},
                   {"rating", 0.3, false, false}};
  }
  return out;
}

}  // namespace

AssembleOptions flow_assemble_options() {
  AssembleOptions out;
  out.trace_timeout = 20s;
  out.join_horizon = 2min;  // short, as a restart reads so much again
  out.prices = {{"gpt-x", "", 2, 8, {}, {}, 0}};
  out.rollouts = flow_rollouts();
  return out;
}

SessionOptions flow_session_options() {
  SessionOptions out;
  out.gap = 90s;
  return out;
}

DetectOptions flow_detect_options(size_t max_entities) {
  DetectOptions out;
  const auto add = [&](std::string_view name, std::string_view measure, Duration window) {
    DetectorRule rule;
    rule.name = std::string(name);
    rule.detector = "point";
    rule.settings = {{"warm_up", "4"}, {"season", "false"}};
    rule.measures = {std::string(measure)};
    rule.window = window;
    rule.min_count = measure == "error_rate" ? 1 : 3;  // judged as they are, and gathered
    rule.min_effect_absolute = measure == "error_rate" ? 0.1 : 0;
    out.rules.push_back(std::move(rule));
  };
  out.rules.clear();
  add("errors", "error_rate", 1min);
  add("latency", "latency_p95", 2min);
  add("refusals", "refusal_rate", 5min);
  add("evaluations", "score_*", 3min);
  // Those that differ in one label are judged together, wherever a partition's tasks run.
  for (const auto* measure : {"error_rate", "latency_p50", "score_*"}) {
    add(std::string(measure) + "_contrast", measure, 1min);
    out.rules.back().detector = "contrast";
    out.rules.back().settings.clear();
    out.rules.back().entities = {{"service", "endpoint", "model"}, {"service", "endpoint", "prompt_version"}};
  }
  out.score_window = 2min;
  // Some are passed in a quarter of an hour, and some never; the last hour's begin to forget.
  for (const auto& [entity, amount] :
       {std::pair(EntityGroup{"service"}, 0.02), std::pair(EntityGroup{"service", "endpoint"}, 0.01),
        std::pair(EntityGroup{"service", "endpoint", "model"}, 1.0)}) {
    BudgetRule& budget = out.budgets.emplace_back();
    budget.name = "budget-" + std::to_string(entity.size());
    budget.entity = entity;
    budget.amount = amount;
    budget.time_zone = "Asia/Kolkata";  // whose hours are not those of UTC
    budget.per = entity.size() == 2 ? BudgetRule::Per::rolling : BudgetRule::Per::day;
    budget.rolling = 1h;
    if (max_entities < 100) budget.where = {{"service", {"s0"}}};  // what has a budget is never merged into `other`
  }
  // Errors are bad; what burns for minutes alerts, and with a period of a day shares of it are passed, too.
  for (const auto& entity : {EntityGroup{"service"}, EntityGroup{"service", "endpoint"}}) {
    SloRule& slo = out.slos.emplace_back();
    slo.name = "slo-" + std::to_string(entity.size());
    slo.entity = entity;
    slo.measure = entity.size() == 1 ? "error_rate" : "positive_feedback";
    slo.is_good = entity.size() == 2;
    slo.objective = 0.999;  // so that a few bad ones are no accident
    slo.period = std::chrono::days(1);
    slo.burns = {{10, 10min, 5min, Severity::page}};
    slo.min_events = slo.min_bad = 1;
    slo.alert_at = {0.5, 1};
    if (max_entities < 100) slo.where = {{"service", {"s0"}}};
  }
  out.entities = flow_assemble_options().entities;
  out.rollouts = flow_rollouts();
  out.false_alarms = {10, 1};
  out.max_entities = max_entities;
  return out;
}

}  // namespace tidewatch
