#include "app/rule_test/test_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>

#include "app/config/format/document.h"
#include "app/config/tables.h"
#include "app/series/series_time.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using config::at;
using config::Key;
using config::key;
using config::Place;
using config::Reader;
using config::required;
using config::Table;
using config::Type;

/// A Monday.
constexpr Timestamp kDefaultStart = std::chrono::sys_days(std::chrono::year(2026) / 3 / 2);
constexpr Duration kDefaultStep = 5min;
constexpr double kMostObservations = 100'000;

/// What tests may refer to.
struct Known {
  config::Names names;
  std::vector<std::string> rules;  ///< that are switched on
  const Config* config;
};
using SharedKnown = std::shared_ptr<const Known>;

std::string groups_in_words(const std::vector<EntityGroup>& groups) {
  std::string out;
  for (const auto& group : groups) out += fmt::format("{}[{}]", out.empty() ? "" : ", ", group_name(group));
  return out;
}

Type<Timestamp> moment() {
  return config::scalar<Timestamp>(
      {{"type", "string"}}, "a time",
      [](const std::string& text) -> Result<Timestamp> {
        if (auto time = parse_series_time(text); time) return time;
        return Error{"bad_value", "is not a time as 2026-03-02T00:00:00Z"};
      },
      [](const Timestamp& time) -> config::Json { return rfc3339(time); });
}

Type<std::string> rule_name(const SharedKnown& known) {
  return config::scalar<std::string>(
      {{"type", "string"}}, "the name of a rule",
      [known](const std::string& name) -> Result<std::string> {
        if (std::find(known->rules.begin(), known->rules.end(), name) != known->rules.end()) return name;
        const auto& all = known->config->detect.rules;
        if (std::any_of(all.begin(), all.end(), [&](const auto& rule) { return rule.name == name; }))
          return Error{"bad_value", "is a rule that is switched off"};
        const std::vector<std::string_view> names(known->rules.begin(), known->rules.end());
        return Error{"bad_value", config::unknown_name("rule", name, names)};
      },
      [](const std::string& name) -> config::Json { return name; });
}

Type<config::Named<std::string>> labels_of(const SharedKnown& known) {
  auto type = config::map_of(config::text(), "a map of labels", config::kLabelPattern, "is no label");
  const auto read = type.read;
  type.read = [known, read](Reader& reader, const Place& place) {
    auto out = read(reader, place);
    if (!out) return out;
    for (const auto& [name, value] : *out) {
      const auto& labels = known->names.labels;
      if (std::find(labels.begin(), labels.end(), name) != labels.end()) continue;
      const std::vector<std::string_view> names(labels.begin(), labels.end());
      reader.error_at(place.path + "." + name,
                      fmt::format("{} {}", config::in_quotes(name), config::unknown_name("label", name, names)));
    }
    return out;
  };
  return type;
}

/// `after` and `by`: since the start of the test.
Type<std::optional<Duration>> since_start() { return config::maybe(config::duration(0s, 24h * 3660)); }

Table<ExpectedAlert> expected_table(const SharedKnown& known) {
  return {
      .keys = {key<ExpectedAlert>("rule", at(&ExpectedAlert::rule), rule_name(known), "the rule that fired"),
               key<ExpectedAlert>("measure", at(&ExpectedAlert::measure), config::text(), "what the alert is about"),
               key<ExpectedAlert>("labels", at(&ExpectedAlert::labels), labels_of(known), "labels that it has"),
               key<ExpectedAlert>(
                   "severity", at(&ExpectedAlert::severity),
                   config::maybe(config::one_of<Severity>({{"ticket", Severity::ticket}, {"page", Severity::page}})),
                   "that it had"),
               key<ExpectedAlert>("state", at(&ExpectedAlert::is_resolved),
                                  config::one_of<bool>({{"firing", false}, {"resolved", true}}), "what it did"),
               key<ExpectedAlert>("after", at(&ExpectedAlert::after), since_start(), "not decided before"),
               key<ExpectedAlert>("by", at(&ExpectedAlert::by), since_start(), "decided by then")},
      .more = {},
      .refused = {{"within", "write by: the time since the start of the test by which it is decided"}}};
}

