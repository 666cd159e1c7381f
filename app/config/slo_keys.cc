#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/config/tables.h"

namespace tidewatch::config {
namespace {

using namespace std::chrono_literals;
using Slos = std::vector<SloRule>;

/// An SLO as it is written: what is counted stands under `bad` or under `good`.
struct WrittenSlo : SloRule {
  std::optional<std::string> bad;
  std::optional<std::string> good;
  WrittenSlo() = default;
  explicit WrittenSlo(const SloRule& rule) : SloRule(rule) { (rule.is_good ? good : bad) = rule.measure; }
};

/// A measure that counts of how many events how many were something.
Type<std::string> rate_measure(const Names& names) {
  auto type = watched_measure(names);
  type.read = [read = type.read, names](Reader& reader, const Place& place) -> std::optional<std::string> {
    auto name = read(reader, place);
    if (!name) return std::nullopt;
    MeasureCatalog catalog = names.measures;
    const auto measure = catalog.find_or_derive(*name);
    if (measure && !name->ends_with('*') && catalog.info(*measure).kind == MeasureKind::rate) return name;
    reader.error(place, in_quotes(*name) + " is no rate, as error_rate is; declare one under `measures`, as in " +
                            "{kind: rate, of: requests, where: {field: latency, above: 2s}}");
    return std::nullopt;
  };
  return type;
}

Table<BurnRule> burn_table() {
  const auto window = [] { return duration(Slo::kResolution, Slo::kLongestWindow); };
  return {.keys = {required(key<BurnRule>("burn", at(&BurnRule::burn), number(range(0.01, 100'000)),
                                          "times as fast as would spend the budget in exactly the period")),
                   required(key<BurnRule>("long", at(&BurnRule::long_window), window(),
                                          "in the last so long it burns faster, beyond chance; whole 5 minutes")),
                   required(key<BurnRule>("short", at(&BurnRule::short_window), window(),
                                          "and in the last so long, too: it goes on; at most `long`")),
                   key<BurnRule>("severity", at(&BurnRule::severity),
                                 one_of<Severity>({{"ticket", Severity::ticket}, {"page", Severity::page}}),
                                 "of the alert")},
          .more = {},
          .refused = {}};
}

Table<WrittenSlo> slo_table(const Names& names) {
  const auto text_name = text_like(R"([a-z][a-z0-9_-]*)", "is no such name; use small letters, digits, `_` and `-`");
  const auto measure = maybe(rate_measure(names));
  const auto patterns = label_patterns(names);
  return {
      .keys = {required(key<WrittenSlo>("name", at(&SloRule::name), text_name, "unique; stands in alerts")),
               required(key<WrittenSlo>("entity", at(&SloRule::entity), entity_group(names),
                                        "labels, as in [service]: each service has an error budget of its own; one of "
                                        "the groups of `entities`")),
               key<WrittenSlo>("where", at(&SloRule::where), patterns,
                               "only entities with these labels, as in {endpoint: [/chat, /rag/*]}"),
               key<WrittenSlo>("bad", at(&WrittenSlo::bad), measure,
                               "a rate that counts what is bad: error_rate, refusal_rate, one of `measures`; this or "
                               "`good`"),
               key<WrittenSlo>("good", at(&WrittenSlo::good), measure,
                               "a rate that counts what is good: positive_feedback, pass_faithfulness"),
               required(key<WrittenSlo>("objective", at(&SloRule::objective), share(range(0.5, 0.99999)),
                                        "share of events that are to be good, as in 99.5%")),
               key<WrittenSlo>("period", at(&SloRule::period), duration(24h, Slo::kLongestPeriod),
                               "over which it is to be kept: the last so many days, whole ones"),
               key<WrittenSlo>("burn", at(&SloRule::burns), list_of(record(burn_table()), "a list of burn alerts"),
                               "how fast it burns when it alerts; the four alerts of the SRE Workbook, scaled to the "
                               "period, when not written (docs/slo.md)"),
               key<WrittenSlo>("alert_at", at(&SloRule::alert_at),
                               list_of(share(range(0.001, 10)), "a list of shares, as in [50%, 100%]"),
                               "shares of the error budget that are told when they are spent, as tickets"),
               key<WrittenSlo>("min_events", at(&SloRule::min_events), number(range(1, 1e9)),
                               "events that a long window must have"),
               key<WrittenSlo>("min_bad", at(&SloRule::min_bad), number(range(1, 1e9)),
                               "bad events that it must have, and the period before a share of the budget is told")},
      .more = {},
      .refused = {{"measure", "write `bad` or `good`, by what it counts"}}};
}

Type<SloRule> slo(const Names& names) {
  auto written = record(slo_table(names));
  written.read = [read = written.read](Reader& reader, const Place& place) -> std::optional<WrittenSlo> {
    auto value = read(reader, place);
    if (!value) return value;
    if (value->bad && value->good) reader.error(place, "write `bad` or `good`, not both");
    if (!reader.was_written(place.path + ".bad") && !reader.was_written(place.path + ".good"))
      reader.error(place, "needs `bad` or `good`: the rate that it is about");
    if (value->period % 24h != Duration::zero())
      reader.error_at(place.path + ".period", "must be whole days, as in 30d");
    return value;
  };
  return converted<SloRule, WrittenSlo>(
      written,
      [](const WrittenSlo& from) {
        SloRule out = from;
        out.is_good = from.good.has_value();
        out.measure = from.good.value_or(from.bad.value_or(""));
        std::sort(out.alert_at.begin(), out.alert_at.end());
        return out;
      },
      [](const SloRule& rule) { return WrittenSlo(rule); });
}

void check_burns(const SloRule& slo, const std::string& path, Reader& reader) {
  for (size_t i = 0; i < slo.burns.size(); ++i) {
    const BurnRule& rule = slo.burns[i];
    const std::string place = fmt::format("{}.burn[{}]", path, i);
    for (const auto& [name, length] : {std::pair("long", rule.long_window), std::pair("short", rule.short_window)})
      if (length % Slo::kResolution != Duration::zero())
        reader.error_at(fmt::format("{}.{}", place, name), "must be whole 5 minutes, as in 1h or 30m");
    if (rule.short_window > rule.long_window) reader.error_at(place + ".short", "is longer than `long`");
    if (rule.burn * (1 - slo.objective) > 1)
      reader.error_at(place + ".burn",
                      fmt::format("cannot be: {:g} times the {:.3g} % that may be bad is more than all", rule.burn,
                                  100 * (1 - slo.objective)));
  }
}

}  // namespace

Key<Config> slos_key() {
  const auto access = at(&Config::detect, &DetectOptions::slos);
  return dependent_key<decltype(access), Slos>(
      "slos", access, [](const Names& names) { return list_of(slo(names), "a list of SLOs"); },
      "what share of events is to be good, and when to tell that it will not be (docs/slo.md)");
}

void complete_slos(Config& config, Reader& reader) {
  std::set<std::string> names;
  for (size_t i = 0; i < config.detect.slos.size(); ++i) {
    const SloRule& slo = config.detect.slos[i];
    const std::string path = fmt::format("slos[{}]", i);
    if (!names.insert(slo.name).second) reader.error_at(path + ".name", in_quotes(slo.name) + " is there already");
    const auto& groups = config.assemble.entities;
    if (!slo.entity.empty() && std::none_of(groups.begin(), groups.end(), [&](const EntityGroup& group) {
          return std::is_permutation(group.begin(), group.end(), slo.entity.begin(), slo.entity.end());
        }))
      reader.error_at(path + ".entity",
                      fmt::format("[{}] is not watched; add it to `entities`", group_name(slo.entity)));
    check_burns(slo, path, reader);
  }
}

}  // namespace tidewatch::config
