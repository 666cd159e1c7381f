#include "stream/assemble/shipped_prices.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "schemas/embedded.h"
#include "stream/window/holiday.h"

namespace tidewatch {
namespace {

Error bad(std::string_view name, const YAML::Node& at, std::string_view what) {
  return Error{"bad_prices", fmt::format("{}:{}: {}", name, at.Mark().line + 1, what)};
}

Status check_keys(const YAML::Node& entry, const std::set<std::string>& known, std::string_view name) {
  if (!entry.IsMap()) return bad(name, entry, "must be a map of keys");
  for (const auto& [key, value] : std::map<std::string, YAML::Node>(entry.as<std::map<std::string, YAML::Node>>()))
    if (!known.contains(key)) return bad(name, entry, fmt::format("unknown key \"{}\"", key));
  return ok_status();
}

/// An amount that is there; absent: not stated. Throws YAML::Exception at what is no number.
std::optional<double> amount(const YAML::Node& entry, const char* key) {
  const YAML::Node value = entry[key];
  return value ? std::optional<double>(value.as<double>()) : std::nullopt;
}

Result<PriceTier> read_tier(const YAML::Node& entry, std::string_view name) {
  if (auto ok = check_keys(entry, {"above", "input", "output", "cached_input", "cache_write", "reasoning"}, name); !ok)
    return ok.error();
  PriceTier out;
  out.above = entry["above"].as<uint64_t>();
  out.input = amount(entry, "input");
  out.output = amount(entry, "output");
  out.cached_input = amount(entry, "cached_input");
  out.cache_write = amount(entry, "cache_write");
  out.reasoning = amount(entry, "reasoning");
  return out;
}

Status read_days(const YAML::Node& entry, std::string_view name, ModelPrice& out) {
  for (const auto& [key, to] : {std::pair("from", &out.from), std::pair("until", &out.until)}) {
    if (!entry[key]) continue;
    const auto day = parse_day(entry[key].Scalar());
    if (!day) return bad(name, entry, fmt::format("{}: \"{}\" {}", key, entry[key].Scalar(), day.error().message));
    *to = *day;
  }
  if (out.from >= out.until) return bad(name, entry, "ends before it begins");
  return ok_status();
}

Result<ModelPrice> read_price(const YAML::Node& entry, std::string_view name) {
  if (auto ok = check_keys(entry,
                           {"models", "provider", "from", "until", "input", "output", "cached_input", "cache_write",
                            "reasoning", "per_call", "tiers", "service_tiers", "currency", "source", "as_of"},
                           name);
      !ok)
    return ok.error();
  for (const char* key : {"models", "provider", "input", "output", "source", "as_of"})
    if (!entry[key]) return bad(name, entry, fmt::format("{} is missing", key));
  if (auto day = parse_day(entry["as_of"].Scalar()); !day) return bad(name, entry, "as_of: " + day.error().message);
  ModelPrice out;
  out.provider = entry["provider"].Scalar();
  out.is_of_silent_providers = true;
  out.input = entry["input"].as<double>();
  out.output = entry["output"].as<double>();
  out.cached_input = amount(entry, "cached_input");
  out.cache_write = amount(entry, "cache_write");
  out.reasoning = amount(entry, "reasoning");
  out.per_call = amount(entry, "per_call").value_or(0);
  if (entry["currency"]) out.currency = entry["currency"].Scalar();
  for (const auto& tier : entry["tiers"]) {
    auto read = read_tier(tier, name);
    if (!read) return read.error();
    out.tiers.push_back(*read);
  }
  std::sort(out.tiers.begin(), out.tiers.end(), [](const auto& a, const auto& b) { return a.above < b.above; });
  for (const auto& tier : entry["service_tiers"])
    out.service_tiers.push_back({tier.first.Scalar(), tier.second.as<double>()});
  if (auto days = read_days(entry, name, out); !days) return days.error();
  return out;
}

}  // namespace

Result<Timestamp> parse_day(std::string_view text) {
  const auto day = parse_holiday(text);
  if (!day || day->is_yearly) return Error{"bad_value", "is no day with its year, as in 2025-04-14"};
  return Timestamp(std::chrono::sys_days(day->first));
}

std::string day_text(Timestamp day) {
  return fmt::format("{:%Y-%m-%d}",
                     fmt::gmtime(std::chrono::duration_cast<std::chrono::seconds>(day.time_since_epoch()).count()));
}

Result<std::vector<ModelPrice>> parse_prices(std::string_view yaml, std::string_view name) try {
  const YAML::Node document = YAML::Load(std::string(yaml));
  if (!document.IsMap() || !document["prices"].IsSequence())
    return bad(name, document, "must have a list of prices under the key `prices`");
  std::vector<ModelPrice> out;
  for (const auto& entry : document["prices"]) {
    auto price = read_price(entry, name);
    if (!price) return price.error();
    for (const auto& model : entry["models"]) {
      price->model = model.Scalar();
      out.push_back(*price);
    }
  }
  return out;
} catch (const YAML::Exception& error) {
  return Error{"bad_prices", fmt::format("{}:{}: {}", name, error.mark.line + 1, error.msg)};
}

const std::vector<ModelPrice>& shipped_prices() {
  static const std::vector<ModelPrice> prices = [] {
    std::vector<ModelPrice> out;
    for (const auto& [name, content] : embedded_prices()) {
      auto read = parse_prices(content, name);
      TW_CHECK(read.ok(), "a test reads the prices that are built in");
      out.insert(out.end(), read->begin(), read->end());
    }
    return out;
  }();
  return prices;
}

}  // namespace tidewatch
