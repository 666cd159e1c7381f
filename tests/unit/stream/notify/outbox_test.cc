#include "stream/notify/outbox.h"

#include <gmock/gmock.h>

#include "unit/stream/notify/notices.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Interest webhook() {
  return {.sink = "hook", .subject = Subject::alerts, .match = {}, .transitions = {"fired", "escalated"}};
}

Interest pager() {
  Interest out = webhook();
  out.sink = "pager";
  out.hears_missed = false;
  return out;
}

/// An outbox whose steps are written down: "hook fired", "hook -" when it has no longer to be told.
class OutboxRun {
 public:
  explicit OutboxRun(std::vector<Interest> sinks) : sinks_(sinks), outbox_(std::move(sinks)) {}

  std::vector<std::string> take(v1::Notice notice, Duration appended = {}) {
    outbox_.take(std::move(notice), {0, offset_++, noon(appended)});
    return steps();
  }
  std::vector<std::string> settle(size_t sink, Settled::Kind kind, const std::string& reference = "") {
    outbox_.settle({sink, offered_.at(sink), kind, {}, reference});
    return steps();
  }
  std::vector<std::string> steps() {
    std::vector<std::string> out;
    for (auto& step : outbox_.take_steps()) {
      std::string words =
          sinks_.at(step.sink).sink + " " + (step.delivery ? transition_of(*step.delivery->notice) : "-");
      if (step.delivery) {
        if (step.delivery->is_missed) words += " missed";
        if (step.delivery->is_repeat) words += " again";
        offered_[step.sink] = *step.delivery;
      }
      out.push_back(words);
    }
    for (auto& [id, value] : outbox_.take_changes()) {
      if (value.empty())
        state_.erase(id);
      else
        state_[id] = value;
    }
    return out;
  }
  /// What a restart makes of what was stored.
  std::vector<std::string> restart() {
    outbox_ = Outbox(sinks_);
    for (const auto& [id, value] : state_) EXPECT_TRUE(outbox_.restore(id, value).ok());
    return steps();
  }
  OutboxRun with(std::vector<Interest> sinks) const {
    OutboxRun out(std::move(sinks));
    out.state_ = state_;
    return out;
  }
  const Delivery& offered(size_t sink = 0) const { return offered_.at(sink); }
  const std::map<std::string, std::string>& state() const { return state_; }
  Outbox& outbox() { return outbox_; }

 private:
  std::vector<Interest> sinks_;
  Outbox outbox_;
  std::map<size_t, Delivery> offered_;
  std::map<std::string, std::string> state_;
  int64_t offset_ = 0;
};

constexpr auto kTold = Settled::Kind::told;

TEST(Outbox, TellsOfWhatFiresAndOfItsEndAndForgetsItThen) {
  OutboxRun run({webhook()});
  EXPECT_THAT(run.take(alert("a", "fired")), ElementsAre("hook fired"));
  EXPECT_TRUE(run.offered().is_first);
  EXPECT_EQ(run.offered().key, "a/fired/" + std::to_string(noon().time_since_epoch().count()));
  EXPECT_THAT(run.settle(0, kTold), IsEmpty());
  EXPECT_THAT(run.take(alert("a", "resolved", 1min)), ElementsAre("hook resolved"));
  EXPECT_FALSE(run.offered().is_missed);
  EXPECT_THAT(run.state(), ::testing::SizeIs(1));
  EXPECT_THAT(run.settle(0, kTold), IsEmpty());
  EXPECT_THAT(run.state(), IsEmpty());
}

TEST(Outbox, OffersTheNewestAloneToWhoWasNotToldYet) {
  OutboxRun run({webhook()});
  run.take(alert("a", "fired"));
  EXPECT_THAT(run.take(alert("a", "escalated", 1min, "page")), ElementsAre("hook escalated"));
  EXPECT_TRUE(run.offered().is_first);
  EXPECT_EQ(run.offered().since, noon()) << "of the first that it was not told of";
  EXPECT_THAT(run.settle(0, kTold), IsEmpty());
}

TEST(Outbox, WhatEndsUntoldIsToldOnceAsMissedOrNotAtAll) {
  OutboxRun run({webhook(), pager()});
  run.take(alert("a", "fired"));
  EXPECT_THAT(run.take(alert("a", "resolved", 1min)), ElementsAre("hook resolved missed", "pager -"));
  run.settle(1, Settled::Kind::withdrawn);
  EXPECT_THAT(run.state(), ::testing::SizeIs(1));
  run.settle(0, kTold);
  EXPECT_THAT(run.state(), IsEmpty());
}

TEST(Outbox, WhatWasOnItsWayWhenItEndedIsEnded) {
  OutboxRun run({pager()});
  run.take(alert("a", "fired"));
  const Delivery fired = run.offered();
  EXPECT_THAT(run.take(alert("a", "resolved", 1min)), ElementsAre("pager -"));
  run.outbox().settle({0, fired, kTold, {}, ""});
  EXPECT_THAT(run.steps(), ElementsAre("pager resolved")) << "it was told all the same";
}

TEST(Outbox, WhatMayHaveBeenOnItsWayWhenTheProcessEndedIsEnded) {
  OutboxRun run({pager()});
  run.take(alert("a", "fired"));
  run.take(alert("a", "resolved", 1min));
  EXPECT_THAT(run.restart(), ElementsAre("pager resolved"));
}

