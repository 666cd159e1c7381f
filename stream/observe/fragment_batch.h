#pragma once

#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "stream/ingest/dialects/text_map.h"
#include "stream/ingest/mapping/span_mapper.h"
#include "stream/runtime/effects.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// The cheap checks of one call's texts (stream/signals). Called for calls whose content was recorded.
using CheckTexts = std::function<v1::TextSignals(const CallTexts&)>;

/// What one record says, by trace: one fragment each, in the order in which traces first appear.
class FragmentBatch {
 public:
  /// `source`: where the record stands.
  explicit FragmentBatch(v1::Source source) : source_(std::move(source)) {}

  v1::SpanFacts& add_span(std::string_view trace_id) { return *trace(trace_id).fragment.add_spans(); }
  /// What the mapper found beside the facts of the span that was added to the trace last.
  void add(std::string_view trace_id, SpanMapper::Found found);

  /// What log records say of one span, put together.
  struct LogFacts {
    v1::SpanFacts facts;
    SpanMapper::Found found;
  };
  LogFacts& log_facts(std::string_view trace_id, std::string_view span_id);

  /// Retrieved documents go to the calls that came after them in the same trace, then `checks` judges the texts.
  void check_texts(const CheckTexts& checks);
  void emit(Effects& out) const;

 private:
  struct Texts {
    v1::SpanFacts* facts;
    CallTexts texts;
  };
  struct Trace {
    v1::Fragment fragment;
    std::deque<Texts> texts;
    std::deque<LogFacts> logs;
    TextMap<LogFacts*> logs_by_span;
  };

  static void share_documents(Trace& trace);

  Trace& trace(std::string_view trace_id);

  v1::Source source_;
  std::deque<Trace> traces_;  // addresses stay
  TextMap<Trace*> by_id_;
};

}  // namespace tidewatch
