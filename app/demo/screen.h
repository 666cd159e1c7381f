#pragma once

#include <fmt/color.h>

#include <chrono>
#include <map>
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
  /// An incident's first alert is told whole, then in a line each what is new of it: another measure, or that it pages.
  /// More entities and rules that say the same, and ends, are not told.
  void alert(const v1::Alert& alert);
  void report(const DemoReport& report);
  void clear_progress();

 private:
  using Clock = std::chrono::steady_clock;
  struct Told {
    std::set<std::string> measures;
    bool is_page = false;
  };

  std::string styled(const fmt::text_style& style, std::string_view text) const;
  std::string table(const Assessment& assessment) const;

  bool is_terminal_;
  size_t columns_;
  Timestamp judged_from_{};
  std::map<std::string, Told> told_;  ///< by incident id
  Clock::time_point drawn_;
};

}  // namespace tidewatch
