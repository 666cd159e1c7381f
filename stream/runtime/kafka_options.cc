#include "stream/runtime/kafka_options.h"

namespace tidewatch {

TopicNames::TopicNames() {
  for (int i = 0; i < kStreamCount; ++i) {
    std::string name = "tidewatch." + std::string(name_of(static_cast<Stream>(i)));
    for (char& c : name)
      if (c == '_') c = '-';
    names_[static_cast<size_t>(i)] = name;
  }
  set(Stream::traces, "otlp_spans");
  set(Stream::logs, "otlp_logs");
  set(Stream::feedback, "llm.feedback");
  set(Stream::evaluations, "llm.evaluations");
  set(Stream::alerts_state, "tidewatch.alerts.state");
}

}  // namespace tidewatch
