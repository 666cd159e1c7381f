#pragma once

#include <memory>

#include "detectors/core/params.h"
#include "stream/evaluate/validators/validator.h"
#include "stream/signals/refusal.h"

namespace tidewatch {

struct CitationsParams {
  bool required = true;
  bool foreign_links = false;
  bool numbers_from_zero = false;

  static constexpr auto table() {
    return params(field("required", &CitationsParams::required, any_value(),
                        "an answer without a citation fails, unless it declines or does not know"),
                  field("foreign_links", &CitationsParams::foreign_links, any_value(),
                        "addresses that are in no text of the request may be cited too"),
                  field("numbers_from_zero", &CitationsParams::numbers_from_zero, any_value(),
                        "[0] is the first document; else [1] is"));
  }
};

/// Whether the answer cites what was retrieved, and nothing else (citations_of): a number is the place of a document or
/// its identifier, a name is an identifier or a title, an address is that of a document or stands in a text of the
/// request, "Source: …" names a document by identifier, title or address. The score is the share of citations that can
/// be resolved. Whether the document says what is claimed is another question (groundedness). Not applicable without
/// documents.
class Citations : public Validator {
 public:
  using Params = CitationsParams;
  static Result<std::unique_ptr<Validator>> make(const Params& params);
  explicit Citations(const Params& params) : params_(params) {}
  Validation check(const ReviewedRequest& request) const override;

 private:
  Params params_;
  RefusalCheck refusals_;
  HedgingCheck hedging_;
};

}  // namespace tidewatch
