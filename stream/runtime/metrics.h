#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace tidewatch {

/// Tidewatch's own metrics, in Prometheus' terms. Thread-safe. Names are given without the prefix `tidewatch_` and
/// counters without `_total`; what each one means is in the table in metrics.cc.
class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void count(std::string_view name, const Labels& labels, double by = 1);
  void set(std::string_view name, const Labels& labels, double value);      ///< gauge
  void observe(std::string_view name, const Labels& labels, double value);  ///< histogram, of seconds
  void remove(std::string_view name, const Labels& labels);                 ///< a gauge that means nothing any more

  /// Value of a counter or gauge; 0 when nothing was recorded.
  double value(std::string_view name, const Labels& labels) const;
  /// Sum of a counter over all its label sets that contain `where`.
  double total(std::string_view name, const Labels& where = {}) const;

  /// Text exposition format, for /metrics.
  std::string text() const;
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidewatch
