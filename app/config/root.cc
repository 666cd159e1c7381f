#include <fmt/format.h>

#include "app/config/index_weights.h"
#include "app/config/tables.h"
#include "stream/signals/phrases.h"

namespace tidewatch::config {
namespace {

using namespace std::chrono_literals;

template <typename Member>
auto assemble(Member AssembleOptions::*member) {
  return at(&Config::assemble, member);
}
template <typename Member>
auto detect(Member DetectOptions::*member) {
  return at(&Config::detect, member);
}
template <typename Member>
auto observe(Member ObserveOptions::*member) {
  return at(&Config::observe, member);
}
template <typename Member>
auto kafka(Member KafkaOptions::*member) {
  return at(&Config::kafka, member);
}

Key<Config> keys_section(const std::string& name, std::vector<Key<Config>> keys, const std::string& help) {
  return section<Config>(name, Table<Config>{.keys = std::move(keys), .more = {}, .refused = {}}, help);
}

Type<LabelKeys> label_keys() {
  const auto keys = one_or_more(text_like(R"(\S+)", "is no attribute key; it has spaces"), "a list of attribute keys");
  const auto map = map_of(keys, "a map from labels to attribute keys", kLabelPattern,
                          "is no such name; use small letters, digits and `_`");
  return converted<LabelKeys, Named<std::vector<std::string>>>(
      map, [](Named<std::vector<std::string>> rows) { return LabelKeys(rows.begin(), rows.end()); },
      [](const LabelKeys& keys_of) { return Named<std::vector<std::string>>(keys_of.begin(), keys_of.end()); });
}

Type<ScoreRange> scale() {
  constexpr double kLargest = 1e12;
  const std::string wanted = "two numbers, the lowest and the highest score, as in [1, 5]";
  const auto numbers = list_of(number(range(-kLargest, kLargest)), wanted);
  Type<ScoreRange> out;
  out.read = [numbers, wanted](Reader& reader, const Place& place) -> std::optional<ScoreRange> {
    const auto ends = numbers.read(reader, place);
    if (!ends) return std::nullopt;
    if (ends->size() == 2 && ends->front() < ends->back()) return ScoreRange{ends->front(), ends->back()};
    // What is wrong with one of them was said already.
    if (place.node.size() == ends->size()) reader.error(place, "must be " + wanted);
    return std::nullopt;
  };
  out.show = [numbers](const ScoreRange& range) { return numbers.show({range.min, range.max}); };
  out.schema = numbers.schema;
  out.schema["minItems"] = 2;
  out.schema["maxItems"] = 2;
  return out;
}

Type<ScoreRanges> scales() {
  const auto map = map_of(scale(), "a map from names of scores to their scales", R"(\S(.*\S)?)",
                          "is no name of a score: it begins or ends with a space");
  return converted<ScoreRanges, Named<ScoreRange>>(
      map, [](Named<ScoreRange> rows) { return ScoreRanges(rows.begin(), rows.end()); },
      [](const ScoreRanges& ranges) { return Named<ScoreRange>(ranges.begin(), ranges.end()); });
}

using Groups = std::vector<EntityGroup>;

Type<Groups> groups(const Names& names) {
  auto type = list_of(entity_group(names), "a list of groups of labels, as in [[service], [service, model]]", 1);
  type.read = [read = type.read](Reader& reader, const Place& place) -> std::optional<Groups> {
    auto out = read(reader, place);
    if (!out) return out;
    std::map<EntityGroup, size_t> seen;
    for (size_t i = 0; i < out->size(); ++i) {
      auto sorted = (*out)[i];
      std::sort(sorted.begin(), sorted.end());
      if (const auto [first, is_new] = seen.emplace(sorted, i); !is_new)
        reader.error_at(fmt::format("{}[{}]", place.path, i),
                        fmt::format("[{}] is there already", group_name((*out)[i])));
    }
    return out;
  };
  return type;
}

Type<std::optional<OtlpEncoding>> encoding() {
  return one_of<std::optional<OtlpEncoding>>(
      {{"auto", std::nullopt}, {"protobuf", OtlpEncoding::protobuf}, {"json", OtlpEncoding::json}});
}

/// What errors call a phrase table: the file it was read from, if that is where it comes from.
std::string name_of_table(const std::string& reference) {
  constexpr std::string_view kFile = "${file:";
  if (reference.starts_with(kFile) && reference.ends_with('}'))
    return reference.substr(kFile.size(), reference.size() - kFile.size() - 1);
  return "phrases";
}

/// What is in it is checked together with the rules.
Type<std::string> reference_set() {
  return {.read = [](Reader& reader, const Place& place) -> std::optional<std::string> {
            auto text = reader.scalar(place, "what a test set showed, as in ${file:reference.jsonl}");
            if (!text) return std::nullopt;
            return std::move(text->value);
          },
          .show = [](const std::string& text) -> Json { return text.empty() ? Json() : Json(text); },
          .schema = {{"type", "string"}},
          .limits = {}};
}

Type<std::string> phrases() {
  return {.read = [](Reader& reader, const Place& place) -> std::optional<std::string> {
            auto yaml = reader.scalar(place, "a phrase table, as in ${file:phrases.yaml}");
            if (!yaml) return std::nullopt;
            if (const auto table = Phrases::parse(yaml->value, name_of_table(yaml->reference)); !table) {
              reader.error(place, "no phrase table: " + table.error().message);
              return std::nullopt;
            }
            return std::move(yaml->value);
          },
          .show = [](const std::string& yaml) -> Json { return yaml.empty() ? Json() : Json(yaml); },
          .schema = {{"type", "string"}},
          .limits = {}};
}

std::vector<Key<Config>> judging_keys() {
  const auto entities = assemble(&AssembleOptions::entities);
  const auto colocate = detect(&DetectOptions::colocate);
  const auto weights = detect(&DetectOptions::index_weights);
  return {
      key<Config>("mode", detect(&DetectOptions::is_shadow), one_of<bool>({{"live", false}, {"shadow", true}}),
                  "shadow publishes nothing but quality scores"),
      key<Config>("labels", observe(&ObserveOptions::label_keys), label_keys(),
                  "where to find what OpenTelemetry has no name for: label and attribute key, or several in order"),
      key<Config>("scales", observe(&ObserveOptions::score_ranges), scales(),
                  "lowest and highest score by its name, as in {helpfulness: [1, 7]}, where feedback and evaluations "
                  "state none; scores are then shares of it"),
      key<Config>(
          "reference", detect(&DetectOptions::reference), reference_set(),
          "what a test set showed, as `tidewatch reference` wrote it, as in ${file:reference.jsonl}: production "
          "is compared with it too"),
      dependent_key<decltype(entities), Groups>("entities", entities, groups,
                                                "groups of labels that are watched; the first is the topmost"),
      dependent_key<decltype(colocate), EntityGroup>(
          "colocate", colocate, entity_group,
          "entities that share these labels (those of them that they have) are judged in one partition, where they can "
          "be compared with each other; all others spread over the partitions"),
      key<Config>("borrow", detect(&DetectOptions::borrow), boolean(),
                  "an entity without a past (a new prompt version, variant, model) is compared with that of the entity "
                  "it is part of, or of the sibling it replaces, until it has one"),
      measures_key(),
      detectors_key(),
      keys_section(
          "false_alarms",
          {key<Config>("per_week", at(&Config::detect, &DetectOptions::false_alarms, &FalseAlarmBudget::per_week),
                       number(range(1e-6, 1e6)), "false alarms that are accepted"),
           key<Config>("per_series", at(&Config::detect, &DetectOptions::false_alarms, &FalseAlarmBudget::per_series),
                       number(range(1, 1e9)), "series that share them")},
          "how many false alarms people accept"),
      sampling_key(),
      validators_key(),
      judge_key(),
      judges_key(),
      prices_key(),
      currencies_key(),
      key<Config>("shipped_prices", assemble(&AssembleOptions::has_shipped_prices), boolean(),
                  "what `prices` do not say is looked up in the price table of this version (docs/cost.md)"),
      budgets_key(),
      rollouts_key(),
      slos_key(),
      keys_section(
          "trace",
          {key<Config>("quiet", assemble(&AssembleOptions::trace_quiet), duration(100ms, 1h),
                       "a request ends so long after its last span, its root seen"),
           key<Config>(
               "timeout", assemble(&AssembleOptions::trace_timeout), duration(1s, 24h),
               "the same while no span without parent was seen: every request waits for it where callers send theirs "
               "elsewhere; at least quiet"),
           key<Config>("join_horizon", assemble(&AssembleOptions::join_horizon), duration(1s, 24h * 7),
                       "for so long late spans, feedback and evaluations find their request; at least timeout"),
           key<Config>("max_spans", assemble(&AssembleOptions::max_spans_per_trace), integer<size_t>(1, 1'000'000),
                       "spans of one trace; more are counted and left out"),
           key<Config>("ignored_endpoints", assemble(&AssembleOptions::ignored_endpoints),
                       list_of(text(), "a list of endpoints"),
                       "requests there that call no model do not count: health checks; exact, or a prefix and `*`")},
          "when a request counts as complete"),
      alerts_key(),
      sinks_key(),
      session_key(),
      keys_section(
          "time",
          {key<Config>("pane", assemble(&AssembleOptions::pane), duration(1s, 1h), "smallest interval of aggregation"),
           key<Config>("allowed_lateness", detect(&DetectOptions::allowed_lateness), duration(0s, 24h),
                       "panes stay open for so long behind the watermark"),
           key<Config>("out_of_order", observe(&ObserveOptions::out_of_order), duration(0s, 1h),
                       "how far spans of one partition may come out of order"),
           key<Config>("max_future", observe(&ObserveOptions::max_future), duration(0s, 24h),
                       "times further ahead of a record's append time, or of now, are clamped and counted"),
           key<Config>("time_zone", detect(&DetectOptions::time_zone), time_zone(), "of hours and weekdays in seasons"),
           key<Config>("holidays", detect(&DetectOptions::holidays), holidays(),
                       "days there, as in 2026-12-25, 12-25 for every year, or a span of days: like Sundays until "
                       "known better")},
          "event time: panes, lateness, clocks"),
      keys_section("scores",
                   {key<Config>("window", detect(&DetectOptions::score_window), duration(1s, 24h),
                                "interval of a quality score, a multiple of the pane"),
                    dependent_key<decltype(weights), IndexWeights>(
                        "weights", weights, index_weights,
                        "weights in the quality index, as in {refusal_rate: 5, latency: 0}, where they are not the "
                        "built-in ones; 0: not part of it")},
                   "how quality scores are published"),
      keys_section("limits",
                   {key<Config>("entities", detect(&DetectOptions::max_entities), integer<size_t>(10, 10'000'000),
                                "entities by task; of more, the rarest are counted together as `other`")},
                   "bounds on memory"),
      keys_section("safety",
                   {key<Config>("phrases", observe(&ObserveOptions::safety_phrases), phrases(),
                                "phrase table of unsafe answers, as in ${file:phrases.yaml}; the built-in one when "
                                "not written"),
                    key<Config>("evaluations", detect(&DetectOptions::safety_evaluations),
                                list_of(text_like(kLabelPattern, "is no such name; use small letters, digits and `_`"),
                                        "a list of evaluations"),
                                "judges, validators and reviewers of which one failed answer pages at once; not a "
                                "validator that only looks phrases up (docs/alerts.md)")},
                   "unsafe answers"),
  };
}

std::vector<Key<Config>> running_keys() {
  return {
      key<Config>("format", detect(&DetectOptions::format),
                  one_of<WireFormat>({{"json", WireFormat::json}, {"protobuf", WireFormat::protobuf}}),
                  "how records of the public topics are written"),
      keys_section("encoding",
                   {key<Config>("traces", observe(&ObserveOptions::traces_encoding), encoding(), "of the topic traces"),
                    key<Config>("logs", observe(&ObserveOptions::logs_encoding), encoding(), "of the topic logs")},
                   "how OTLP is read; auto recognises it by message"),
      keys_section("commit",
                   {key<Config>("interval", kafka(&KafkaOptions::commit_interval), duration(10ms, 1min),
                                "outputs, progress and offsets are committed so often"),
                    key<Config>("bytes", kafka(&KafkaOptions::commit_bytes), size_bytes(1024, size_t{1} << 30),
                                "or after so many bytes of outputs")},
                   "how often outputs are committed"),
      keys_section("stall",
                   {key<Config>("timeout", kafka(&KafkaOptions::stall_timeout), duration(1s, 24h),
                                "a source that is silent for longer does not hold the others back")},
                   "sources that do not move"),
      keys_section("idle",
                   {key<Config>("policy", kafka(&KafkaOptions::idle_policy),
                                one_of<IdlePolicy>({{"advance", IdlePolicy::advance}, {"hold", IdlePolicy::hold}}),
                                "advance: panes close although nothing happens; hold: time stands until data comes"),
                    key<Config>("after", kafka(&KafkaOptions::idle_after), duration(100ms, 1h),
                                "read to its end for so long, a partition is idle"),
                    key<Config>("allowance", kafka(&KafkaOptions::idle_allowance), duration(100ms, 24h),
                                "time of an idle partition is so far behind the clock; at least after")},
                   "partitions that are read to their end"),
      keys_section("http",
                   {key<Config>("address", at(&Config::http, &HttpOptions::address),
                                text_like(R"([0-9]{1,3}(\.[0-9]{1,3}){3})", "is no IPv4 address, as in 127.0.0.1"),
                                "where /metrics, /healthz, /readyz and /rollouts are served"),
                    key<Config>("port", at(&Config::http, &HttpOptions::port), integer<uint16_t>(0, 65535),
                                "0 takes a free one")},
                   "the process's own state"),
      keys_section("log",
                   {key<Config>("level", at(&Config::log, &LogOptions::level),
                                one_of<LogLevel>({{"debug", LogLevel::debug},
                                                  {"info", LogLevel::info},
                                                  {"warn", LogLevel::warn},
                                                  {"error", LogLevel::error}}),
                                "least severe lines that are logged"),
                    key<Config>("format", at(&Config::log, &LogOptions::format),
                                one_of<LogFormat>({{"text", LogFormat::text}, {"json", LogFormat::json}}),
                                "how lines are written")},
                   "the process's log"),
  };
}

}  // namespace

const Table<Config>& root_table() {
  static const Table<Config> table = [] {
    Table<Config> out;
    out.keys = {kafka_key(), topics_key()};
    for (auto&& keys : {judging_keys(), running_keys()}) out.keys.insert(out.keys.end(), keys.begin(), keys.end());
    return out;
  }();
  return table;
}

}  // namespace tidewatch::config
