#include "stream/alert/mark.h"

#include <fmt/format.h>

namespace tidewatch {

std::optional<v1::AlertSuppression> suppressed_by_mark(const v1::Alert& alert) {
  const v1::AlertMark& mark = alert.mark();
  if (mark.verdict() != "false" || mark.severity() != alert.severity()) return std::nullopt;
  v1::AlertSuppression out;
  out.set_kind("mark");
  out.set_id(mark.command());
  out.set_why(fmt::format("marked as false{}{}{}{}", mark.by().empty() ? "" : " by ", mark.by(),
                          mark.comment().empty() ? "" : ": ", mark.comment()));
  return out;
}

}  // namespace tidewatch