/// `none` or a list.
Key<RuleTest> alerts_key(const std::string& name, std::vector<ExpectedAlert> RuleTest::*member,
                         const SharedKnown& known, const std::string& help) {
  Key<RuleTest> out;
  out.name = name;
  out.help = help;
  out.schema = config::Json::object();
  out.read = [known, member](Reader& reader, const Place& place, RuleTest& test) {
    if (place.node.IsScalar() && place.node.Scalar() == "none") return;
    const auto items = reader.list(place, "none or a list of alerts");
    if (!items) return;
    if (items->empty()) return reader.error(place, "is empty; write none when no alert may fire");
    const auto table = expected_table(known);
    for (const Place& item : *items) {
      ExpectedAlert alert;
      alert.line = item.mark.line + 1;
      alert.column = item.mark.column + 1;
      table.read(reader, item, alert);
      if (alert.after && alert.by && *alert.by < *alert.after) reader.error_at(item.path + ".by", "is before after");
      (test.*member).push_back(std::move(alert));
    }
  };
  out.show = [](const RuleTest&) -> config::Json { return nullptr; };
  return out;
}

Table<TestSeries> series_table(const SharedKnown& known) {
  const auto values = config::one_or_more(config::text(), "a series, or a list of its parts");
  return {.keys = {required(key<TestSeries>("labels", at(&TestSeries::labels), labels_of(known),
                                            "of the requests that show it, as {service: shop}")),
                   required(key<TestSeries>("measure", at(&TestSeries::measure), config::watched_measure(known->names),
                                            "what they show, as refusal_rate or latency_p95")),
                   key<TestSeries>("n", at(&TestSeries::n), config::number(range(1, kMostObservations)),
                                   "observations by step"),
                   key<TestSeries>("values", at(&TestSeries::values), values, "by step"),
                   key<TestSeries>("categories", at(&TestSeries::categories),
                                   config::map_of(values, "a map of series", ".+", "is no name"),
                                   "of compositions: counts by category and step"),
                   key<TestSeries>("noise", at(&TestSeries::noise), config::share(range(0, 1)),
                                   "standard deviation of a random factor on each value"),
                   key<TestSeries>("spread", at(&TestSeries::spread), config::number(range(0, 3)),
                                   "of observations around a value: sigma of their logarithm"),
                   key<TestSeries>("sampled", at(&TestSeries::is_sampled), config::boolean(),
                                   "observations are drawn by chance")},
          .more = {},
          .refused = {}};
}

void parse_parts(Reader& reader, const Place& place, const std::string& path, const std::string& name,
                 const std::vector<std::string>& values, Duration step, TestSeries& series) {
  auto parsed = parse_series(fmt::format("{}", fmt::join(values, ", ")), step);
  if (!parsed) return reader.error_at(place.path + path, parsed.error().message);
  series.parts.emplace_back(name, std::move(parsed).value());
}

