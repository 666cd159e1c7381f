#pragma once

#include <string>

#include "app/config/config.h"
#include "app/doctor/check.h"
#include "app/doctor/sample.h"

namespace tidewatch::doctor {

/// "shop 120, helpdesk 40 and 3 more": the most frequent values first.
std::string most_frequent(const Tally& tally, size_t limit = 5);

/// Messages of a topic: how many, in which encodings, and which could not be read with an example of each reason.
void report_topic(Stream stream, const std::string& topic, const TopicSample& sample, Checks& out);
/// Dialects, model calls, and what is missing in them.
void report_spans(const SpanSample& sample, Checks& out);
/// Which canonical labels were found; of the missing ones the attribute keys that were looked for.
void report_labels(const SpanSample& sample, const Config& config, Checks& out);
void report_findings(const FindingSample& sample, Checks& out);
/// What record times and span times say of clocks. `now`: this machine's clock.
void report_clocks(const std::map<Stream, TopicSample>& topics, const SpanSample& sample, Duration max_future,
                   Timestamp now, Checks& out);

}  // namespace tidewatch::doctor
