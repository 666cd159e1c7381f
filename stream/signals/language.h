#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/core/result.h"
#include "stream/signals/words.h"

namespace tidewatch {

/// What language a text is in.
struct Language {
  std::string code;       ///< ISO 639-1 ("no" for both forms of Norwegian); empty: could not be told
  double confidence = 0;  ///< 0..1, from the lead of the best language before the second
};

/// Profiles of languages (schemas/languages): script, function words, letters that few others use, frequent pieces of
/// words. Languages that share a script are told apart by how much evidence each profile finds, a piece of evidence
/// counting the more the fewer profiles it occurs in. Short or mixed texts, and languages without a profile, are
/// mostly left untold. Safe to share between threads.
class Languages {
 public:
  /// One profile per pair (file name `de.yaml`, content). Errors: `bad_language`.
  static Result<Languages> parse(const std::vector<std::pair<std::string_view, std::string_view>>& files);
  static Languages embedded();

  /// The first 2 kB of the text are enough.
  Language detect(std::string_view text) const { return detect(words_of(text, 2048)); }
  Language detect(const std::vector<Word>& words) const;

  /// Whether a lower-case word carries grammar, not content; of any language when `language` is empty.
  bool is_function_word(const std::string& word, std::string_view language) const;

  /// Whether a question names a language ("in German", 日本語で) or asks for a translation, so that its answer may be
  /// in another one.
  bool asks_for_language(std::string_view question) const;

  Languages(Languages&&) noexcept;
  Languages& operator=(Languages&&) noexcept;
  ~Languages();

 private:
  struct Profiles;
  Languages();
  std::unique_ptr<Profiles> profiles_;
};

/// Whether the answer is in another language than the question. Nothing unless both are told, and where they differ:
/// unless both are told with confidence and the question names no language.
std::optional<bool> is_wrong_language(const Languages& languages, std::string_view question, const Language& asked,
                                      const Language& answered);

}  // namespace tidewatch
