#include "app/rollouts/rollout_follower.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <map>
#include <optional>
#include <stop_token>
#include <utility>

#include "app/rollouts/flag_file.h"
#include "stream/runtime/kafka_follower.h"

namespace tidewatch {
namespace {

Timestamp now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

constexpr Duration kPoll = std::chrono::milliseconds(200);

}  // namespace

struct RolloutFollower::Impl {
  std::vector<RolloutRule> rollouts;
  std::unique_ptr<kafka::Follower> follower;
  mutable std::mutex mutex;
  RolloutBoard board;           ///< guarded by mutex
  bool is_ready = false;        ///< guarded by mutex
  std::optional<Error> failed;  ///< guarded by mutex
  /// What a flag file says, and what was tried in vain: of the thread.
  struct Flag {
    std::string written;
    std::string failed;
  };
  std::map<std::string, Flag> flags;
  std::jthread thread;  // the last: it ends first

  void follow(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const auto status = follower->poll(kPoll, [&](const Record& record) {
        const std::lock_guard lock(mutex);
        board.take(record);
      });
      {
        const std::lock_guard lock(mutex);
        if (!status && !failed) spdlog::error("decisions on rollouts cannot be read: {}", status.error().message);
        failed = status ? std::nullopt : std::optional<Error>(status.error());
        is_ready = is_ready || follower->has_caught_up();
      }
      write_flags();
      if (!status) std::this_thread::sleep_for(kPoll);
    }
  }

  /// Where what a file says is no longer so; what cannot be written is tried again, and said once.
  void write_flags() {
    for (const RolloutRule& rule : rollouts) {
      if (rule.flag_file.empty()) continue;
      std::string text;
      {
        const std::lock_guard lock(mutex);
        const RolloutStanding* standing = board.find(rule.name);
        if (!is_ready || standing == nullptr || !standing->latest) continue;
        text = flag_text(*standing->latest);
      }
      Flag& flag = flags[rule.name];
      if (flag.written == text) continue;
      if (const auto status = write_flag(rule.flag_file, text); status) {
        flag.written = text;
      } else if (flag.failed != text) {
        flag.failed = text;
        spdlog::error("rollout {}: {}", rule.name, status.error().message);
      }
    }
  }

  HttpResponse ask(RolloutGate gate, const std::string& name, const HttpRequest& request) const {
    const std::lock_guard lock(mutex);
    if (failed || !is_ready)
      return {.status = 503,
              .content_type = "application/json",
              .body = fmt::format("{{\"error\": \"{}\"}}\n", failed ? "decisions cannot be read from Kafka"
                                                                    : "decisions are still being read from Kafka")};
    return tidewatch::answer(gate, board, name, request.argument("since"), now());
  }
};

RolloutFollower::RolloutFollower(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RolloutFollower::~RolloutFollower() = default;

Result<std::unique_ptr<RolloutFollower>> RolloutFollower::start(const Config& config) {
  auto follower =
      kafka::Follower::open(config.kafka, Stream::rollouts, {.last = std::nullopt}, config.kafka.broker_timeout);
  if (!follower) return follower.error();
  auto impl = std::make_unique<Impl>();
  impl->rollouts = config.detect.rollouts;
  impl->follower = std::move(follower).value();
  impl->is_ready = impl->follower->has_caught_up();
  impl->thread = std::jthread([at = impl.get()](const std::stop_token& stop) { at->follow(stop); });
  return std::unique_ptr<RolloutFollower>(new RolloutFollower(std::move(impl)));
}

HttpResponse RolloutFollower::answer(const HttpRequest& request) const {
  std::string names;
  for (const RolloutRule& rule : impl_->rollouts) {
    const std::string own = "/rollouts/" + rule.name;
    names += (names.empty() ? "" : " ") + own;
    if (!request.path.starts_with(own)) continue;
    for (const RolloutGate gate : kRolloutGates)
      if (request.path.substr(own.size()) == path_of(gate)) return impl_->ask(gate, rule.name, request);
  }
  return {.status = request.path == "/rollouts" ? 200 : 404, .body = names + "\n"};
}

}  // namespace tidewatch
