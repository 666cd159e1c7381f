#include "stream/evaluate/validators/json_schema.h"

#include "stream/evaluate/validators/evidence.h"

namespace tidewatch {

Result<std::unique_ptr<Validator>> JsonSchema::make(const Params& params) {
  if (!params.schema.empty() && !SchemaCheck(1).is_mismatch(params.schema, "null"))
    return Error{"bad_value", "schema: is no JSON Schema (draft 7, without references to other documents)"};
  return Result<std::unique_ptr<Validator>>(std::make_unique<JsonSchema>(params));
}

Validation JsonSchema::check(const ReviewedRequest& request) const {
  const std::string_view schema = params_.schema.empty() ? request.schema : params_.schema;
  if (schema.empty() && !request.is_json_expected) return not_applicable("no JSON was asked for");
  return worst_answer(request, [&](std::string_view answer) {
    if (answer.empty() && !request.tool_calls.empty()) return not_applicable("the answer only calls tools");
    const auto fault = schemas_.fault(schema, answer);
    if (!fault) return not_applicable("the schema that the request declared cannot be read");
    return fault->empty() ? passed("is as the schema says") : failed(masked(*fault));
  });
}

}  // namespace tidewatch
