#pragma once

#include <memory>

#include "detectors/core/params.h"
#include "stream/evaluate/validators/validator.h"
#include "stream/signals/schema_check.h"

namespace tidewatch {

struct ToolArgumentsParams {
  bool allow_undeclared = false;

  static constexpr auto table() {
    return params(field("allow_undeclared", &ToolArgumentsParams::allow_undeclared, any_value(),
                        "a call of a tool that the request did not offer passes"));
  }
};

/// Whether the tool calls of the answer can be carried out: a tool that the request offered (where it names any), and
/// arguments that are JSON and that the tool's schema allows (SchemaCheck). The score is the share of good calls. Empty
/// arguments count as `{}`: models leave them out for tools without parameters.
class ToolArguments : public Validator {
 public:
  using Params = ToolArgumentsParams;
  static Result<std::unique_ptr<Validator>> make(const Params& params);
  explicit ToolArguments(const Params& params) : params_(params) {}
  Validation check(const ReviewedRequest& request) const override;

 private:
  std::string fault_of(const ReviewedToolCall& call, const ReviewedRequest& request) const;
  Params params_;
  SchemaCheck schemas_;
};

}  // namespace tidewatch
