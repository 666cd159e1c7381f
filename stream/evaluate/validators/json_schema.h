#pragma once

#include <memory>
#include <string>

#include "detectors/core/params.h"
#include "stream/evaluate/validators/validator.h"
#include "stream/signals/schema_check.h"

namespace tidewatch {

struct JsonSchemaParams {
  std::string schema;

  static constexpr auto table() {
    return params(
        field("schema", &JsonSchemaParams::schema, any_value(),
              "JSON Schema (draft 7) of the answer, as text or `${file:…}`; empty: what the request declared"));
  }
};

/// Whether the answer is JSON that a schema allows (SchemaCheck): the schema of the config, or else that of the
/// request. Requests that ask for no JSON are not judged without one.
class JsonSchema : public Validator {
 public:
  using Params = JsonSchemaParams;
  static Result<std::unique_ptr<Validator>> make(const Params& params);
  explicit JsonSchema(const Params& params) : params_(params) {}
  Validation check(const ReviewedRequest& request) const override;

 private:
  Params params_;
  SchemaCheck schemas_;
};

}  // namespace tidewatch
