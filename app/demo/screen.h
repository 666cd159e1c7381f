#pragma once

#include <fmt/color.h>

#include <chrono>
#include <set>
#include <string>
#include <string_view>

#include "app/demo/demo.h"
#include "app/gen/scenario.h"
#include "tidewatch/v1/alert.pb.h"

namespace tidewatch {

/// What a person sees of the demo, on the standard output: what runs, a line of progress that is drawn over (on a
/// terminal only), alerts as they come, and the report. As wide as the terminal, from 80 to 120 columns, and 100
/// elsewhere; colours on a terminal only.
class DemoScreen {
 public:
  DemoScreen();

  void begin(const gen::Scenario& scenario);
  void progress(const DemoProgress& progress);
  /// An incident's first alert is told whole; those that join it in one line each. Ends are not told.
  void alert(const v1::Alert& alert);
  void report(const DemoReport& report);
  void clear_progress();

 private:
  using Clock = std::chrono::steady_clock;

  std::string styled(const fmt::text_style& style, std::string_view text) const;
  std::string table(const Assessment& assessment) const;

  bool is_terminal_;
  size_t columns_;
  Timestamp judged_from_{};
  std::set<std::string> told_;  ///< incident ids
  Clock::time_point drawn_;
};

}  // namespace tidewatch
