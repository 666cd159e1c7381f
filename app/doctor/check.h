#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidewatch::doctor {

enum class Level : uint8_t {
  ok,
  warning,  ///< it works, but not all of it or not well
  problem,  ///< `tidewatch run` does not work, or loses or miscounts something
};
std::string_view name_of(Level level);

/// One thing that was looked at.
struct Check {
  Level level = Level::ok;
  std::string subject;  ///< a topic, "brokers", "clock", ...
  std::string message;  ///< what was found
  std::string advice;   ///< what to do; empty when there is nothing to do
};

/// Everything that was looked at, in the order in which a person reads it.
class Checks {
 public:
  void ok(std::string subject, std::string message) { add({Level::ok, std::move(subject), std::move(message), {}}); }
  void warn(std::string subject, std::string message, std::string advice) {
    add({Level::warning, std::move(subject), std::move(message), std::move(advice)});
  }
  void problem(std::string subject, std::string message, std::string advice) {
    add({Level::problem, std::move(subject), std::move(message), std::move(advice)});
  }
  void add(Check check) { all_.push_back(std::move(check)); }

  const std::vector<Check>& all() const { return all_; }
  size_t count(Level level) const;

 private:
  std::vector<Check> all_;
};

/// A line for each check ("problem  tidewatch.state: does not exist -> ..."), then one that counts them.
std::string to_text(const Checks& checks);
/// One JSON object: {"ok", "problems", "warnings", "checks": [{"level", "subject", "message", "advice"}]}.
std::string to_json(const Checks& checks);

}  // namespace tidewatch::doctor
