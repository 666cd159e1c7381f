#pragma once

#include "stream/ingest/mapping/attribute_slots.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// Sets the token counts of `facts` so that input_tokens contains the cached ones and output_tokens the reasoning ones.
/// Whether a dialect states parts or extras is in its table (`extra`, `extra_for`); arithmetic overrules it: a part is
/// never larger than the whole, and a stated total tells what it was added up from. `facts.provider` must be set.
void set_token_usage(const AttributeSlots& slots, tidewatch::v1::SpanFacts& facts);

}  // namespace tidewatch
