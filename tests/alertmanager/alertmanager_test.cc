// The sink `alertmanager` against a real one: it groups, ends what is over, and neither a restart of it nor one of
// Tidewatch notifies anybody twice or ends what still fires.
#include "alertmanager/alertmanager.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "fake_model/fake_model_server.h"
#include "unit/stream/notify/notices.h"
#include "unit/stream/notify/notify_run.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using fake_model::FakeCall;
using fake_model::FakeModelServer;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::SizeIs;

Timestamp wall() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

Surroundings real() {
  return {.monotonic =
              [] { return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()); },
          .wall = wall,
          .random = [] { return 0.5; }};
}

/// An alert of an incident that is going on.
v1::Notice now_happens(const std::string& id, const std::string& transition, const std::string& endpoint,
                       const std::string& severity = "ticket", const std::string& incident = "9d1f") {
  v1::Notice out = alert(id, transition, 0s, severity);
  out.mutable_alert()->set_incident_id(incident);
  (*out.mutable_alert()->mutable_labels())["endpoint"] = endpoint;
  *out.mutable_alert()->mutable_starts_at() = to_proto(wall() - 5min);
  *out.mutable_alert()->mutable_observed_at() = to_proto(wall());
  return out;
}

class AlertmanagerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Alertmanager::is_installed()) GTEST_SKIP() << "no Alertmanager: apt-get install prometheus-alertmanager";
    alertmanager_ = std::make_unique<Alertmanager>(people_.url());
    SinkOptions sink;
    sink.name = "am";
    sink.type = SinkType::alertmanager;
    sink.url = alertmanager_->url();
    sink.resend = 1s;
    sink.backoff = 200ms;
    sink.breaker_open = 1s;
    sink.breaker_longest = 1s;
    run_ = std::make_unique<NotifyRun>(std::vector<SinkOptions>{sink}, real(), [](Duration) {});
  }
  /// What people were told: status, and how many alerts of the group fire.
  std::vector<std::string> notified() const {
    std::vector<std::string> out;
    for (const FakeCall& call : people_.calls()) {
      const json body = json::parse(call.body);
      int firing = 0;
      for (const auto& one : body["alerts"]) firing += one["status"] == "firing" ? 1 : 0;
      out.push_back(body["status"].get<std::string>() + " " + std::to_string(firing));
    }
    return out;
  }
  bool eventually(const std::function<bool()>& is_done) {
    const auto until = std::chrono::steady_clock::now() + 30s;
    while (!is_done() && std::chrono::steady_clock::now() < until) {
      run_->commit();
      std::this_thread::sleep_for(20ms);
    }
    return is_done();
  }
  void pass(Duration time) {
    const auto until = std::chrono::steady_clock::now() + time;
    eventually([&] { return std::chrono::steady_clock::now() >= until; });
  }
  json active() const {
    const std::string alerts = alertmanager_->get("/api/v2/alerts?active=true");
    return alerts.empty() ? json::array() : json::parse(alerts);
  }

  FakeModelServer people_{std::vector<fake_model::FakeReply>{{.status = 200, .body = "{}", .headers = {}}}};
  std::unique_ptr<Alertmanager> alertmanager_;
  std::unique_ptr<NotifyRun> run_;
};

TEST_F(AlertmanagerTest, GroupsTheAlertsOfAnIncidentAndEndsThem) {
  for (const char* id : {"a", "b", "c"}) run_->happens(now_happens(id, "fired", std::string("/") + id));
  run_->happens(now_happens("d", "fired", "/d", "ticket", "another"));
  // Alertmanager does not wait with what began longer ago than its group_wait: others may join a group later.
  EXPECT_TRUE(eventually([&] {
    const auto all = notified();
    return std::count(all.begin(), all.end(), "firing 3") == 1 && all.size() >= 2;
  })) << alertmanager_->log();
  pass(2s);
  const size_t told = notified().size();
  EXPECT_LE(told, 4u) << "of the group of three, and of the other one";
  pass(6s);  // longer than Alertmanager would believe what it is told once
  EXPECT_THAT(notified(), SizeIs(told));
  EXPECT_EQ(active().size(), 4u);
  for (const char* id : {"a", "b", "c"}) run_->happens(now_happens(id, "resolved", std::string("/") + id));
  EXPECT_TRUE(eventually([&] { return notified().size() > told && notified().back() == "resolved 0"; }));
  EXPECT_EQ(active().size(), 1u);
}

TEST_F(AlertmanagerTest, AnAlertThatEscalatesIsOneAlertAllTheSame) {
  run_->happens(now_happens("a", "fired", "/a"));
  EXPECT_TRUE(eventually([&] { return notified().size() == 1; })) << alertmanager_->log();
  run_->happens(now_happens("a", "escalated", "/a", "page"));
  EXPECT_TRUE(eventually([&] { return active().size() == 1 && active()[0]["labels"]["severity"] == "page"; }))
      << active().dump();
}

TEST_F(AlertmanagerTest, ARestartOfAlertmanagerLosesNothingAndNotifiesNobodyTwice) {
  run_->happens(now_happens("a", "fired", "/a"));
  EXPECT_TRUE(eventually([&] { return notified().size() == 1; })) << alertmanager_->log();
  alertmanager_->stop();
  run_->happens(now_happens("b", "fired", "/b", "ticket", "while it was away"));
  pass(3s);
  alertmanager_->start();
  EXPECT_TRUE(eventually([&] { return active().size() == 2; })) << alertmanager_->log();
  EXPECT_TRUE(eventually([&] { return notified().size() == 2; }));
  pass(3s);
  EXPECT_THAT(notified(), ElementsAre("firing 1", "firing 1")) << "a was told before";
  run_->happens(now_happens("a", "resolved", "/a"));
  EXPECT_TRUE(eventually([&] { return notified().back() == "resolved 0"; }));
}

TEST_F(AlertmanagerTest, ARestartOfTidewatchEndsNothing) {
  run_->happens(now_happens("a", "fired", "/a"));
  EXPECT_TRUE(eventually([&] { return notified().size() == 1; })) << alertmanager_->log();
  run_->start();
  pass(7s);
  EXPECT_THAT(notified(), ElementsAre("firing 1"));
  EXPECT_EQ(active().size(), 1u);
  run_->happens(now_happens("a", "resolved", "/a"));
  EXPECT_TRUE(eventually([&] { return notified().size() == 2; }));
  EXPECT_EQ(notified().back(), "resolved 0");
}

}  // namespace
}  // namespace tidewatch
