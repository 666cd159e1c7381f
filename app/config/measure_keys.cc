#include <fmt/format.h>

#include <array>

#include "app/config/tables.h"

namespace tidewatch::config {
namespace {

Table<Matcher> matcher_table(const Names& names) {
  const auto values = one_or_more(text(), "a list of values");
  return {.keys = {required(key<Matcher>("field", at(&Matcher::field), any_fact(names),
                                         "what is looked at: output_tokens, latency, model, segment, ...")),
                   key<Matcher>("above", at(&Matcher::above), maybe(quantity()), "the number is larger"),
                   key<Matcher>("below", at(&Matcher::below), maybe(quantity()), "the number is smaller"),
                   key<Matcher>("in", at(&Matcher::in), values, "the text is one of these"),
                   key<Matcher>("not_in", at(&Matcher::not_in), values, "the text is none of these")},
          .more = {},
          .refused = {}};
}

/// Whether the limits fit the field.
Type<Matcher> matcher(const Names& names) {
  auto type = record(matcher_table(names));
  type.read = [read = type.read](Reader& reader, const Place& place) -> std::optional<Matcher> {
    auto value = read(reader, place);
    if (!value || value->field.empty()) return value;
    const bool is_number = is_number_fact(value->field);
    const auto refuse = [&](const char* name, bool is_given) {
      if (is_given)
        reader.error_at(place.path + "." + name,
                        fmt::format("{} is a {}; use {}", value->field, is_number ? "number" : "text",
                                    is_number ? "above or below" : "in or not_in"));
    };
    refuse("above", value->above && !is_number);
    refuse("below", value->below && !is_number);
    refuse("in", !value->in.empty() && is_number);
    refuse("not_in", !value->not_in.empty() && is_number);
    const auto written = [&](const char* name) { return reader.was_written(place.path + "." + name); };
    if (!written("above") && !written("below") && !written("in") && !written("not_in"))
      reader.error(place, fmt::format("says nothing of {}; use {}", value->field,
                                      is_number ? "above or below" : "in or not_in"));
    return value;
  };
  return type;
}

template <typename E>
std::vector<std::pair<std::string, E>> named(std::initializer_list<E> values) {
  std::vector<std::pair<std::string, E>> out;
  for (const E value : values) out.emplace_back(name_of(value), value);
  return out;
}

Type<MeasureKind> measure_kinds() {
  return one_of<MeasureKind>(named({MeasureKind::rate, MeasureKind::distribution, MeasureKind::sum,
                                    MeasureKind::distinct, MeasureKind::composition}));
}

Type<Unit> units() {
  return one_of<Unit>(
      named({Unit::share, Unit::seconds, Unit::tokens, Unit::usd, Unit::count, Unit::score, Unit::characters}));
}

Type<MeasureClass> measure_classes() {
  using enum MeasureClass;
  return one_of<MeasureClass>(named({quality, safety, error, latency, cost, feedback, volume, behaviour}));
}

/// What a measure is before the config says more: a change of it is only different, not worse.
struct OwnMeasure : CustomMeasure {
  OwnMeasure() {
    info.measure_class = MeasureClass::behaviour;
    info.worse = Worse::none;
  }
  explicit OwnMeasure(const CustomMeasure& measure) : CustomMeasure(measure) {}
};

Table<OwnMeasure> measure_table(const Names& names) {
  const auto info = [](auto member) { return at(&CustomMeasure::info, member); };
  auto unit = key<OwnMeasure>("unit", info(&MeasureInfo::unit), units(), "unit; that of the value when left out");
  unit.schema.erase("default");  // it depends
  return {
      .keys = {required(key<OwnMeasure>("kind", info(&MeasureInfo::kind), measure_kinds(), "kind of measure")),
               key<OwnMeasure>("of", at(&CustomMeasure::of),
                               one_of<CountedOver>({{"requests", CountedOver::requests},
                                                    {"llm_calls", CountedOver::llm_calls},
                                                    {"retrievals", CountedOver::retrievals},
                                                    {"tool_calls", CountedOver::tool_calls}}),
                               "what it is counted over"),
               key<OwnMeasure>("where", at(&CustomMeasure::where), matchers(names), "conditions that must all hold"),
               key<OwnMeasure>("value", at(&CustomMeasure::value), any_fact(names),
                               "what is measured; rates have none, a sum without one counts"),
               unit,
               key<OwnMeasure>("class", info(&MeasureInfo::measure_class), measure_classes(),
                               "what a change means to people: decides severity"),
               key<OwnMeasure>("worse", info(&MeasureInfo::worse),
                               one_of<Worse>({{"up", Worse::up}, {"down", Worse::down}, {"none", Worse::none}}),
                               "which way is worse"),
               key<OwnMeasure>("weight", info(&MeasureInfo::index_weight), number(range(0, 100)),
                               "weight in the quality index; 0: not part of it"),
               key<OwnMeasure>("help", info(&MeasureInfo::help), text(), "what it is, for people")},
      .more = {},
      .refused = {}};
}

/// Unit of what is measured.
Unit unit_of(const CustomMeasure& measure) {
  struct FactUnit {
    std::string_view fact;
    Unit unit;
  };
  static constexpr auto kUnits = std::to_array<FactUnit>({{"latency", Unit::seconds},
                                                          {"time_to_first_token", Unit::seconds},
                                                          {"input_tokens", Unit::tokens},
                                                          {"output_tokens", Unit::tokens},
                                                          {"cached_tokens", Unit::tokens},
                                                          {"reasoning_tokens", Unit::tokens},
                                                          {"cost", Unit::usd},
                                                          {"retrieval_score", Unit::score},
                                                          {"groundedness", Unit::score},
                                                          {"question_length", Unit::characters},
                                                          {"answer_length", Unit::characters}});
  if (measure.info.kind == MeasureKind::rate) return Unit::share;
  if (measure.info.kind == MeasureKind::distribution || measure.info.kind == MeasureKind::sum)
    for (const auto& row : kUnits)
      if (row.fact == measure.value) return row.unit;
  return Unit::count;
}

/// Whether `value` fits the kind.
void check_value(Reader& reader, const Place& place, const CustomMeasure& measure) {
  const auto kind = measure.info.kind;
  const auto kind_name = name_of(kind);
  const bool has_value = !measure.value.empty();
  if (!has_value) {
    if (kind != MeasureKind::rate && kind != MeasureKind::sum && !reader.was_written(place.path + ".value"))
      reader.error(place, fmt::format("needs a value: a {} is of something", kind_name));
    if (kind == MeasureKind::rate && !reader.was_written(place.path + ".where"))
      reader.error(place, "needs a where: a rate is the share of what fulfils it");
    return;
  }
  if (kind == MeasureKind::rate)
    reader.error_at(place.path + ".value", "a rate has no value; it is the share of what fulfils `where`");
  const bool wants_text = kind == MeasureKind::distinct || kind == MeasureKind::composition;
  if (kind != MeasureKind::rate && wants_text == is_number_fact(measure.value))
    reader.error_at(place.path + ".value",
                    fmt::format("{} is a {}; a {} is of {}", measure.value, wants_text ? "number" : "text", kind_name,
                                wants_text ? "texts" : "numbers"));
}

/// Why a measure cannot have a name; empty: it can.
std::string refused_name(const std::string& name) {
  if (!matches(name, kLabelPattern)) return "is no such name; use small letters, digits and `_`";
  if (MeasureCatalog().find(name)) return "is a built-in measure; choose another name";
  if (name.starts_with("score_") || name.starts_with("pass_"))
    return "begins like the measures of evaluations; choose another name";
  for (const char* statistic : {"_mean", "_p50", "_p95", "_p99"})
    if (name.ends_with(statistic)) return "ends like a statistic; choose another name";
  return {};
}

using Measures = std::vector<CustomMeasure>;

Type<Measures> measures(const Names& names) {
  const auto type = record(measure_table(names));
  return {.read = [type](Reader& reader, const Place& place) -> std::optional<Measures> {
            const auto entries = reader.map(place, "a map of measures by name");
            if (!entries) return std::nullopt;
            Measures out;
            MeasureCatalog catalog;
            for (const Entry& entry : *entries) {
              const auto refused = refused_name(entry.key);
              if (!refused.empty()) reader.error(entry.mark, entry.value.path, in_quotes(entry.key) + " " + refused);
              const size_t errors = reader.error_count();
              auto measure = type.read(reader, entry.value);
              if (!measure || reader.error_count() > errors) continue;
              check_value(reader, entry.value, *measure);
              measure->info.name = entry.key;
              if (!reader.was_written(entry.value.path + ".unit")) measure->info.unit = unit_of(*measure);
              if (measure->info.help.empty()) measure->info.help = "measure of the config";
              if (refused.empty() && !catalog.add(measure->info)) {
                reader.error(entry.mark, entry.value.path,
                             fmt::format("too many measures; with the built-in ones there may be {}",
                                         MeasureCatalog::kMaxMeasures));
                return out;
              }
              out.push_back(std::move(*measure));
            }
            return out;
          },
          .show =
              [type](const Measures& values) {
                Json out = Json::object();
                for (const auto& value : values) out[value.info.name] = type.show(OwnMeasure(value));
                return out;
              },
          .schema = {{"type", "object"},
                     {"propertyNames", {{"pattern", fmt::format("^{}$", kLabelPattern)}}},
                     {"additionalProperties", type.schema}},
          .limits = {}};
}

}  // namespace

Type<std::vector<Matcher>> matchers(const Names& names) {
  return one_or_more(matcher(names), "a condition or a list of conditions");
}

Key<Config> measures_key() {
  return dependent_key<decltype(at(&Config::assemble, &AssembleOptions::measures)), Measures>(
      "measures", at(&Config::assemble, &AssembleOptions::measures), measures,
      "measures of your own, beside the built-in ones");
}

}  // namespace tidewatch::config