void check_series(Reader& reader, const Place& place, const Known& known, Duration step, TestSeries& series) {
  const auto& groups = known.config->detect.entities;
  const auto has = [&](const std::string& label) {
    return std::any_of(series.labels.begin(), series.labels.end(), [&](const auto& row) { return row.first == label; });
  };
  const bool is_watched = std::any_of(groups.begin(), groups.end(), [&](const EntityGroup& group) {
    return std::all_of(group.begin(), group.end(), has);
  });
  if (!series.labels.empty() && !is_watched)
    reader.error_at(place.path + ".labels",
                    fmt::format("make up no entity; the config watches {}", groups_in_words(groups)));
  if (series.measure.ends_with('*'))
    return reader.error_at(place.path + ".measure", fmt::format("{} is a pattern; a series is of one measure",
                                                                config::in_quotes(series.measure)));
  MeasureCatalog catalog = known.names.measures;
  const auto watched = resolve_watched(catalog, series.measure);
  const bool is_composition = watched && catalog.info(watched->measure).kind == MeasureKind::composition;
  if (watched && is_composition && series.categories.empty())
    return reader.error(place, fmt::format("\"{}\" needs categories: a series of counts for each", series.measure));
  if (watched && !is_composition && series.values.empty())
    return reader.error(place, "needs values, as in 0.02 x 288, 0.10 x 12");
  if (watched && !is_composition && !series.categories.empty())
    return reader.error_at(place.path + ".categories", fmt::format("\"{}\" has none; write values", series.measure));
  if (is_composition)
    for (const auto& [name, values] : series.categories)
      parse_parts(reader, place, ".categories." + name, name, values, step, series);
  else
    parse_parts(reader, place, ".values", "", series.values, step, series);
}

/// `{values: 0.1 x 3, 0.2 x 3}`: to YAML the comma begins another key.
bool report_cut_values(Reader& reader, const Place& place, Duration step) {
  bool has_any = false;
  if (!place.node.IsMap()) return false;
  for (const auto& pair : place.node) {
    if (!pair.first.IsScalar() || !pair.second.IsNull() || !parse_series(pair.first.Scalar(), step)) continue;
    reader.error(pair.first.Mark(), place.path + "." + pair.first.Scalar(),
                 "is a part of values that a comma cut off: inside { } write values: [0.1 x 3, 0.2 x 3]");
    has_any = true;
  }
  return has_any;
}

Key<RuleTest> series_key(const SharedKnown& known) {
  Key<RuleTest> out;
  out.name = "series";
  out.help = "what the requests of the test show";
  out.is_required = true;
  out.read = [known](Reader& reader, const Place& place, RuleTest& test) {
    const auto items = reader.list(place, "a list of series");
    if (!items) return;
    if (items->empty()) return reader.error(place, "must not be empty");
    const auto table = series_table(known);
    for (const Place& item : *items) {
      TestSeries series;
      const size_t errors = reader.error_count();
      if (report_cut_values(reader, item, test.step)) continue;
      table.read(reader, item, series);
      if (reader.error_count() == errors) check_series(reader, item, *known, test.step, series);
      test.series.push_back(std::move(series));
    }
  };
  out.show = [](const RuleTest&) -> config::Json { return nullptr; };
  return out;
}

Table<RuleTest> test_table(const SharedKnown& known) {
  return {.keys = {required(key<RuleTest>("name", at(&RuleTest::name), config::text(), "what it is about")),
                   key<RuleTest>("start", at(&RuleTest::start), moment(), "of its first step"),
                   key<RuleTest>("step", at(&RuleTest::step), config::duration(1s, 24h), "time between values"),
                   key<RuleTest>("seed", at(&RuleTest::seed), config::integer<uint64_t>(0, INT64_MAX), "of noise"),
                   series_key(known),
                   required(alerts_key("alerts", &RuleTest::alerts, known, "none, or a list of those that must fire")),
                   alerts_key("absent", &RuleTest::absent, known, "alerts that must not fire"),
                   key<RuleTest>("others", at(&RuleTest::are_others_allowed),
                                 config::one_of<bool>({{"refused", false}, {"allowed", true}}),
                                 "alerts that are not expected")},
          .more = {},
          .refused = {{"every", "write step"}, {"interval", "write step"}, {"input_series", "write series"}}};
}

