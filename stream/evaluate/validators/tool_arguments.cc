#include "stream/evaluate/validators/tool_arguments.h"

#include <algorithm>

#include "stream/evaluate/validators/evidence.h"

namespace tidewatch {

Result<std::unique_ptr<Validator>> ToolArguments::make(const Params& params) {
  return Result<std::unique_ptr<Validator>>(std::make_unique<ToolArguments>(params));
}

std::string ToolArguments::fault_of(const ReviewedToolCall& call, const ReviewedRequest& request) const {
  const auto tool = std::find_if(request.tools.begin(), request.tools.end(),
                                 [&](const ReviewedTool& offered) { return offered.name == call.name; });
  const bool is_offered = tool != request.tools.end();
  if (!request.tools.empty() && !is_offered && !params_.allow_undeclared) return "is no tool that was offered";
  const std::string_view arguments = call.arguments.empty() ? "{}" : call.arguments;
  // A schema that cannot be read is the request's fault: then any JSON will do.
  const auto fault = schemas_.fault(is_offered ? tool->schema : "", arguments);
  return fault ? *fault : *schemas_.fault("", arguments);
}

Validation ToolArguments::check(const ReviewedRequest& request) const {
  if (request.tool_calls.empty()) return not_applicable("no tool was called");
  size_t bad = 0;
  std::string first;
  for (const ReviewedToolCall& call : request.tool_calls) {
    const std::string fault = fault_of(call, request);
    if (fault.empty()) continue;
    if (bad++ == 0) first = fmt::format("{}: {}", shown(call.name), masked(fault));
  }
  const size_t all = request.tool_calls.size();
  const double share = 1 - static_cast<double>(bad) / static_cast<double>(all);
  if (bad == 0) return passed(fmt::format("{} calls can be carried out", all), share);
  return failed(fmt::format("{} of {} calls cannot be carried out; {}", bad, all, first), share);
}

}  // namespace tidewatch
