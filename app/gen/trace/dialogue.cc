#include "app/gen/trace/dialogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

namespace tidewatch::gen {

const std::string_view kOrderSchema =
    R"({"type":"object","properties":{"order":{"type":"string"},"items":{"type":"integer"},"total":{"type":"number"},)"
    R"("currency":{"type":"string"}},"required":["order","items","total","currency"]})";

namespace {

void append_filled(std::string& out, std::string_view text, int number) {
  for (;;) {
    const size_t slot = text.find("{n}");
    out += text.substr(0, slot);
    if (slot == std::string_view::npos) return;
    out += fmt::format_int(number).c_str();
    text.remove_prefix(slot + 3);
  }
}

std::string_view pick(std::span<const std::string_view> from, Random& random) {
  return from[random.below(from.size())];
}

void append_sentence(std::string& out, std::string_view sentence) {
  if (sentence.empty()) return;
  if (!out.empty()) out += ' ';
  out += sentence;
}

/// Another topic of the same language.
const Topic& other_topic(const Want& want, Random& random) {
  const auto all = topics_of(want.language);
  const size_t step = 1 + random.below(all.size() - 1);
  return all[(want.topic + step) % all.size()];
}

AnswerKind draw_kind(Pipeline pipeline, const Conditions& conditions, Random& random) {
  if (random.chance(conditions.empty)) return AnswerKind::empty;
  if (random.chance(conditions.refusal)) return AnswerKind::refused;
  if (pipeline == Pipeline::extract)
    return random.chance(conditions.schema_failure) ? AnswerKind::broken : AnswerKind::good;
  if (random.chance(conditions.hedging)) return AnswerKind::hedged;
  return random.chance(conditions.ungrounded) ? AnswerKind::ungrounded : AnswerKind::good;
}

std::vector<Document> draw_documents(const Want& want, const Conditions& conditions, Random& random) {
  const Topic& topic = topics_of(want.language)[want.topic];
  std::vector<Document> out(3 + random.below(3));
  double score = std::clamp(conditions.retrieval_score + 0.07 * random.normal(), 0.05, 0.99);
  for (size_t i = 0; i < out.size(); ++i) {
    const bool is_stale = random.chance(conditions.stale_documents);
    const Topic& from = is_stale ? other_topic(want, random) : topic;
    const size_t fact = is_stale ? random.below(from.facts.size()) : (want.fact + i) % from.facts.size();
    out[i].id = fmt::format("{}-{}", from.name, fact);
    append_filled(out[i].text, from.facts[fact].answer, want.number);
    out[i].score = score;
    score *= random.uniform(0.82, 0.98);
  }
  return out;
}

/// Sentences of an answer: a handful, spread as answers are.
size_t draw_sentences(const Conditions& conditions, Random& random) {
  return static_cast<size_t>(std::max(1L, std::lround(random.gamma(4, 0.6 * conditions.answer_length))));
}

void append_facts(std::string& out, const Topic& topic, size_t first, size_t count, int number) {
  for (size_t i = 0; i < count; ++i) {
    if (!out.empty()) out += ' ';
    append_filled(out, topic.facts[(first + i) % topic.facts.size()].answer, number);
  }
}

std::string draw_answer(const Want& want, AnswerKind kind, const Conditions& conditions, Random& random) {
  const Phrasebook& phrases = phrasebook(want.language);
  const Topic& topic = topics_of(want.language)[want.topic];
  std::string out;
  switch (kind) {
    case AnswerKind::empty:
      return out;
    case AnswerKind::refused:
      return std::string(pick(phrases.refusals, random));
    case AnswerKind::hedged:
      out = pick(phrases.hedges, random);
      if (random.chance(0.5)) append_facts(out, topic, want.fact, 1, want.number);
      return out;
    case AnswerKind::ungrounded: {
      const Topic& invented = other_topic(want, random);
      append_sentence(out, pick(phrases.openers, random));
      append_facts(out, invented, random.below(invented.facts.size()), draw_sentences(conditions, random),
                   want.number + 7);
      return out;
    }
    case AnswerKind::good:
    case AnswerKind::broken:
      append_sentence(out, pick(phrases.openers, random));
      append_facts(out, topic, want.fact, draw_sentences(conditions, random), want.number);
      append_sentence(out, pick(phrases.closers, random));
      return out;
  }
  return out;
}

Dialogue draw_extraction(const Want& want, AnswerKind kind, Random& random) {
  Dialogue out;
  const size_t items = 1 + random.below(8);
  const double total = std::round(random.log_normal(60, 0.7) * 100) / 100;
  out.question = fmt::format(
      "Order A-{} of this morning: {} items for {:.2f} EUR in total, delivery by express. "
      "Give order, items, total and currency.",
      want.number, items, total);
  if (kind == AnswerKind::refused) {
    out.answer = pick(phrasebook(Language::english).refusals, random);
  } else if (kind == AnswerKind::broken) {
    out.answer = random.chance(0.6)
                     ? fmt::format("The order A-{} has {} items and costs {:.2f} EUR.", want.number, items, total)
                     : fmt::format(R"({{"order":"A-{}","items":"{} pieces"}})", want.number, items);
  } else if (kind != AnswerKind::empty) {
    out.answer =
        fmt::format(R"({{"order":"A-{}","items":{},"total":{:.2f},"currency":"EUR"}})", want.number, items, total);
  }
  return out;
}

/// Cuts in the middle, never inside a character.
void cut(std::string& text) {
  size_t at = text.size() / 2;
  while (at > 0 && (static_cast<uint8_t>(text[at]) & 0xC0U) == 0x80) --at;
  text.resize(at);
}

}  // namespace

Want draw_want(const Conditions& conditions, Random& random) {
  Want out;
  out.language = static_cast<Language>(random.weighted(conditions.languages));
  const auto all = topics_of(out.language);
  out.topic = out.language == Language::english ? random.weighted(conditions.topics) : random.below(all.size());
  out.fact = random.below(all[out.topic].facts.size());
  out.number = static_cast<int>(2 + random.below(88));
  return out;
}

Dialogue draw_dialogue(const Want& want, Pipeline pipeline, const Conditions& conditions, Random& random) {
  const AnswerKind kind = draw_kind(pipeline, conditions, random);
  Dialogue out;
  if (pipeline == Pipeline::extract) {
    out = draw_extraction(want, kind, random);
  } else {
    const Phrasebook& phrases = phrasebook(want.language);
    const Topic& topic = topics_of(want.language)[want.topic];
    if (pipeline == Pipeline::rag) out.documents = draw_documents(want, conditions, random);
    if (pipeline == Pipeline::summarize) {
      out.question = phrases.summarise;
      append_facts(out.question, topic, want.fact, 4 + random.below(8), want.number);
    } else {
      const Fact& fact = topic.facts[want.fact];
      append_filled(out.question, want.rewording == Rewording::other_words ? fact.again : fact.question, want.number);
    }
    out.question = reworded(out.question, want.rewording, phrases.insists, want.wording);
    out.answer = draw_answer(want, kind, conditions, random);
  }
  out.kind = kind;
  if (out.answer.size() > 20 && random.chance(conditions.truncation)) {
    out.is_truncated = true;
    cut(out.answer);
  }
  return out;
}

}  // namespace tidewatch::gen