TEST(Outbox, NobodyIsToldOfWhatIsSuppressedButOfTheEndWhoKnowsThatItFires) {
  OutboxRun run({webhook()});
  v1::Notice silent = alert("a", "fired");
  silent.mutable_alert()->add_suppressed_by()->set_kind("silence");
  EXPECT_THAT(run.take(silent), IsEmpty());
  EXPECT_THAT(run.take(alert("a", "unsuppressed", 1min)), ElementsAre("hook unsuppressed")) << "as of one that fires";
  run.settle(0, kTold);
  EXPECT_THAT(run.take(alert("a", "suppressed", 2min)), IsEmpty());
  v1::Notice end = alert("a", "resolved", 3min);
  EXPECT_THAT(run.take(end), ElementsAre("hook resolved"));
}

TEST(Outbox, WhatIsSuppressedBeforeItWasToldIsNotToldAnyMore) {
  OutboxRun run({webhook()});
  run.take(alert("a", "fired"));
  EXPECT_THAT(run.take(alert("a", "suppressed", 1min)), ElementsAre("hook -"));
  EXPECT_THAT(run.settle(0, Settled::Kind::withdrawn), IsEmpty());
  EXPECT_THAT(run.take(alert("a", "resolved", 2min)), IsEmpty()) << "nobody knew of it";
}

TEST(Outbox, OnlyTransitionsThatAreWorthItAreToldToWhoKnows) {
  OutboxRun run({webhook()});
  run.take(alert("a", "fired"));
  run.settle(0, kTold);
  EXPECT_THAT(run.take(alert("a", "acknowledged", 1min)), IsEmpty());
  EXPECT_THAT(run.take(alert("a", "escalated", 2min, "page")), ElementsAre("hook escalated"));
  EXPECT_THAT(run.take(alert("a", "acknowledged", 3min, "page")), ElementsAre("hook acknowledged"))
      << "it is owed the escalation, and the newest says so too";
}

TEST(Outbox, TellsThoseWhomItConcerns) {
  Interest pages = webhook();
  pages.match = {LabelMatcher::parse("severity=page").value()};
  Interest people = webhook();
  people.sink = "people";
  people.subject = Subject::incidents;
  people.transitions = {};
  OutboxRun run({pages, people});
  EXPECT_THAT(run.take(alert("a", "fired")), IsEmpty());
  EXPECT_THAT(run.take(incident("i", "opened")), ElementsAre("people opened"));
  EXPECT_THAT(run.take(alert("a", "escalated", 1min, "page")), ElementsAre("hook escalated"));
  EXPECT_TRUE(run.offered(0).is_first);
}

TEST(Outbox, WhatIsRefusedIsNotOfferedAgainButWhatFollowsIs) {
  OutboxRun run({webhook()});
  run.take(alert("a", "fired"));
  EXPECT_THAT(run.settle(0, Settled::Kind::refused), IsEmpty());
  EXPECT_THAT(run.restart(), IsEmpty());
  EXPECT_THAT(run.take(alert("a", "escalated", 1min, "page")), ElementsAre("hook escalated"));
}

TEST(Outbox, ARestartKnowsWhatEachSinkWasToldAndWhatItIsOwed) {
  OutboxRun run({webhook(), pager()});
  run.take(alert("a", "fired"));
  run.settle(0, kTold, "thread-7");
  EXPECT_THAT(run.restart(), ElementsAre("pager fired"));
  EXPECT_THAT(run.take(alert("a", "resolved", 1min)), ElementsAre("hook resolved", "pager -"));
  EXPECT_EQ(run.offered(0).reference, "thread-7");
}

TEST(Outbox, ASinkThatIsNewIsToldWhatFires) {
  OutboxRun run({webhook()});
  run.take(alert("a", "fired"));
  run.settle(0, kTold);
  auto with_pager = run.with({webhook(), pager()});
  EXPECT_THAT(with_pager.restart(), ElementsAre("pager fired"));
}

TEST(Outbox, WhatWasOverBeforeItsTimeWasNotMissed) {
  OutboxRun run({webhook()});
  run.outbox().begin(noon(1h));
  run.take(alert("old", "fired"), 0s);
  EXPECT_THAT(run.take(alert("old", "resolved", 1min), 1min), ElementsAre("hook -"));
  run.take(alert("still", "fired"), 0s);
  EXPECT_THAT(run.settle(0, kTold), IsEmpty());
}

TEST(Outbox, WhatIsOverBeforeItWasOfferedIsForgotten) {
  OutboxRun run({pager()});
  run.outbox().take(alert("a", "fired"), {});
  EXPECT_THAT(run.take(alert("a", "resolved", 1min)), IsEmpty());
  EXPECT_THAT(run.state(), IsEmpty());
  EXPECT_THAT(run.restart(), IsEmpty());
}

TEST(Outbox, ASinkThatForgetsIsToldAgainAfterARestartUntilTheEndWasSaidOftenEnough) {
  Interest forgetful = pager();
  forgetful.forgets = true;
  OutboxRun run({forgetful});
  run.take(alert("a", "fired"));
  run.settle(0, kTold);
  EXPECT_THAT(run.restart(), ElementsAre("pager fired again"));
  run.take(alert("a", "resolved", 1min));
  EXPECT_THAT(run.settle(0, kTold), ElementsAre("pager resolved again"));
  EXPECT_THAT(run.restart(), ElementsAre("pager resolved again"));
  EXPECT_THAT(run.settle(0, Settled::Kind::finished), IsEmpty());
  EXPECT_THAT(run.state(), IsEmpty());
}

TEST(Outbox, StateThatIsNoneIsNamed) {
  Outbox outbox({webhook()});
  EXPECT_EQ(outbox.restore("a", "nonsense").error().code, "corrupt");
  EXPECT_EQ(outbox.restore("a", "").error().code, "corrupt");
}

}  // namespace
}  // namespace tidewatch
