#include "stream/observe/fragment_batch.h"

#include <map>
#include <utility>

#include "stream/ingest/findings/event_target.h"
#include "stream/ingest/mapping/hex.h"
#include "stream/ingest/session_request.h"

namespace tidewatch {

FragmentBatch::Trace& FragmentBatch::trace(std::string_view trace_id) {
  if (const auto known = by_id_.find(trace_id); known != by_id_.end()) return *known->second;
  Trace& out = traces_.emplace_back();
  out.fragment.set_trace_id(std::string(trace_id));
  *out.fragment.mutable_source() = source_;
  by_id_.emplace(trace_id, &out);
  return out;
}

void FragmentBatch::add(std::string_view trace_id, SpanMapper::Found found) {
  Trace& into = trace(trace_id);
  for (auto& evaluation : found.evaluations) *into.fragment.add_evaluations() = std::move(evaluation);
  if (!found.has_content) return;
  auto& spans = *into.fragment.mutable_spans();
  into.texts.push_back({spans.Mutable(spans.size() - 1), std::move(found.texts)});
}

FragmentBatch::LogFacts& FragmentBatch::log_facts(std::string_view trace_id, std::string_view span_id) {
  Trace& into = trace(trace_id);
  if (const auto known = into.logs_by_span.find(span_id); known != into.logs_by_span.end()) return *known->second;
  LogFacts& out = into.logs.emplace_back();
  into.logs_by_span.emplace(span_id, &out);
  return out;
}

void FragmentBatch::share_documents(Trace& trace) {
  for (auto& call : trace.texts) {
    if (call.facts->operation() != v1::OPERATION_LLM || !call.texts.documents.empty()) continue;
    for (const auto& retrieval : trace.texts)
      if (retrieval.facts->operation() == v1::OPERATION_RETRIEVAL &&
          retrieval.facts->end_unix_nano() <= call.facts->start_unix_nano())
        call.texts.documents.insert(call.texts.documents.end(), retrieval.texts.documents.begin(),
                                    retrieval.texts.documents.end());
  }
}

void FragmentBatch::check_texts(const CheckTexts& checks) {
  for (auto& trace : traces_) {
    for (auto& log : trace.logs) {
      for (auto& evaluation : log.found.evaluations) *trace.fragment.add_evaluations() = std::move(evaluation);
      if (log.facts.span_id().empty()) continue;  // evaluations only
      auto& facts = *trace.fragment.add_spans();
      facts = std::move(log.facts);
      if (log.found.has_content) trace.texts.push_back({&facts, std::move(log.found.texts)});
    }
    trace.logs.clear();
    trace.logs_by_span.clear();
    share_documents(trace);
    for (const auto& call : trace.texts)
      if (call.facts->operation() != v1::OPERATION_RETRIEVAL) *call.facts->mutable_signals() = checks(call.texts);
  }
}

void FragmentBatch::emit(Effects& out) const {
  std::string value;
  std::map<std::string, v1::Fragment> by_session;
  for (const auto& trace : traces_) {
    if (trace.fragment.spans().empty() && trace.fragment.evaluations().empty()) continue;
    trace.fragment.SerializeToString(&value);
    out.emit(Stream::fragments, to_hex(trace.fragment.trace_id()), value);
    if (auto of_session = session_request(trace.fragment))
      *by_session[std::move(of_session->session)].add_requests() = std::move(of_session->request);
  }
  for (auto& [session, fragment] : by_session) {
    *fragment.mutable_source() = source_;
    fragment.set_session(session);
    fragment.SerializeToString(&value);
    out.emit(Stream::fragments, EventTarget{EventTarget::Kind::session, session}.key(), value);
  }
}

}  // namespace tidewatch
