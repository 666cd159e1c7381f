#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/config/tables.h"

namespace tidewatch::config {
namespace {

using namespace std::chrono_literals;
using Budgets = std::vector<BudgetRule>;
using Per = BudgetRule::Per;

/// For how long the amount is.
struct Span {
  Per per = Per::day;
  Duration rolling = BudgetRule().rolling;
};

/// A budget as it is written.
struct WrittenBudget : BudgetRule {
  Money money;
  Span span;
  WrittenBudget() = default;
  explicit WrittenBudget(const BudgetRule& rule)
      : BudgetRule(rule), money{rule.amount, rule.currency}, span{rule.per, rule.rolling} {}
};

/// `day`, `month`, or {rolling: 7d}.
Type<Span> span() {
  const auto named = one_of<Per>({{"day", Per::day}, {"month", Per::month}});
  const Table<Span> rolling = {
      .keys = {required(key<Span>("rolling", at(&Span::rolling), duration(1h, Budget::kLongestRolling),
                                  "of the last so many hours or days, whole hours"))},
      .more = {},
      .refused = {}};
  return {.read = [named, rolling](Reader& reader, const Place& place) -> std::optional<Span> {
            Span out;
            if (place.node.IsMap()) {
              out.per = Per::rolling;
              rolling.read(reader, place, out);
              if (out.rolling % 1h != Duration::zero())
                reader.error(place, "must be whole hours, as in {rolling: 36h}");
              return out;
            }
            const auto per = named.read(reader, place);
            if (!per) return std::nullopt;
            out.per = *per;
            return out;
          },
          .show = [named, rolling](const Span& span) -> Json {
            return span.per == Per::rolling ? rolling.show(span) : named.show(span.per);
          },
          .schema = {{"anyOf", Json::array({named.schema, rolling.schema()})}},
          .limits = {}};
}

Table<WrittenBudget> budget_table(const Names& names) {
  const auto text_name = text_like(R"([a-z][a-z0-9_-]*)", "is no such name; use small letters, digits, `_` and `-`");
  const auto where =
      map_of(one_or_more(text(), "a list of values"), "a map from labels to values", kLabelPattern, "is no label");
  const auto patterns = converted<std::map<std::string, std::vector<std::string>>, Named<std::vector<std::string>>>(
      where, [](Named<std::vector<std::string>> rows) { return LabelPatterns(rows.begin(), rows.end()); },
      [](const LabelPatterns& of) { return Named<std::vector<std::string>>(of.begin(), of.end()); });
  return {
      .keys = {required(key<WrittenBudget>("name", at(&BudgetRule::name), text_name, "unique; stands in alerts")),
               required(key<WrittenBudget>("entity", at(&BudgetRule::entity), entity_group(names),
                                           "labels, as in [service]: each service has the amount for itself; one of "
                                           "the groups of `entities`")),
               key<WrittenBudget>("where", at(&BudgetRule::where), patterns,
                                  "only entities with these labels, as in {endpoint: [/report, /rag/*]}"),
               required(key<WrittenBudget>("amount", at(&WrittenBudget::money), money(range(0.01, 1e9)),
                                           "what may be spent, as in 50 USD; other currencies need a rate under "
                                           "`currencies`")),
               key<WrittenBudget>("per", at(&WrittenBudget::span), span(),
                                  "a day or month of the calendar, or {rolling: 7d} for the last seven days"),
               key<WrittenBudget>("time_zone", at(&BudgetRule::time_zone), time_zone(),
                                  "whose days and months; that of time.time_zone when not written"),
               key<WrittenBudget>("alert_at", at(&BudgetRule::alert_at),
                                  list_of(share(range(0.001, 10)), "a list of shares, as in [50%, 80%, 100%]"),
                                  "shares of the amount that are told when they are reached, each once a period"),
               key<WrittenBudget>("page_at", at(&BudgetRule::page_at), share(range(0.001, 100)),
                                  "share from which an alert pages; those below are tickets"),
               key<WrittenBudget>("forecast", at(&BudgetRule::forecasts), boolean(),
                                  "a ticket when the amount will not last, before it is spent")},
      .more = {},
      .refused = {{"limit", "write `amount`"}}};
}

Type<BudgetRule> budget(const Names& names) {
  return converted<BudgetRule, WrittenBudget>(
      record(budget_table(names)),
      [](const WrittenBudget& written) {
        BudgetRule out = written;
        out.amount = written.money.amount;
        out.currency = written.money.currency;
        out.per = written.span.per;
        out.rolling = written.span.rolling;
        std::sort(out.alert_at.begin(), out.alert_at.end());
        return out;
      },
      [](const BudgetRule& rule) { return WrittenBudget(rule); });
}

}  // namespace

Key<Config> budgets_key() {
  const auto access = at(&Config::detect, &DetectOptions::budgets);
  return dependent_key<decltype(access), Budgets>(
      "budgets", access, [](const Names& names) { return list_of(budget(names), "a list of budgets"); },
      "what may be spent, and when to tell (docs/cost.md)");
}

void complete_money(Config& config, Reader& reader) {
  const auto& rates = config.assemble.currencies;
  constexpr Timestamp kPresent = kMaxTimestamp - Duration(1);
  for (size_t i = 0; i < config.assemble.prices.size(); ++i) {
    const std::string& currency = config.assemble.prices[i].currency;
    if (!usd_rate(rates, currency, kPresent))
      reader.error_at(fmt::format("prices[{}]", i),
                      fmt::format("is in {}, whose rate is not under `currencies`", currency));
  }
  std::set<std::string> names;
  for (size_t i = 0; i < config.detect.budgets.size(); ++i) {
    BudgetRule& budget = config.detect.budgets[i];
    const std::string path = fmt::format("budgets[{}]", i);
    if (!names.insert(budget.name).second)
      reader.error_at(path + ".name", in_quotes(budget.name) + " is there already");
    if (!usd_rate(rates, budget.currency, kPresent))
      reader.error_at(path + ".amount", fmt::format("is in {}, whose rate is not under `currencies`", budget.currency));
    const auto& groups = config.assemble.entities;
    if (!budget.entity.empty() && std::none_of(groups.begin(), groups.end(), [&](const EntityGroup& group) {
          return std::is_permutation(group.begin(), group.end(), budget.entity.begin(), budget.entity.end());
        }))
      reader.error_at(path + ".entity",
                      fmt::format("[{}] is not watched; add it to `entities`", group_name(budget.entity)));
    if (budget.time_zone.empty()) budget.time_zone = config.detect.time_zone;
  }
}

}  // namespace tidewatch::config
