#include "stream/detect/cause/cause_measures.h"

#include <algorithm>
#include <array>

namespace tidewatch {

std::span<const CauseMeasure> cause_measures() {
  // Least moves are those for which a person would look twice; hours of the day differ by less.
  static constexpr auto kMeasures = std::to_array<CauseMeasure>({
      {1, m_error_rate, Statistic::value, Trait::request_errors, 0.3, 0.01},
      {2, m_llm_error_rate, Statistic::value, Trait::model_errors, 0.3, 0.01},
      {3, m_rate_limited_rate, Statistic::value, Trait::model_errors, 0.3, 0.01},
      {4, m_soft_error_rate, Statistic::value, Trait::answers, 0.3, 0.01},
      {5, m_schema_mismatch_rate, Statistic::value, Trait::answers, 0.3, 0.01},
      {6, m_refusal_rate, Statistic::value, Trait::answers, 0.3, 0.01},
      {7, m_hedging_rate, Statistic::value, Trait::answers, 0.3, 0.02},
      {8, m_wrong_language_rate, Statistic::value, Trait::answers, 0.3, 0.01},
      {9, m_positive_feedback, Statistic::value, Trait::answers, 0.05, 0.03},
      {10, m_groundedness, Statistic::mean, Trait::grounding, 0.03, 0.02},
      {11, m_retrieval_score, Statistic::mean, Trait::retrieval, 0.04, 0},
      {12, m_documents, Statistic::mean, Trait::retrieval, 0.15, 0},
      {13, m_time_to_first_token, Statistic::p50, Trait::model_time, 0.2, 0},
      {14, m_time_per_output_token, Statistic::p50, Trait::model_time, 0.15, 0},
      {15, m_llm_latency, Statistic::p50, Trait::model_time, 0.15, 0},
      {16, m_latency, Statistic::p50, Trait::request_time, 0.15, 0},
      {17, m_question_length, Statistic::mean, Trait::questions, 0.2, 0},
      {18, m_output_tokens_per_call, Statistic::mean, Trait::answer_size, 0.15, 0},
      {19, m_answer_length, Statistic::mean, Trait::answer_size, 0.15, 0},
      {20, m_input_tokens_per_call, Statistic::mean, Trait::call_size, 0.2, 0},
      {21, m_llm_calls, Statistic::value, Trait::calls, 0.2, 0},  // by request
  });
  return kMeasures;
}

const CauseMeasure* find_cause_measure(MeasureId measure) {
  const auto all = cause_measures();
  const auto at = std::find_if(all.begin(), all.end(), [&](const auto& row) { return row.measure == measure; });
  return at == all.end() ? nullptr : &*at;
}

const CauseMeasure* cause_measure_of(uint8_t code) {
  const auto all = cause_measures();
  const auto at = std::find_if(all.begin(), all.end(), [&](const auto& row) { return row.code == code; });
  return at == all.end() ? nullptr : &*at;
}

std::span<const CauseLabel> cause_labels() {
  static constexpr auto kLabels = std::to_array<CauseLabel>({
      {1, m_models, Facet::model, 0.05},
      {2, m_providers, Facet::provider, 0.05},
      {3, m_prompt_versions, Facet::prompt_version, 0.05},
      {4, m_retrievals, Facet::retrieval, 0.05},
      {5, m_variants, Facet::variant, 0.05},
      {6, m_segments, Facet::segment, 0.1},
      {7, m_languages, Facet::language, 0.1},
  });
  return kLabels;
}

const CauseLabel* cause_label_of(uint8_t code) {
  const auto all = cause_labels();
  const auto at = std::find_if(all.begin(), all.end(), [&](const auto& row) { return row.code == code; });
  return at == all.end() ? nullptr : &*at;
}

std::optional<Facet> facet_of(std::string_view label) {
  if (label == "response_model") return Facet::model;
  for (const Facet facet : {Facet::model, Facet::provider, Facet::prompt_version, Facet::retrieval, Facet::variant,
                            Facet::segment, Facet::language, Facet::endpoint})
    if (label == name_of(facet)) return facet;
  return std::nullopt;
}

Trait trait_of(MeasureId measure, const MeasureInfo& info) {
  if (const CauseMeasure* kept = find_cause_measure(measure)) return kept->trait;
  if (measure == m_languages || measure == m_segments) return Trait::questions;
  if (measure == m_finish_reasons) return Trait::answers;
  switch (info.measure_class) {
    case MeasureClass::quality:
    case MeasureClass::safety:
    case MeasureClass::feedback:
      return Trait::answers;
    case MeasureClass::error:
      return Trait::request_errors;
    case MeasureClass::latency:
      return Trait::request_time;
    case MeasureClass::cost:
      return Trait::call_size;
    case MeasureClass::volume:
      return Trait::volume;
    case MeasureClass::behaviour:
      break;
  }
  return Trait::other;
}

Quantity quantity_of(Unit unit) {
  switch (unit) {
    case Unit::share:
      return Quantity::share;
    case Unit::seconds:
      return Quantity::seconds;
    case Unit::usd:
      return Quantity::usd;
    case Unit::count:
    case Unit::tokens:
    case Unit::characters:
      return Quantity::count;
    case Unit::score:
      break;
  }
  return Quantity::number;
}

std::string_view noun_of(Unit unit) {
  return unit == Unit::tokens || unit == Unit::characters ? name_of(unit) : std::string_view();
}

}  // namespace tidewatch
