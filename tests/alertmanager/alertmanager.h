#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "kafka/child_process.h"

namespace tidewatch {

/// A real Alertmanager with a storage of its own, which notifies a webhook of groups by incident.
class Alertmanager {
 public:
  explicit Alertmanager(const std::string& notifies);
  ~Alertmanager();
  Alertmanager(const Alertmanager&) = delete;
  Alertmanager& operator=(const Alertmanager&) = delete;

  static bool is_installed();
  const std::string& url() const { return url_; }
  void start();  ///< waits until it is ready
  void stop();   ///< as an operator does: it keeps whom it has notified of what
  /// Answer to a GET of a path; empty: there is none.
  std::string get(const std::string& path) const;
  std::string log() const;

 private:
  std::filesystem::path folder_;
  std::string address_;
  std::string url_;
  std::optional<kafka_test::ChildProcess> process_;
};

}  // namespace tidewatch
