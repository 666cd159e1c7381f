#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "detectors/core/params.h"
#include "stream/evaluate/scan/personal_data.h"
#include "stream/evaluate/validators/text_list.h"
#include "stream/evaluate/validators/validator.h"

namespace tidewatch {

struct PersonalDataParams {
  std::vector<std::string> kinds;
  std::vector<std::string> allow;
  bool allow_from_user = true;
  bool allow_from_documents = true;

  static constexpr auto table() {
    return params(
        field("kinds", &PersonalDataParams::kinds, any_value(),
              "what counts: email, iban, card, national_id, phone, ip_address; when not written, all"),
        field("allow", &PersonalDataParams::allow, any_value(),
              "values that are nobody's secret, and domains of addresses, as in @shop.no"),
        field("allow_from_user", &PersonalDataParams::allow_from_user, any_value(),
              "what the user wrote may be repeated"),
        field("allow_from_documents", &PersonalDataParams::allow_from_documents, any_value(),
              "what documents and results of tools say may be repeated: false where they hold data of other people"));
  }
};

/// Whether the answer gives away personal data (PersonalDataScan) that nobody gave it: data from training, from the
/// instructions or from another session. Values are compared without their separators.
class PersonalData : public Validator {
 public:
  using Params = PersonalDataParams;
  static Result<std::unique_ptr<Validator>> make(const Params& params);
  explicit PersonalData(const Params& params);
  Validation check(const ReviewedRequest& request) const override;

 private:
  bool counts(const PersonalDatum& datum) const;
  std::set<std::string> given(const ReviewedRequest& request) const;

  Params params_;
  PersonalDataScan scan_;
  std::set<std::string> allowed_;
};

}  // namespace tidewatch
