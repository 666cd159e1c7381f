#include "app/demo/backlog.h"

#include <utility>

namespace tidewatch {
namespace {

constexpr auto kTimeout = std::chrono::seconds(10);

std::vector<Stream> inputs_of(const std::string& stage) {
  if (stage == "assemble") return {Stream::fragments};
  if (stage == "session") return {Stream::turns};
  if (stage == "detect") return {Stream::partials};
  if (stage == "alert") return {Stream::raised};
  return {Stream::traces, Stream::feedback};
}

}  // namespace

Result<Backlog> Backlog::open(const KafkaOptions& options, const Metrics& metrics, int32_t (*partitions)(Stream)) {
  auto cluster = kafka::Cluster::open(options);
  if (!cluster) return cluster.error();
  return Backlog(options, metrics, partitions, std::move(cluster).value());
}

Result<double> Backlog::written(Stream stream) {
  double sum = 0;
  for (int32_t partition = 0; partition < partitions_(stream); ++partition) {
    const auto range = cluster_->offsets(options_.topics.of(stream), partition, kTimeout);
    if (!range) return range.error();
    sum += static_cast<double>(range->high);
  }
  return sum;
}

Result<double> Backlog::written_for(const std::string& stage) {
  double sum = 0;
  for (const Stream stream : inputs_of(stage)) {
    const auto count = written(stream);
    if (!count) return count.error();
    sum += *count;
  }
  return sum;
}

Result<double> Backlog::records_waiting(const std::string& stage) {
  const auto sum = written_for(stage);
  if (!sum) return sum.error();
  return *sum - metrics_.total("records", {{"stage", stage}});
}

double Backlog::passed_by(const std::string& stage) const { return metrics_.total("offsets", {{"stage", stage}}); }

Result<double> Backlog::bytes_waiting(const std::string& stage, const std::string& upstream, Stream stream) {
  const auto records = records_waiting(stage);
  if (!records) return records.error();
  const Metrics::Labels of{{"stage", upstream}, {"stream", std::string(name_of(stream))}};
  const double outputs = metrics_.total("outputs", of);
  return outputs == 0 ? 0 : *records * metrics_.total("output_bytes", of) / outputs;
}

Result<bool> Backlog::has_room(double traffic_bytes_sent) {
  if (traffic_bytes_sent - metrics_.total("record_bytes", {{"stage", "observe"}}) > kMaxTraffic) return false;
  const auto fragments = bytes_waiting("assemble", "observe", Stream::fragments);
  if (!fragments) return fragments.error();
  if (*fragments > kMaxFragments) return false;
  const auto partials = bytes_waiting("detect", "assemble", Stream::partials);
  if (!partials) return partials.error();
  return *partials <= kMaxPartials;
}

}  // namespace tidewatch
