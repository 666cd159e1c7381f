#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/result.h"
#include "stream/ingest/dialects/text_map.h"

namespace tidewatch {

/// Lower case, letters and digits only: how words are compared. Bytes beyond ASCII stay.
std::string squash(std::string_view word);

/// Brings the words of all dialects to one set (schemas/dialects/normalise.yaml). Immutable.
class Normaliser {
 public:
  /// Errors: `bad_dialect`.
  static Result<Normaliser> parse(std::string_view yaml);

  bool is_missing(std::string_view text) const;       ///< empty, "unknown", "None", ...
  std::string provider(std::string_view sent) const;  ///< OpenTelemetry's name; as sent in lower case if unknown
  std::string_view finish_reason(std::string_view sent) const;  ///< "other" when unknown
  std::string_view role(std::string_view sent) const;           ///< user, assistant, system, tool; empty when unknown
  std::optional<bool> passed(std::string_view evaluation_label) const;

  /// Kind of an error by its type, its message and its HTTP status (0: none): the first that tells. "other" when none
  /// does.
  std::string_view error_kind(std::string_view type, std::string_view message, int status) const;

 private:
  struct ErrorKind {
    std::string kind;
    std::vector<std::string> words;
    std::vector<int> statuses;
  };
  using Words = TextMap<std::string>;

  std::string_view kind_of_text(std::string_view text) const;
  std::string_view kind_of_status(int status) const;

  Words missing_, providers_, finish_reasons_, roles_, evaluation_labels_;
  std::vector<ErrorKind> error_kinds_;
};

}  // namespace tidewatch
