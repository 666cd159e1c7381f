#pragma once

#include <memory>

#include "detectors/core/params.h"
#include "stream/evaluate/scan/secrets.h"
#include "stream/evaluate/validators/validator.h"

namespace tidewatch {

struct SecretsParams {
  bool allow_from_user = true;
  double min_entropy = SecretScanOptions{}.min_entropy;
  uint32_t min_characters = SecretScanOptions{}.min_characters;

  static constexpr auto table() {
    return params(field("allow_from_user", &SecretsParams::allow_from_user, any_value(),
                        "what the user wrote may be repeated; what documents say never"),
                  field("min_entropy", &SecretsParams::min_entropy, range(1, 8),
                        "least randomness of a value assigned to a name like `api_key`", "bits a character"),
                  field("min_characters", &SecretsParams::min_characters, range(8, 200), "its least length"));
  }
};

/// Whether the answer gives away credentials (SecretScan): of the instructions, of documents or of training.
class Secrets : public Validator {
 public:
  using Params = SecretsParams;
  static Result<std::unique_ptr<Validator>> make(const Params& params);
  explicit Secrets(const Params& params)
      : params_(params), scan_({.min_entropy = params.min_entropy, .min_characters = params.min_characters}) {}
  Validation check(const ReviewedRequest& request) const override;

 private:
  Params params_;
  SecretScan scan_;
};

}  // namespace tidewatch
