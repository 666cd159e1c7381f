#include "stream/observe/finding_fragments.h"

namespace tidewatch {

v1::Fragment& FindingFragments::of(const EventTarget& target, bool has_labels) {
  const bool is_sought = target.kind == EventTarget::Kind::span && !has_labels;
  const auto [at, is_new] = by_key_.try_emplace({target.key(), is_sought});
  v1::Fragment& out = at->second;
  if (!is_new) return out;
  *out.mutable_source() = source_;
  if (target.kind == EventTarget::Kind::trace) out.set_trace_id(target.id);
  if (target.kind == EventTarget::Kind::session) out.set_session(target.id);
  if (is_sought) out.set_sought_span(target.id);
  return out;
}

void FindingFragments::emit(Effects& out) const {
  for (const auto& [key, fragment] : by_key_) {
    const std::string value = fragment.SerializeAsString();
    if (fragment.sought_span().empty()) {
      out.emit(Stream::fragments, key.first, value);
    } else {
      out.emit_everywhere(Stream::fragments, key.first, value);
      out.count("findings_by_span", {},
                static_cast<uint64_t>(fragment.feedback_size()) + static_cast<uint64_t>(fragment.evaluations_size()));
    }
  }
}

}  // namespace tidewatch