void read_tests(Reader& reader, const Place& place, RuleTestFile& file) {
  const auto items = reader.list(place, "a list of tests");
  if (!items) return;
  if (items->empty()) return reader.error(place, "must not be empty");
  auto known = std::make_shared<Known>(Known{config::names_of(file.config), {}, &file.config});
  for (const auto& rule : file.config.detect.rules)
    if (rule.is_enabled) known->rules.push_back(rule.name);
  const Duration pane = file.config.detect.pane;
  const auto table = test_table(known);
  std::set<std::string> names;
  for (const Place& item : *items) {
    RuleTest test;
    test.start = kDefaultStart;
    test.step = std::max(pane, kDefaultStep / pane * pane);
    test.line = item.mark.line + 1;
    test.column = item.mark.column + 1;
    table.read(reader, item, test);
    if (test.step % pane != Duration::zero())
      reader.error_at(item.path + ".step", fmt::format("{} is not a multiple of the pane, {}",
                                                       format_duration(test.step), format_duration(pane)));
    if (test.start != align_down(test.start, test.step))
      reader.error_at(item.path + ".start", "is no multiple of the step");
    if (!test.name.empty() && !names.insert(test.name).second)
      reader.error_at(item.path + ".name", fmt::format("a second test named {}", config::in_quotes(test.name)));
    file.tests.push_back(std::move(test));
  }
}

/// The config of a file: a path (from the file's folder), or written where the path would be.
std::vector<ConfigError> read_config(Reader& reader, const Place& place, const Environment& environment,
                                     RuleTestFile& file) {
  if (place.node.IsMap()) {
    LoadedConfig loaded = config::load_node(file.file, place.node, environment);
    file.config = std::move(loaded.config);
    return std::move(loaded.errors);
  }
  const auto path = reader.scalar(place, "a path or the config itself");
  if (!path) return {};
  const auto folder = std::filesystem::path(file.file).parent_path();
  const std::string full = (folder / path->value).string();
  if (!std::filesystem::exists(full)) {
    reader.error(place, fmt::format("the file {} does not exist; paths start at the folder of this file", full));
    return {};
  }
  LoadedConfig loaded = load_config_file(full);
  file.config = std::move(loaded.config);
  return std::move(loaded.errors);
}

void read_all(Reader& reader, const YAML::Node& document, const Environment& environment, RuleTestFile& file,
              std::vector<ConfigError>& config_errors) try {
  Key<RuleTestFile> config_key{
      .name = "config",
      .help = "path of the config that is tested, or the config itself",
      .read = [&](Reader& in, const Place& place,
                  RuleTestFile& owner) { config_errors = read_config(in, place, environment, owner); },
      .show = {},
      .schema = {},
      .is_required = false};
  Key<RuleTestFile> tests_key{.name = "tests",
                              .help = "a list of tests",
                              .read =
                                  [&](Reader& in, const Place& place, RuleTestFile& owner) {
                                    if (config_errors.empty() && in.error_count() == 0) read_tests(in, place, owner);
                                  },
                              .show = {},
                              .schema = {},
                              .is_required = true};
  const Table<RuleTestFile> table{.keys = {config_key, tests_key}, .more = {}, .refused = {}};
  table.read(reader, {document, ""}, file);
} catch (const YAML::Exception& error) {
  reader.error(error.mark, "", "not YAML: " + error.msg);
}

}  // namespace

LoadedRuleTests load_rule_tests(const std::string& path, std::string_view yaml, const Environment& environment) {
  LoadedRuleTests out;
  out.tests.file = path;
  out.tests.config = default_config();
  Origins origins;
  Reader reader(path, environment, origins);
  std::vector<ConfigError> config_errors;
  auto document = config::parse_document(yaml);
  if (const auto* error = std::get_if<config::DocumentError>(&document))
    reader.error(error->mark, "", error->message);
  else
    read_all(reader, std::get<YAML::Node>(document), environment, out.tests, config_errors);
  out.errors = reader.take_errors();
  out.errors.insert(out.errors.end(), config_errors.begin(), config_errors.end());
  return out;
}

LoadedRuleTests load_rule_tests(const std::string& path) {
  const auto text = read_whole_file(path, kMaxConfigBytes);
  if (text) return load_rule_tests(path, *text, process_environment(path));
  LoadedRuleTests out;
  out.errors.push_back({path, 0, 0, "", text.error().message});
  return out;
}

}  // namespace tidewatch
