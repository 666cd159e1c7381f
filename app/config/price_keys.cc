#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/config/tables.h"
#include "stream/assemble/shipped_prices.h"

namespace tidewatch::config {
namespace {

/// A price as it is written: each amount with its currency.
struct WrittenTier {
  uint64_t above = 0;
  std::optional<Money> input, output, cached_input, cache_write, reasoning;
};
struct WrittenPrice {
  std::string model;
  std::string provider;
  std::optional<Money> input, output, cached_input, cache_write, reasoning, per_call;
  std::vector<WrittenTier> tiers;
  Named<double> service_tiers;
  Timestamp from = kMinTimestamp;
  Timestamp until = kMaxTimestamp;
};

Type<Money> amount() { return money(range(0, 1e6)); }

/// Midnight UTC of a day; not shown where none was written.
Type<Timestamp> day() {
  return scalar<Timestamp>(
      text_like(R"(\d{4}-\d{2}-\d{2})", "").schema, "a day, as in 2026-01-31",
      [](const std::string& text) { return parse_day(text); },
      [](const Timestamp& time) -> Json {
        return time == kMinTimestamp || time == kMaxTimestamp ? Json() : Json(day_text(time));
      });
}

template <typename Owner>
std::vector<Key<Owner>> token_keys() {
  const auto each = maybe(amount());
  return {key<Owner>("input", at(&Owner::input), each, "by million input tokens"),
          key<Owner>("output", at(&Owner::output), each, "by million output tokens"),
          key<Owner>("cached_input", at(&Owner::cached_input), each,
                     "by million input tokens read from a cache; as input when left out"),
          key<Owner>("cache_write", at(&Owner::cache_write), each,
                     "by million input tokens written to a cache; as input when left out"),
          key<Owner>("reasoning", at(&Owner::reasoning), each,
                     "by million output tokens spent on reasoning; as output when left out")};
}

Table<WrittenTier> tier_table() {
  Table<WrittenTier> out{
      .keys = {required(key<WrittenTier>("above", at(&WrittenTier::above), integer<uint64_t>(1, 1'000'000'000),
                                         "of calls with more input tokens; then of all tokens of the call"))},
      .more = {},
      .refused = {}};
  for (auto& more : token_keys<WrittenTier>()) out.keys.push_back(std::move(more));
  return out;
}

Table<WrittenPrice> price_table() {
  Table<WrittenPrice> out{
      .keys = {required(key<WrittenPrice>("model", at(&WrittenPrice::model), text(),
                                          "response or request model; a `*` at the end matches any rest")),
               key<WrittenPrice>("provider", at(&WrittenPrice::provider), text(), "only of this provider")},
      .more = {},
      .refused = {}};
  for (auto& more : token_keys<WrittenPrice>()) out.keys.push_back(std::move(more));
  const auto shares = map_of(share(range(0, 100)), "a map from service tiers to shares of the price", R"(\S+)",
                             "is no service tier; it has spaces");
  for (auto& more : std::vector<Key<WrittenPrice>>{
           key<WrittenPrice>("per_call", at(&WrittenPrice::per_call), maybe(amount()), "by call"),
           key<WrittenPrice>("tiers", at(&WrittenPrice::tiers), list_of(record(tier_table()), "a list of tiers"),
                             "other prices of long prompts; what a tier does not state is as in the price"),
           key<WrittenPrice>("service_tiers", at(&WrittenPrice::service_tiers), shares,
                             "what is paid of the price by label `service_tier`, as in {batch: 50%}; in a tier that is "
                             "neither here nor the standard one the price is unknown"),
           key<WrittenPrice>("from", at(&WrittenPrice::from), day(), "first day of this price (UTC)"),
           key<WrittenPrice>("until", at(&WrittenPrice::until), day(), "the day on which it no longer holds")})
    out.keys.push_back(std::move(more));
  return out;
}

template <typename Written>
void collect_currencies(const Written& written, std::set<std::string>& out) {
  for (const auto member :
       {&Written::input, &Written::output, &Written::cached_input, &Written::cache_write, &Written::reasoning})
    if (written.*member) out.insert((written.*member)->currency);
}

std::optional<double> plain(const std::optional<Money>& money) {
  return money ? std::optional<double>(money->amount) : std::nullopt;
}

ModelPrice to_price(const WrittenPrice& written, const std::string& currency) {
  ModelPrice out;
  out.model = written.model;
  out.provider = written.provider;
  out.input = plain(written.input).value_or(0);
  out.output = plain(written.output).value_or(0);
  out.cached_input = plain(written.cached_input);
  out.cache_write = plain(written.cache_write);
  out.reasoning = plain(written.reasoning);
  out.per_call = plain(written.per_call).value_or(0);
  for (const WrittenTier& tier : written.tiers)
    out.tiers.push_back({tier.above, plain(tier.input), plain(tier.output), plain(tier.cached_input),
                         plain(tier.cache_write), plain(tier.reasoning)});
  std::sort(out.tiers.begin(), out.tiers.end(), [](const auto& a, const auto& b) { return a.above < b.above; });
  for (const auto& [name, share] : written.service_tiers) out.service_tiers.push_back({name, share});
  out.from = written.from;
  out.until = written.until;
  out.currency = currency;
  return out;
}

WrittenPrice to_written(const ModelPrice& price) {
  const auto money = [&](std::optional<double> value) {
    return value ? std::optional<Money>(Money{*value, price.currency}) : std::nullopt;
  };
  WrittenPrice out;
  out.model = price.model;
  out.provider = price.provider;
  out.input = money(price.input);
  out.output = money(price.output);
  out.cached_input = money(price.cached_input);
  out.cache_write = money(price.cache_write);
  out.reasoning = money(price.reasoning);
  if (price.per_call > 0) out.per_call = money(price.per_call);
  for (const PriceTier& tier : price.tiers)
    out.tiers.push_back({tier.above, money(tier.input), money(tier.output), money(tier.cached_input),
                         money(tier.cache_write), money(tier.reasoning)});
  for (const auto& tier : price.service_tiers) out.service_tiers.emplace_back(tier.name, tier.share);
  out.from = price.from;
  out.until = price.until;
  return out;
}

Type<ModelPrice> price() {
  const auto written = record(price_table());
  return {.read = [written](Reader& reader, const Place& place) -> std::optional<ModelPrice> {
            const auto read = written.read(reader, place);
            if (!read) return std::nullopt;
            std::set<std::string> currencies;
            collect_currencies(*read, currencies);
            if (read->per_call) currencies.insert(read->per_call->currency);
            for (const WrittenTier& tier : read->tiers) collect_currencies(tier, currencies);
            if (currencies.size() > 1) reader.error(place, "all amounts of a price must be in one currency");
            if (read->from >= read->until) reader.error(place, "ends before it begins");
            return to_price(*read, currencies.empty() ? "USD" : *currencies.begin());
          },
          .show = [written](const ModelPrice& price) { return written.show(to_written(price)); },
          .schema = written.schema,
          .limits = {}};
}

Type<std::string> currency() { return text_like("[A-Z]{3}", "is no code of a currency, as in EUR"); }

}  // namespace

Key<Config> prices_key() {
  return key<Config>("prices", at(&Config::assemble, &AssembleOptions::prices), list_of(price(), "a list of prices"),
                     "what models cost, before the table of this version; a price is that of the time of the call");
}

Key<Config> currencies_key() {
  const Table<CurrencyRate> table = {
      .keys = {required(key<CurrencyRate>("currency", at(&CurrencyRate::currency), currency(), "its code of ISO 4217")),
               required(key<CurrencyRate>("usd", at(&CurrencyRate::usd), number(range(1e-9, 1e9)),
                                          "what one unit of it is worth in US dollars")),
               key<CurrencyRate>("from", at(&CurrencyRate::from), day(), "first day of this rate (UTC)")},
      .more = {},
      .refused = {}};
  return key<Config>("currencies", at(&Config::assemble, &AssembleOptions::currencies),
                     list_of(record(table), "a list of rates"),
                     "rates of currencies other than USD that prices and budgets are in; of several the latest counts");
}

}  // namespace tidewatch::config
