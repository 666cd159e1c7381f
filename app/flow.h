#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "app/config/config.h"
#include "detectors/core/result.h"
#include "stream/detect/detect.h"
#include "stream/evaluate/answer_judge.h"
#include "stream/notify/courier.h"
#include "stream/runtime/record_lookup.h"
#include "stream/runtime/topology.h"

namespace tidewatch {

/// Every stage there is, in the order data flows.
inline constexpr std::array kStageNames = {"observe", "assemble", "session", "detect", "alert", "evaluate", "notify"};

/// The stages in the order data flows: observe, assemble, session (where the config names labels of sessions), detect,
/// alert.
/// Every runner drives the same ones.
/// `config` is copied. Errors: of a config that cannot work (`bad_rule`, `bad_measure`, `bad_time_zone`,
/// `bad_phrases`), named as in the config. `observer` is told of everything that detect judges.
Result<std::vector<StageSpec>> make_flow(const Config& config, const Detect::Observer& observer = {});

/// What becomes of the alerts that detect raises.
StageSpec alert_stage(AlertOptions options, WireFormat format);

/// The stage detect alone. Pre: the config passed make_flow(), or its options passed Detect::make().
StageSpec detect_stage(const DetectOptions& options, const Detect::Observer& observer = {});

/// Requests are chosen, and there are validators or judges for them.
bool evaluates(const Config& config);

/// What judges the texts of requests that are chosen for evaluation; `lookup` reads the records they are in, `judge`
/// may be null. Nothing unless evaluates(). Errors: those of RuleValidators::make().
Result<std::optional<StageSpec>> evaluate_stage(const Config& config, std::shared_ptr<RecordLookup> lookup,
                                                std::shared_ptr<AnswerJudge> judge);

/// What tells the sinks of the config. pre: there are some
StageSpec notify_stage(const Config& config, std::shared_ptr<Courier> courier);

/// How far event time must go on after the last span until its request is counted.
Duration longest_request(const Config& config);

}  // namespace tidewatch
