#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/gen/conditions.h"
#include "app/gen/trace/rewording.h"
#include "app/gen/traffic/random.h"
#include "app/gen/traffic/world.h"

namespace tidewatch::gen {

/// What became of an answer.
enum class AnswerKind : uint8_t { good, ungrounded, hedged, refused, empty, broken };

struct Document {
  std::string id;
  std::string text;
  double score;
};

/// What a user wants: stays the same when the question is asked again.
struct Want {
  Language language = Language::english;
  size_t topic = 0;  ///< index into topics_of(language)
  size_t fact = 0;
  int number = 0;                         ///< for `{n}`
  Rewording rewording = Rewording::none;  ///< it is asked again, in this way
  uint64_t wording = 0;                   ///< decides the words
};

/// The texts of one request.
struct Dialogue {
  std::string question;
  std::vector<Document> documents;  ///< best first
  std::string answer;
  AnswerKind kind = AnswerKind::good;
  bool is_truncated = false;
};

Want draw_want(const Conditions& conditions, Random& random);
/// Question, documents (where the pipeline retrieves) and answer.
Dialogue draw_dialogue(const Want& want, Pipeline pipeline, const Conditions& conditions, Random& random);

/// JSON Schema of the answers of an `extract` endpoint.
extern const std::string_view kOrderSchema;

}  // namespace tidewatch::gen
