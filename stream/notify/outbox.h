#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "stream/notify/delivery.h"
#include "stream/notify/notice.h"

namespace tidewatch {

/// What a sink wants to hear of.
struct Interest {
  std::string sink;  ///< its name
  Subject subject = Subject::alerts;
  std::vector<LabelMatcher> match;
  std::set<std::string> transitions;  ///< worth a message to who knows that it fires; the end always is
  bool hears_missed = true;           ///< also what was over before it could be told
  bool forgets = false;               ///< what fires has to be repeated to it
};

/// What each sink has still to be told: of every alert or incident the newest change alone, so that a sink that was
/// away learns how things stand and not how they came about.
///
/// - A sink is told that something fires when it fits and nobody has suppressed it, whatever the transition is called.
/// - Who knows that it fires is told of those transitions that are worth it, and of the end, also of what was
/// suppressed
///   meanwhile.
/// - Of what ends before a sink was told of it, it is told once, as missed, or not at all.
///
/// Pure: what it decides leaves as steps, which a Courier takes; what it knows as records to store, one of each alert
/// or incident that fires or that a sink has to be told of. A sink that is new to a record learns what fires.
class Outbox {
 public:
  explicit Outbox(std::vector<Interest> sinks) : sinks_(std::move(sinks)) {}

  /// Errors: `corrupt`.
  Status restore(std::string_view id, std::string_view value);
  /// What was over before this time, and was never told, was not missed: nobody was to be told then.
  void begin(Timestamp since) { since_ = since; }

  void take(v1::Notice notice, const NoticeSource& source);
  void settle(const Settled& settled);

  struct Step {
    size_t sink = 0;
    std::string subject;
    std::optional<Delivery> delivery;  ///< none: it has no longer to be told
  };
  std::vector<Step> take_steps();
  /// Records to store, by id; empty: to be forgotten.
  std::vector<std::pair<std::string, std::string>> take_changes();
  size_t size() const { return entries_.size(); }

 private:
  /// What one sink knows.
  struct View {
    std::string told;
    bool knows_firing = false;
    std::string refused;
    bool is_owed = false;
    Timestamp owed_since{};
    std::string reference;
    bool is_offered = false;   ///< there is an outcome to come: the sink may know more than is known of it
    bool is_finished = false;  ///< nothing is repeated to it any more
  };
  struct Entry {
    std::shared_ptr<const v1::Notice> newest;
    std::string key;
    NoticeSource source;
    std::vector<View> views;  ///< as sinks_
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  bool concerns(const Interest& sink, const v1::Notice& notice) const { return sink.subject == subject_of(notice); }
  void judge(const Entry& entry, const Interest& sink, View& view) const;
  bool repeats(const Interest& sink, const View& view) const {
    return sink.forgets && !view.told.empty() && !view.is_finished;
  }
  void judge_all(Entries::iterator at);
  Delivery delivery_of(const std::string& id, const Entry& entry, const View& view) const;
  bool is_over(const Entry& entry) const;
  std::string saved(const Entry& entry) const;

  std::vector<Interest> sinks_;
  Entries entries_;
  Timestamp since_ = kMinTimestamp;
  std::map<std::pair<std::string, size_t>, Step> steps_;
  std::set<std::string> changed_;
};

}  // namespace tidewatch
