#pragma once

#include <memory>
#include <string>

#include "stream/signals/call_texts.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

struct TextCheckOptions {
  /// A phrase table (form of schemas/phrases/safety.yaml) in place of the built-in one; empty: the built-in one.
  /// pre: Phrases::parse takes it (the config is checked before stages are made).
  std::string safety_yaml;
  size_t max_schemas = 64;  ///< compiled JSON Schemas kept
};

/// All cheap checks on the texts of one model call. What cannot be told from the texts at hand stays absent, so that a
/// rate's denominator is what was judged. A pure function of the texts; safe to share between threads.
class TextChecks {
 public:
  explicit TextChecks(const TextCheckOptions& options = {});
  ~TextChecks();
  v1::TextSignals check(const CallTexts& texts) const;

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
};

}  // namespace tidewatch
