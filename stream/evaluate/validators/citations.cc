#include "stream/evaluate/validators/citations.h"

#include <algorithm>
#include <charconv>

#include "stream/evaluate/scan/citations.h"
#include "stream/evaluate/scan/phrase_finder.h"
#include "stream/evaluate/validators/evidence.h"
#include "stream/evaluate/validators/given_texts.h"

namespace tidewatch {
namespace {

std::string_view without_end(std::string_view url) {
  if (const size_t part = url.find('#'); part != std::string_view::npos) url = url.substr(0, part);
  while (url.ends_with('/')) url.remove_suffix(1);
  return url;
}

/// What citations can name, folded once.
class Sources {
 public:
  Sources(const ReviewedRequest& request, const CitationsParams& params) : request_(request), params_(params) {
    for (const auto& document : request.documents)
      names_.push_back({folded(document.id), folded(document.title), folded(without_end(document.url))});
  }

  bool resolve(const Citation& citation) const {
    switch (citation.kind) {
      case Citation::Kind::number:
        return is_place(citation.value) || is_name(folded(citation.value));
      case Citation::Kind::name:
        return is_name(folded(citation.value));
      case Citation::Kind::address:
        return is_address(citation);
      case Citation::Kind::source:
        return is_mentioned(folded(citation.value));
    }
    return false;
  }

 private:
  struct Names {
    std::string id;
    std::string title;
    std::string url;
  };

  bool is_place(std::string_view number) const {
    size_t value = 0;
    std::from_chars(number.data(), number.data() + number.size(), value);
    const size_t first = params_.numbers_from_zero ? 0 : 1;
    return value >= first && value < request_.documents.size() + first;
  }

  bool is_name(const std::string& name) const {
    return std::any_of(names_.begin(), names_.end(), [&](const Names& names) {
      return name == names.id || name == names.title || (!names.url.empty() && names.url.ends_with("/" + name));
    });
  }

  bool is_address(const Citation& citation) const {
    const std::string_view url = without_end(citation.value);
    const std::string address = folded(url);
    if (is_name(address)) return true;  // [Handbook](doc-7)
    for (const Names& names : names_)
      if (!names.url.empty() && names.url == address) return true;
    const auto texts = texts_given(request_);
    const bool is_given = std::any_of(texts.begin(), texts.end(), [&](std::string_view text) {
      const size_t at = text.find(url);
      return at != std::string_view::npos;
    });
    return is_given || (params_.foreign_links && address.starts_with("http"));
  }

  /// The line names a document, or is the beginning of a document's name.
  bool is_mentioned(const std::string& line) const {
    return std::any_of(names_.begin(), names_.end(), [&](const Names& names) {
      return contains_phrase(line, names.id) || contains_phrase(line, names.title) ||
             contains_phrase(names.title, line) || (!names.url.empty() && line.find(names.url) != std::string::npos);
    });
  }

  const ReviewedRequest& request_;
  const CitationsParams& params_;
  std::vector<Names> names_;
};

}  // namespace

Result<std::unique_ptr<Validator>> Citations::make(const Params& params) {
  return Result<std::unique_ptr<Validator>>(std::make_unique<Citations>(params));
}

Validation Citations::check(const ReviewedRequest& request) const {
  if (request.documents.empty()) return not_applicable("nothing was retrieved");
  const Sources sources(request, params_);
  return worst_answer(request, [&](std::string_view answer) {
    const auto citations = citations_of(answer);
    if (citations.empty()) {
      if (answer.empty() && !request.tool_calls.empty()) return not_applicable("the answer only calls tools");
      if (!params_.required) return not_applicable("the answer has no citation");
      if (refusals_.check(answer, std::string(request.question)) != Refusal::none || hedging_.check(answer))
        return not_applicable("the answer declines or does not know");
      return failed("has no citation", 0);
    }
    size_t unresolved = 0;
    std::string first;
    for (const Citation& citation : citations)
      if (!sources.resolve(citation) && unresolved++ == 0) first = shown(citation.value);
    const double share = 1 - static_cast<double>(unresolved) / static_cast<double>(citations.size());
    if (unresolved == 0) return passed(fmt::format("{} citations resolved", citations.size()), share);
    return failed(fmt::format("{} of {} citations name nothing that was retrieved: {}{}", unresolved, citations.size(),
                              first, and_more(unresolved - 1)),
                  share);
  });
}

}  // namespace tidewatch
