#include "stream/ingest/mapping/span_mapper.h"

#include <algorithm>

#include "stream/ingest/mapping/attribute_values.h"
#include "stream/ingest/mapping/endpoint.h"
#include "stream/ingest/mapping/evaluation_mapper.h"
#include "stream/ingest/mapping/token_usage.h"

namespace tidewatch {
namespace {

using tidewatch::v1::Operation;
using tidewatch::v1::SpanFacts;

Operation operation_of(std::string_view word) {
  if (word == "llm") return v1::OPERATION_LLM;
  if (word == "embedding") return v1::OPERATION_EMBEDDING;
  if (word == "retrieval") return v1::OPERATION_RETRIEVAL;
  if (word == "tool") return v1::OPERATION_TOOL;
  if (word == "agent") return v1::OPERATION_AGENT;
  if (word == "external") return v1::OPERATION_EXTERNAL;
  if (word == "rerank") return v1::OPERATION_RERANK;
  if (word == "server") return v1::OPERATION_SERVER;
  return v1::OPERATION_UNKNOWN;
}

bool calls_model(Operation operation) {
  return operation == v1::OPERATION_LLM || operation == v1::OPERATION_EMBEDDING || operation == v1::OPERATION_RERANK;
}

std::string_view text_in(const OtlpAttributes& attributes, std::string_view key) {
  const auto* value = find_attribute(attributes, key);
  return value != nullptr ? text_of(*value) : std::string_view{};
}

}  // namespace

SpanMapper::SpanMapper(std::shared_ptr<const DialectTable> table, Depth depth)
    : table_(std::move(table)), slots_(*table_), calls_(*table_) {
  if (depth == Depth::details) details_.emplace(*table_);
}

std::string_view SpanMapper::text(CanonicalField field) const {
  return slots_.has(field) ? text_of(*slots_[field].value) : std::string_view{};
}

SpanMapper::Found SpanMapper::map(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpSpan& span,
                                  SpanFacts& facts) {
  Found found;
  slots_.clear();
  slots_.read(span.attributes);
  read_events(span);
  slots_.read_json();
  slots_.read_resource(resource);

  facts.set_span_id(span.span_id);
  facts.set_parent_span_id(span.parent_span_id);
  facts.set_start_unix_nano(span.start.time_since_epoch().count());
  facts.set_end_unix_nano(span.end.time_since_epoch().count());
  set_dialect(scope, facts);
  set_operation(span.kind, facts);
  set_models(facts);
  set_token_usage(slots_, facts);
  set_timing(span, facts);
  set_call(calls_.read(slots_, messages_, facts.operation()), facts, found);
  if (details_) found.details = details_->read(slots_, messages_, facts.operation());
  set_error(&span, facts);
  set_labels(facts);
  set_endpoint(span, facts);
  for (const auto* event : evaluations_) {
    slots_.clear();
    slots_.read(event->attributes);
    // The time of an event is checked by nobody; a wrong one must not open a window years away.
    const Timestamp time = std::clamp(event->time, span.start, span.end);
    if (auto evaluation = evaluation_of(slots_, table_->normaliser(), span.trace_id, span.span_id, time))
      found.evaluations.push_back(std::move(*evaluation));
  }
  return found;
}

bool SpanMapper::map(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpLog& log, SpanFacts& facts,
                     Found& found) {
  std::string_view name = log.event_name;
  if (name.empty()) name = text_in(log.attributes, "event.name");
  const EventRole role = table_->event_role(name);
  if (role == EventRole::none || role == EventRole::first_token) return false;
  slots_.clear();
  messages_.clear();
  exception_ = {};
  slots_.read(log.attributes);
  if (log.body.kind == OtlpValue::Kind::object && role == EventRole::details) slots_.read(log.body.fields);
  slots_.read_json();
  if (role == EventRole::evaluation) {
    auto evaluation = evaluation_of(slots_, table_->normaliser(), log.trace_id, log.span_id, log.time);
    if (!evaluation) return false;
    found.evaluations.push_back(std::move(*evaluation));
    return true;
  }
  slots_.read_resource(resource);
  const int64_t nanos = log.time.time_since_epoch().count();
  if (facts.span_id().empty()) {
    facts.set_span_id(log.span_id);
    facts.set_from_log(true);
    facts.set_start_unix_nano(nanos);
    facts.set_end_unix_nano(nanos);
    set_dialect(scope, facts);
    set_labels(facts);
  }
  facts.set_start_unix_nano(std::min(facts.start_unix_nano(), nanos));
  facts.set_end_unix_nano(std::max(facts.end_unix_nano(), nanos));
  if (facts.operation() == v1::OPERATION_UNKNOWN && slots_[CanonicalField::operation].row != nullptr)
    facts.set_operation(operation_of(slots_[CanonicalField::operation].word));
  // Messages are events of a model call; their attributes seldom say so.
  const bool is_message = role != EventRole::details && role != EventRole::exception;
  if (is_message) messages_.push_back({role, &log.body, &log.attributes});
  set_models(facts);
  set_token_usage(slots_, facts);
  if (role == EventRole::exception) {
    add_exception(log.attributes);
    exception_.has_escaped = true;
  }
  const Operation operation = is_message ? v1::OPERATION_LLM : facts.operation();
  set_call(calls_.read(slots_, messages_, operation), facts, found);
  if (details_) found.details.add(details_->read(slots_, messages_, operation));
  set_error(nullptr, facts);
  return true;
}

void SpanMapper::read_events(const OtlpSpan& span) {
  messages_.clear();
  evaluations_.clear();
  exception_ = {};
  first_token_ = nullptr;
  for (const auto& event : span.events) {
    switch (const EventRole role = table_->event_role(event.name)) {
      case EventRole::none:
        break;
      case EventRole::details:
        slots_.read(event.attributes);
        break;
      case EventRole::first_token:
        if (first_token_ == nullptr || event.time < first_token_->time) first_token_ = &event;
        break;
      case EventRole::evaluation:
        evaluations_.push_back(&event);
        break;
      case EventRole::exception:
        add_exception(event.attributes);
        break;
      default:
        messages_.push_back({role, nullptr, &event.attributes});
    }
  }
}

void SpanMapper::add_exception(const OtlpAttributes& attributes) {
  exception_.type = text_in(attributes, "exception.type");
  exception_.message = text_in(attributes, "exception.message");
  const auto* escaped = find_attribute(attributes, "exception.escaped");
  exception_.has_escaped = escaped != nullptr && flag_of(*escaped).value_or(false);
}

void SpanMapper::set_dialect(const OtlpScope& scope, SpanFacts& facts) const {
  int dialect = table_->dialect_of_scope(scope.name);
  if (dialect < 0) dialect = slots_.dialect();
  if (dialect >= 0) facts.set_dialect(std::string(table_->dialect_name(static_cast<size_t>(dialect))));
}

void SpanMapper::set_operation(OtlpSpanKind kind, SpanFacts& facts) const {
  const auto& slot = slots_[CanonicalField::operation];
  const bool is_server = kind == OtlpSpanKind::server || kind == OtlpSpanKind::consumer;
  // Services put a model's name on the request's span too: there only an operation that is named counts.
  if (slot.row != nullptr && !(is_server && !slot.row->means.empty()))
    facts.set_operation(operation_of(slot.word));
  else if (is_server)
    facts.set_operation(v1::OPERATION_SERVER);
  else if (kind == OtlpSpanKind::client || kind == OtlpSpanKind::producer)
    facts.set_operation(v1::OPERATION_EXTERNAL);
}

void SpanMapper::set_models(SpanFacts& facts) const {
  const auto& normaliser = table_->normaliser();
  if (const auto provider = text(CanonicalField::provider); !provider.empty())
    facts.set_provider(normaliser.provider(as_label(provider)));
  if (const auto model = text(CanonicalField::request_model); !model.empty())
    facts.set_request_model(std::string(as_label(model)));
  if (const auto model = text(CanonicalField::response_model); !model.empty())
    facts.set_response_model(std::string(as_label(model)));
  if (facts.operation() == v1::OPERATION_TOOL)
    if (const auto tool = text(CanonicalField::tool_name); !tool.empty())
      facts.set_tool_name(std::string(as_label(tool)));
  if (slots_.has(CanonicalField::cost_usd)) facts.set_cost_usd(*number_of(*slots_[CanonicalField::cost_usd].value));
}

void SpanMapper::set_timing(const OtlpSpan& span, SpanFacts& facts) const {
  if (!calls_model(facts.operation()) && facts.operation() != v1::OPERATION_AGENT) return;
  if (const auto& slot = slots_[CanonicalField::time_to_first_token]; slot.row != nullptr) {
    if (const auto time = duration_of(*slot.value, slot.row->unit, span.start))
      facts.set_time_to_first_token_nano(time->count());
  } else if (first_token_ != nullptr && first_token_->time >= span.start) {
    facts.set_time_to_first_token_nano((first_token_->time - span.start).count());
  }
  if (facts.has_time_to_first_token_nano())
    facts.set_streaming(true);
  else if (slots_.has(CanonicalField::streaming))
    facts.set_streaming(slots_[CanonicalField::streaming].word == "true");
}

void SpanMapper::set_finish_reasons(const std::vector<std::string>& in_content, SpanFacts& facts) const {
  const auto add = [&](std::string_view reason) {
    if (!reason.empty()) facts.add_finish_reasons(std::string(table_->normaliser().finish_reason(reason)));
  };
  const auto& slot = slots_[CanonicalField::finish_reasons];
  if (slot.value != nullptr && slot.value->kind == OtlpValue::Kind::array) {
    for (const auto& item : slot.value->items) add(text_of(item));
  } else if (slot.value != nullptr) {
    add(text_of(*slot.value));
  }
  if (facts.finish_reasons_size() == 0)
    for (const auto& reason : in_content) add(reason);
}

void SpanMapper::set_call(CallReader::Call call, SpanFacts& facts, Found& found) const {
  set_finish_reasons(call.finish_reasons, facts);
  const auto has_reason = [&](std::string_view wanted) {
    return std::any_of(facts.finish_reasons().begin(), facts.finish_reasons().end(),
                       [&](const std::string& reason) { return reason == wanted; });
  };
  auto& texts = found.texts;
  if (!call.texts.question.empty()) texts.question = std::move(call.texts.question);
  if (call.texts.answer) texts.answer = std::move(call.texts.answer);
  if (!call.texts.schema.empty()) texts.schema = std::move(call.texts.schema);
  for (auto& document : call.texts.documents) texts.documents.push_back(std::move(document));
  texts.has_tool_calls = texts.has_tool_calls || call.texts.has_tool_calls || has_reason("tool_calls");
  texts.is_json_expected = texts.is_json_expected || call.texts.is_json_expected;
  texts.was_cut_off = texts.was_cut_off || has_reason("length");
  found.has_content = found.has_content || call.has_content;
  if (call.documents) facts.set_documents(*call.documents);
  if (call.retrieval_score) facts.set_retrieval_score(*call.retrieval_score);
}

void SpanMapper::set_error(const OtlpSpan* span, SpanFacts& facts) const {
  const auto type = text(CanonicalField::error_type);
  int status = 0;
  if (slots_.has(CanonicalField::http_status))
    status = static_cast<int>(*number_of(*slots_[CanonicalField::http_status].value));
  const bool is_server = facts.operation() == v1::OPERATION_SERVER;
  const bool has_bad_status = status >= (is_server ? 500 : 400) && status < 600;
  const bool has_failed = (span != nullptr && span->status == OtlpStatus::error) || !type.empty() ||
                          exception_.has_escaped || slots_[CanonicalField::failed].word == "true" || has_bad_status;
  if (!has_failed) return;
  facts.set_error(true);
  auto message = text(CanonicalField::error_message);
  if (message.empty() && span != nullptr) message = span->status_message;
  if (message.empty()) message = exception_.message;
  const auto& normaliser = table_->normaliser();
  auto kind = normaliser.error_kind(type, {}, 0);
  if (kind == "other") kind = normaliser.error_kind(exception_.type, message, has_bad_status ? status : 0);
  if (kind == "other") kind = normaliser.error_kind(exception_.message, {}, 0);
  facts.set_error_kind(std::string(kind));
  // A dialect that has one name for both models: what failed was only requested.
  if (slots_[CanonicalField::response_model].value == slots_[CanonicalField::request_model].value)
    facts.clear_response_model();
}

void SpanMapper::set_labels(SpanFacts& facts) const {
  const auto& names = table_->labels();
  for (size_t i = 0; i < names.size(); ++i) {
    if (slots_.label(i) == nullptr) continue;
    auto& label = *facts.add_labels();
    label.set_name(names[i]);
    label.set_value(std::string(as_label(label_of(*slots_.label(i)))));
  }
}

void SpanMapper::set_endpoint(const OtlpSpan& span, SpanFacts& facts) const {
  const bool is_server = facts.operation() == v1::OPERATION_SERVER;
  if (!is_server && !span.parent_span_id.empty()) return;
  for (const auto& label : facts.labels())
    if (label.name() == "endpoint") return;  // by a label key of the user's
  std::string endpoint(text(CanonicalField::route));
  if (endpoint.empty() && slots_.has(CanonicalField::rpc_method)) {
    const auto service = text(CanonicalField::rpc_service);
    endpoint = std::string(service) + (service.empty() ? "" : "/") + std::string(text(CanonicalField::rpc_method));
  }
  if (endpoint.empty() && is_server) endpoint = endpoint_template(text(CanonicalField::path));
  if (endpoint.empty()) endpoint = endpoint_template(text(CanonicalField::workflow));
  // A root that is no call itself is named after what it does.
  if (endpoint.empty() &&
      (is_server || facts.operation() == v1::OPERATION_AGENT || facts.operation() == v1::OPERATION_UNKNOWN))
    endpoint = endpoint_template(span.name);
  if (endpoint.empty()) return;
  auto& label = *facts.add_labels();
  label.set_name("endpoint");
  label.set_value(std::string(as_label(endpoint)));
}

}  // namespace tidewatch
