#include "app/engine.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "app/evaluate/real_surroundings.h"
#include "app/flow.h"
#include "stream/evaluate/judge/shared_judge.h"
#include "stream/notify/shared_sinks.h"
#include "stream/runtime/kafka_lookup.h"

namespace tidewatch {

namespace {

/// How long brokers may be silent while texts are read again, before those are left out.
constexpr Duration kTextPatience = std::chrono::minutes(1);

/// The flow and, where the config has what they need, the stages that talk to others. `asked`: those that run here.
Result<std::vector<StageSpec>> all_stages(const Config& config, const std::set<std::string>& asked, Metrics& metrics) {
  auto stages = make_flow(config);
  if (!stages) return stages.error();
  if (!evaluates(config) && asked.contains("evaluate"))
    return Error{"bad_config",
                 "there is nothing for stage evaluate to do: the config needs `sampling` and `validators` or judges "
                 "(docs/sampling.md)"};
  std::shared_ptr<AnswerJudge> answer_judge;
  const bool is_here = asked.empty() || asked.contains("evaluate");
  if (is_here && evaluates(config) && !config.judge.rules.empty()) {
    auto judge = Judge::make(config.judge, real_surroundings());
    if (!judge) return judge.error();
    answer_judge = std::make_shared<SharedJudge>(std::move(judge).value());
  }
  const auto lookup = std::make_shared<kafka::Lookup>(config.kafka, kTextPatience);
  auto evaluate = evaluate_stage(config, lookup, answer_judge);
  if (!evaluate) return evaluate.error();
  if (*evaluate) stages->push_back(**std::move(evaluate));
  if (config.sinks.empty() && asked.contains("notify"))
    return Error{"bad_config", "there is nobody for stage notify to tell: the config needs `sinks` (docs/sinks.md)"};
  if (!config.sinks.empty())
    stages->push_back(notify_stage(config, std::make_shared<SharedSinks>(config.sinks, real_surroundings(), metrics)));
  return stages;
}

}  // namespace

Status Engine::start(const Config& config) {
  auto stages = all_stages(config, stages_, metrics_);
  if (!stages) return stages.error();
  if (auto opened = open_endpoint(config.http); !opened) return opened;
  return run(config, std::move(stages).value());
}

Status Engine::reload(const Config& config) {
  auto stages = all_stages(config, stages_, metrics_);
  if (!stages) return stages.error();
  if (config.http.address != config_.http.address || config.http.port != config_.http.port)
    spdlog::warn("section http is read at start only; restart the process to serve at another address");
  stop();
  auto started = run(config, std::move(stages).value());
  if (started) return started;
  auto before = all_stages(config_, stages_, metrics_);
  // They were made before, but what a judge needs (the file of its cache) may be gone by now.
  if (auto restarted = before ? run(config_, std::move(before).value()) : Status(before.error()); !restarted) {
    const std::lock_guard lock(mutex_);
    not_restarted_ = restarted.error();
  }
  return started;
}

Status Engine::run(const Config& config, std::vector<StageSpec> stages) {
  std::shared_ptr<RolloutFollower> rollouts;
  if (!config.detect.rollouts.empty()) {
    auto followed = RolloutFollower::start(config);
    if (!followed) return followed.error();
    rollouts = std::move(followed).value();
  }
  auto runner = std::make_unique<KafkaRunner>(config.kafka, std::move(stages), stages_, metrics_);
  if (auto started = runner->start(); !started) return started;
  metrics_.remove("config_info", {{"version", config_.detect.config_version}});
  metrics_.set("config_info", {{"version", config.detect.config_version}}, 1);
  if (&config != &config_) config_ = config;
  const std::lock_guard lock(mutex_);
  runner_ = std::move(runner);
  rollouts_ = std::move(rollouts);
  return ok_status();
}

void Engine::stop() {
  std::unique_ptr<KafkaRunner> runner;
  {
    const std::lock_guard lock(mutex_);
    runner = std::move(runner_);
  }
  if (runner) runner->stop();
}

std::optional<Error> Engine::failure() const {
  const std::lock_guard lock(mutex_);
  if (not_restarted_) return not_restarted_;
  return runner_ ? runner_->failure() : std::nullopt;
}

RunnerHealth Engine::health() const {
  const std::lock_guard lock(mutex_);
  if (not_restarted_) return {.live = false, .ready = false, .detail = not_restarted_->message};
  if (!runner_) return {.live = true, .ready = false, .detail = "starting"};
  return runner_->health();
}

uint16_t Engine::http_port() const { return endpoint_ ? endpoint_->port() : uint16_t{0}; }

Status Engine::open_endpoint(const HttpOptions& options) {
  const auto answer = [](bool is_good, const RunnerHealth& health) {
    HttpResponse response;
    response.status = is_good ? 200 : 503;
    response.content_type = "application/json";
    response.body =
        nlohmann::json{{"live", health.live}, {"ready", health.ready}, {"detail", health.detail}}.dump() + "\n";
    return response;
  };
  HttpEndpoint::Routes routes;
  routes["/metrics"].handler = [this](const HttpRequest&) {
    return HttpResponse{200, std::string(Metrics::kContentType), metrics_.text()};
  };
  routes["/healthz"].handler = [this, answer](const HttpRequest&) {
    const auto now = health();
    return answer(now.live, now);
  };
  routes["/readyz"].handler = [this, answer](const HttpRequest&) {
    const auto now = health();
    return answer(now.live && now.ready, now);
  };
  routes["/rollouts*"] = {.handler =
                              [this](const HttpRequest& request) {
                                std::shared_ptr<RolloutFollower> rollouts;
                                {
                                  const std::lock_guard lock(mutex_);
                                  rollouts = rollouts_;
                                }
                                return rollouts ? rollouts->answer(request)
                                                : HttpResponse{.status = 404, .body = "the config has no rollouts\n"};
                              },
                          .takes_post = true};
  auto opened = HttpEndpoint::open(options.address, options.port, std::move(routes));
  if (!opened) return opened.error();
  endpoint_ = std::move(opened).value();
  spdlog::info("serving /metrics, /healthz, /readyz and /rollouts at http://{}:{}", options.address, endpoint_->port());
  return ok_status();
}

}  // namespace tidewatch
