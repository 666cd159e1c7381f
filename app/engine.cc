#include "app/engine.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "app/flow.h"

namespace tidewatch {

Status Engine::start(const Config& config) {
  auto flow = make_flow(config);
  if (!flow) return flow.error();
  if (auto opened = open_endpoint(config.http); !opened) return opened;
  return run(config, std::move(flow).value());
}

Status Engine::reload(const Config& config) {
  auto flow = make_flow(config);
  if (!flow) return flow.error();
  if (config.http.address != config_.http.address || config.http.port != config_.http.port)
    spdlog::warn("section http is read at start only; restart the process to serve at another address");
  stop();
  auto started = run(config, std::move(flow).value());
  if (started) return started;
  auto before = make_flow(config_);
  TW_CHECK(before.ok(), "the flow of this config was made before");
  if (auto restarted = run(config_, std::move(before).value()); !restarted) {
    const std::lock_guard lock(mutex_);
    not_restarted_ = restarted.error();
  }
  return started;
}

Status Engine::run(const Config& config, std::vector<StageSpec> flow) {
  auto runner = std::make_unique<KafkaRunner>(config.kafka, std::move(flow), stages_, metrics_);
  if (auto started = runner->start(); !started) return started;
  metrics_.remove("config_info", {{"version", config_.detect.config_version}});
  metrics_.set("config_info", {{"version", config.detect.config_version}}, 1);
  if (&config != &config_) config_ = config;
  const std::lock_guard lock(mutex_);
  runner_ = std::move(runner);
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
  routes["/metrics"] = [this] { return HttpResponse{200, std::string(Metrics::kContentType), metrics_.text()}; };
  routes["/healthz"] = [this, answer] {
    const auto now = health();
    return answer(now.live, now);
  };
  routes["/readyz"] = [this, answer] {
    const auto now = health();
    return answer(now.live && now.ready, now);
  };
  auto opened = HttpEndpoint::open(options.address, options.port, std::move(routes));
  if (!opened) return opened.error();
  endpoint_ = std::move(opened).value();
  spdlog::info("serving /metrics, /healthz and /readyz at http://{}:{}", options.address, endpoint_->port());
  return ok_status();
}

}  // namespace tidewatch
