#pragma once

#include <memory>
#include <string>
#include <vector>

#include "detectors/core/params.h"
#include "stream/evaluate/validators/text_list.h"
#include "stream/evaluate/validators/validator.h"

namespace tidewatch {

struct CodeParams {
  std::vector<std::string> languages;
  bool required = false;
  bool balance = true;

  static constexpr auto table() {
    return params(field("languages", &CodeParams::languages, any_value(),
                        "names of fences that are judged, as in json, python; when not written, all that can be"),
                  field("required", &CodeParams::required, any_value(), "an answer without such a block fails"),
                  field("balance", &CodeParams::balance, any_value(),
                        "judge languages without a parser here by whether brackets, texts and comments end"));
  }
};

/// Whether fenced code of the answer can be read: JSON and YAML by a parser; Python, C and its like, JavaScript, Rust
/// and SQL only by whether brackets, texts and comments are closed (`balanced`), which says nothing of the rest. Other
/// languages, and fences without a name, are not judged. A fence that is never closed fails whatever its language. The
/// score is the share of blocks that can be read.
class Code : public Validator {
 public:
  using Params = CodeParams;
  static Result<std::unique_ptr<Validator>> make(const Params& params);
  explicit Code(const Params& params) : params_(params) {}
  Validation check(const ReviewedRequest& request) const override;

 private:
  Validation check_answer(std::string_view answer) const;
  bool is_judged(const std::string& language) const;
  Params params_;
};

}  // namespace tidewatch
