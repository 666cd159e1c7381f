#include "stream/observe/finding_fragments.h"

namespace tidewatch {

v1::Fragment& FindingFragments::of(const EventTarget& target) {
  const auto [at, is_new] = by_key_.try_emplace(target.key());
  if (is_new) {
    *at->second.mutable_source() = source_;
    if (target.kind == EventTarget::Kind::trace) at->second.set_trace_id(target.id);
  }
  return at->second;
}

void FindingFragments::emit(Effects& out) const {
  for (const auto& [key, fragment] : by_key_) out.emit(Stream::fragments, key, fragment.SerializeAsString());
}

}  // namespace tidewatch
