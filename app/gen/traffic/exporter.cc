#include "app/gen/traffic/exporter.h"

#include <algorithm>
#include <array>

#include "app/gen/trace/span_text.h"

namespace tidewatch::gen {

Exporter::Exporter(const Service& service, const std::string& instance, Duration phase) : phase_(phase) {
  Attributes& to = *resource_.mutable_attributes();
  set(to, "service.name", service.name);
  set(to, "service.version", service.version);
  set(to, "service.instance.id", instance);
  set(to, "deployment.environment.name", "production");
  set(to, "telemetry.sdk.language", "python");
  set(to, "telemetry.sdk.name", "opentelemetry");
}

void Exporter::add(std::vector<FinishedSpan>& spans) {
  for (FinishedSpan& span : spans) {
    const Timestamp end{Duration(static_cast<int64_t>(span.span.end_time_unix_nano()))};
    waiting_[align_down(end - phase_, kInterval) + kInterval + phase_].push_back(std::move(span));
  }
  spans.clear();
}

void Exporter::flush(Timestamp until, const std::function<void(Batch&)>& take) {
  while (!waiting_.empty() && waiting_.begin()->first <= until) {
    std::vector<FinishedSpan>& spans = waiting_.begin()->second;
    std::stable_sort(spans.begin(), spans.end(), [](const FinishedSpan& a, const FinishedSpan& b) {
      return a.span.end_time_unix_nano() < b.span.end_time_unix_nano();
    });
    Batch batch{.export_time = waiting_.begin()->first, .message = {}, .spans = spans.size()};
    otlp::v1::ResourceSpans& resource = *batch.message.add_resource_spans();
    *resource.mutable_resource() = resource_;
    std::array<otlp::v1::ScopeSpans*, kScopes> scopes{};
    for (FinishedSpan& span : spans) {
      otlp::v1::ScopeSpans*& scope = scopes[static_cast<size_t>(span.scope)];
      if (scope == nullptr) {
        scope = resource.add_scope_spans();
        scope->mutable_scope()->set_name(std::string(scope_name(span.scope)));
      }
      *scope->add_spans() = std::move(span.span);
    }
    take(batch);
    waiting_.erase(waiting_.begin());
  }
}

}  // namespace tidewatch::gen
