#include "stream/detect/orphaned_alert.h"

namespace tidewatch {

void AlertDescription::save(ByteWriter& out) const {
  for (const std::string* text : {&name, &rule, &detector, &measure}) out.put_string(*text);
  out.put(window.count());
}

bool AlertDescription::load(ByteReader& in) {
  for (std::string* text : {&name, &rule, &detector, &measure}) *text = in.get_string();
  window = Duration(in.get<int64_t>());
  return in.ok() && !name.empty();
}

AlertDescription describe_alert(const CompiledRule& rule) {
  return {rule.name, rule.rule->name, rule.rule->detector, rule.measure_names.front(), rule.rule->window};
}

}  // namespace tidewatch
