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
  stop();
  return run(config, std::move(flow).value());
}

Status Engine::run(const Config& config, std::vector<StageSpec> flow) {
  auto runner = std::make_unique<KafkaRunner>(config.kafka, std::move(flow), stages_, metrics_);
  if (auto started = runner->start(); !started) return started;
  metrics_.set("config_info", {{"version", config.detect.config_version}}, 1);
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
  return runner_ ? runner_->failure() : std::nullopt;
}

RunnerHealth Engine::health() const {
  const std::lock_guard lock(mutex_);
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
