#pragma once

#include <memory>
#include <string>
#include <vector>

#include "detectors/core/params.h"
#include "stream/evaluate/validators/text_list.h"
#include "stream/evaluate/validators/validator.h"
#include "stream/signals/phrases.h"

namespace tidewatch {

struct PromptInjectionParams {
  std::vector<std::string> canaries;
  std::vector<std::string> allowed_hosts;
  uint32_t leak_words = 15;
  bool from_user = true;

  static constexpr auto table() {
    return params(
        field("canaries", &PromptInjectionParams::canaries, any_value(),
              "texts that the instructions hold so that nobody else ever has them: an answer with one has leaked"),
        field("allowed_hosts", &PromptInjectionParams::allowed_hosts, any_value(),
              "hosts, with what is below them, that pictures and addresses may be of"),
        field("leak_words", &PromptInjectionParams::leak_words, range(5, 1000),
              "as many words in a row as the instructions have them are a leak", "words"),
        field("from_user", &PromptInjectionParams::from_user, any_value(),
              "orders of the user count too, not only those in documents and results of tools"));
  }
};

/// Whether the answer shows signs that somebody else gave it orders. Signs, from the surest:
/// - a canary is in it;
/// - a picture, which is loaded without a click, or a link carries data to a host that is not allowed, at an address
/// that
///   no text of the request has: texts of the request in its query, or a picture with any query;
/// - it repeats the instructions, `leak_words` in a row or all there are; what they quote for it to say does not count;
/// - it says what an order in a document, a result of a tool or the question told it to say (schemas/phrases/
///   injected.yaml, then a quoted text);
/// - it says itself that it follows other orders (schemas/phrases/takeover.yaml).
/// An attempt that the answer does not follow passes. Orders that are followed without any of this are not seen.
class PromptInjection : public Validator {
 public:
  using Params = PromptInjectionParams;
  static Result<std::unique_ptr<Validator>> make(const Params& params);
  explicit PromptInjection(const Params& params) : params_(params) {}
  Validation check(const ReviewedRequest& request) const override;

 private:
  std::string sign_in(std::string_view answer, const ReviewedRequest& request) const;
  std::string canary(std::string_view answer) const;
  std::string exfiltration(std::string_view answer, const ReviewedRequest& request) const;
  std::string leak(std::string_view answer, const ReviewedRequest& request) const;
  std::string obedience(std::string_view answer, const ReviewedRequest& request) const;
  std::string takeover(std::string_view answer) const;
  bool obeys(std::string_view answer, std::string_view order) const;
  bool is_allowed(std::string_view host) const;

  Params params_;
  Phrases injected_ = Phrases::embedded("injected");
  Phrases takeover_ = Phrases::embedded("takeover");
  Phrases declining_ = Phrases::embedded("refusal");
};

}  // namespace tidewatch
