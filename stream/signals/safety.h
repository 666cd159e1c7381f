#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stream/signals/phrases.h"

namespace tidewatch {

/// A trip-wire for what answers should never say (schemas/phrases/safety.yaml or a table of one's own). A sentence that
/// declines does not count, however it names what it declines.
class SafetyCheck {
 public:
  explicit SafetyCheck(Phrases lexicon = Phrases::embedded("safety")) : lexicon_(std::move(lexicon)) {}
  /// `declining`: the table that says which sentences decline.
  bool is_unsafe(const std::vector<std::string>& sentences, const Phrases& declining) const;

 private:
  Phrases lexicon_;
};

}  // namespace tidewatch
