#include "stream/assemble/sampler.h"

#include <algorithm>

namespace tidewatch {
namespace {

Timestamp from_nanos(int64_t nanos) { return Timestamp(Duration(nanos)); }

/// "segment=new,endpoint=/chat"; a label that the request does not have is left out.
std::string stratum_of(const std::vector<std::string>& names, const Labels& labels) {
  EntityGroup present;
  for (const std::string& name : names)
    if (labels.find(name) != nullptr) present.push_back(name);
  return entity_key(present, labels);
}

/// All of a period go to one task, so that a budget holds for all strata and processes together.
void emit(const v1::EvalRequest& request, Effects& out) {
  out.count("eval_candidates");
  out.emit(Stream::eval_requests, std::to_string(request.period_unix_nano()), request.SerializeAsString());
}

}  // namespace

v1::EvalRequest Sampler::described(std::string_view trace_id, Timestamp time, const Labels& labels,
                                   const std::vector<v1::Source>& sources) const {
  v1::EvalRequest out;
  out.set_trace_id(std::string(trace_id));
  out.set_time_unix_nano(time.time_since_epoch().count());
  for (const auto& [name, value] : labels) {
    v1::Label* label = out.add_labels();
    label->set_name(name);
    label->set_value(value);
  }
  for (const auto& source : sources) *out.add_sources() = source;
  out.set_stratum(stratum_of(options_.strata, labels));
  out.set_period_unix_nano(align_down(time, options_.period).time_since_epoch().count());
  return out;
}

void Sampler::offer(const Request& request, const Facts& facts, const std::vector<v1::Source>& sources,
                    bool is_reported, Effects& out) {
  v1::EvalRequest described = this->described(request.trace_id, request.time, request.labels, sources);
  const Timestamp period = from_nanos(described.period_unix_nano());
  if (leaves_at(request.time) <= watermark_) return out.count("unsampled_requests");
  double rate = options_.random;
  for (const SamplingTarget& target : options_.targets) {
    if (!facts.fulfils(target.where)) continue;
    rate = std::max(rate, target.rate);
    described.add_targets(target.name);
  }
  if (is_reported) {
    rate = 1;
    described.add_targets(std::string(kReported));
  }
  described.set_rate(rate);
  auto at = strata_.try_emplace({period, described.stratum()}, minimum_).first;
  at->second.offer({sampling_rank(request.trace_id), request.trace_id, rate, std::move(described)});
}

void Sampler::report(std::string_view trace_id, Timestamp time, const Labels& labels,
                     const std::vector<v1::Source>& sources, Timestamp reported_at, Effects& out) {
  v1::EvalRequest described = this->described(trace_id, time, labels, sources);
  described.add_targets(std::string(kReported));
  described.set_rate(1);
  const auto stratum = strata_.find({from_nanos(described.period_unix_nano()), described.stratum()});
  if (reported_at < leaves_at(time) && stratum != strata_.end()) {
    const std::string id(trace_id);
    stratum->second.raise({sampling_rank(id), id, 1, std::move(described)});
    return;
  }
  described.set_outside_sample(true);
  emit(described, out);
}

Timestamp Sampler::leaves_at(Timestamp time) const {
  return after(after(align_down(time, options_.period), options_.period), wait_);
}

void Sampler::flush(Timestamp watermark, Effects& out) {
  watermark_ = watermark;
  while (!strata_.empty()) {
    const auto first = strata_.begin();
    if (leaves_at(first->first.first) > watermark) break;
    for (const auto& candidate : first->second.candidates()) emit(candidate.payload, out);
    strata_.erase(first);
  }
}

}  // namespace tidewatch
