#pragma once

#include <memory>
#include <string>
#include <vector>

#include "stream/notify/courier.h"
#include "stream/notify/outbox.h"
#include "stream/runtime/stage.h"

namespace tidewatch {

/// Tells sinks of alerts and incidents: reads Stream::alerts and Stream::incidents, hands what is to be told to a
/// Courier that all tasks of a process share, and writes what no sink takes to the dead letters.
///
/// State: one record of each alert or incident that fires or that a sink has to be told of, and when the first task of
/// this partition began (`began`). What was read is in the state by the commit that says so, so that nothing has to be
/// read again; a message that was sent and whose outcome was not committed is sent again, with the same key.
///
/// Counts: notices (by transition), bad_notices (dead letters).
class Notify final : public Stage {
 public:
  /// `topics`: names of the topics of alerts and incidents, for the dead letters.
  struct Topics {
    std::string alerts;
    std::string incidents;
  };
  Notify(std::vector<Interest> sinks, Topics topics, std::shared_ptr<Courier> courier);
  ~Notify() override;

  void on_record(const Record& record, Effects& out) override;
  void on_watermark(Timestamp watermark, Effects& out) override;
  /// Nobody is downstream.
  Timestamp output_watermark() const override { return kMinTimestamp; }
  Status restore(std::string_view key, std::string_view value) override;

 private:
  void give_up(const Settled& settled, Effects& out) const;

  std::vector<Interest> sinks_;
  Topics topics_;
  std::shared_ptr<Courier> courier_;
  Outbox outbox_;
  bool has_begun_ = false;
  Timestamp first_began_ = kMinTimestamp;      ///< where this task is the first that there was
  Timestamp history_read_at_ = kMinTimestamp;  ///< by the clock: the latest record that was there before
};

}  // namespace tidewatch
