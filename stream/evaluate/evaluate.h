#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "stream/assemble/sampling.h"
#include "stream/evaluate/answer_judge.h"
#include "stream/evaluate/sample_book.h"
#include "stream/evaluate/trace_texts.h"
#include "stream/evaluate/validators/rule.h"
#include "stream/ingest/dialects/dialect_table.h"
#include "stream/ingest/otlp_decoder.h"
#include "stream/publish/wire_format.h"
#include "stream/runtime/record_lookup.h"
#include "stream/runtime/stage.h"

namespace tidewatch {

struct EvaluateOptions {
  SamplingOptions sampling;
  Duration wait{};  ///< after its time a request is counted at the latest, as Sampler has it
  std::string logs_topic;
  std::optional<OtlpEncoding> traces_encoding;  ///< empty: recognised by message
  std::optional<OtlpEncoding> logs_encoding;
  WireFormat format = WireFormat::json;
};

/// Chooses requests for evaluation and judges their texts: reads Stream::eval_requests (by period), writes
/// Stream::evaluations.
///
/// A period is chosen from when all tasks of assemble have passed its end by `wait`, so that they have offered all that
/// they have of it. Those chosen are judged over one more period, each at a time that its trace id decides: an even
/// load, and an even stream of evaluations. What was reported by a user after its period left is judged at once.
/// Judges, where there are some, take their time: their evaluations come when they come, and until then the records
/// that they depend on are needed. A restart submits again what was not judged, and may submit what was: evaluations of
/// one id count once.
///
/// Texts are read again where the spans were read (RecordLookup). An evaluation bears no time of its own: it is made
/// when it is appended, as that of any other evaluator.
///
/// Counts: evaluated_requests, over_budget_requests, late_eval_requests (came after their period was chosen from and
/// are no part of a sample: a task of assemble had stalled), unanswered_requests (no answer was recorded),
/// missing_texts (no record of it is there any more), unread_texts (brokers did not let them be read), validations and
/// not_applicable (by rule), judgements (by judge), unjudged (by reason), bad_eval_requests (dead letters).
class Evaluate final : public Stage {
 public:
  struct Parts {
    std::shared_ptr<const RuleValidators> validators;
    std::shared_ptr<const DialectTable> table;
    std::shared_ptr<RecordLookup> lookup;
    std::shared_ptr<AnswerJudge> judge{};  ///< null: there is none
  };
  Evaluate(EvaluateOptions options, Parts parts);
  ~Evaluate() override;

  void on_record(const Record& record, Effects& out) override;
  void on_watermark(Timestamp watermark, Effects& out) override;
  int64_t needed_from() const override;
  Timestamp output_watermark() const override { return watermark_; }

 private:
  struct Due {
    ChosenRequest chosen;
    int64_t offset = 0;  ///< of the oldest record that its choice depends on
  };
  using DueOnes = std::multimap<Timestamp, Due>;

  bool is_over(const v1::EvalRequest& request) const;
  void choose(Effects& out);
  void evaluate(DueOnes::iterator from, DueOnes::iterator to, Effects& out);
  void judge(const Due& due, const TraceTexts& texts, Effects& out);
  void collect(Effects& out);
  void emit(const v1::EvaluationEvent& event, Effects& out) const;

  EvaluateOptions options_;
  Parts parts_;
  SampleBook book_;
  std::map<Timestamp, int64_t> offered_;  ///< oldest offset of each period that is not chosen from
  DueOnes due_;
  /// Judgements that are to come of a request, in the sample or outside of it.
  struct Pending {
    int64_t offset = 0;
    size_t left = 0;
  };
  std::map<std::pair<std::string, bool>, Pending> pending_;  ///< by trace id
  std::multiset<int64_t> offsets_;                           ///< of what is due and of what is pending
  Timestamp watermark_ = kMinTimestamp;
};

}  // namespace tidewatch
