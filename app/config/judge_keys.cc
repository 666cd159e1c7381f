#include <fmt/format.h>

#include <utility>

#include "app/config/tables.h"
#include "stream/assemble/prices.h"

namespace tidewatch::config {
namespace {

using namespace std::chrono_literals;

template <typename Member>
auto judge(Member JudgeOptions::*member) {
  return at(&Config::judge, member);
}
template <typename Member>
auto chat(Member ChatOptions::*member) {
  return at(&Config::judge, &JudgeOptions::chat, member);
}

Type<std::optional<ChatPrice>> price() {
  const auto amount = usd(range(0, 1e6));
  const Table<ChatPrice> table = {
      .keys = {required(key<ChatPrice>("input", at(&ChatPrice::input), amount, "USD per million input tokens")),
               required(key<ChatPrice>("output", at(&ChatPrice::output), amount, "USD per million output tokens")),
               key<ChatPrice>("per_call", at(&ChatPrice::per_call), amount, "USD per call")},
      .more = {},
      .refused = {}};
  return maybe(record(table));
}

/// Whether texts a rubric cannot do without are there, as a list of their names.
template <bool Rubric::*kNeeds>
Key<Rubric> needs(const std::string& name, const std::string& help) {
  return key<Rubric>(name, at(kNeeds), boolean(), help);
}

/// Also one that looks like a number.
Type<std::string> version() {
  auto out = text_like("[A-Za-z0-9._-]+", "is no version; use letters, digits, `.`, `_` and `-`");
  out.schema["type"] = Json::array({"string", "number"});
  return out;
}

Type<std::vector<Rubric>> rubrics() {
  const Table<Rubric> table = {
      .keys = {required(key<Rubric>("version", at(&Rubric::version), version(),
                                    "changes whenever what is asked does: it is part of the evaluator's name")),
               required(key<Rubric>("ask", at(&Rubric::ask), text(), "the criterion, as the model reads it")),
               key<Rubric>("levels", at(&Rubric::levels), list_of(text(), "a list of texts, the worst first"),
                           "what the scores 1, 2, ... mean, two to ten; when not written, it is yes or no"),
               key<Rubric>("pass_from", at(&Rubric::pass_from), integer<int>(0, 10),
                           "least score that passes; 0: the highest but one"),
               needs<&Rubric::needs_question>("needs_question", "requests without a question are not judged"),
               needs<&Rubric::needs_documents>("needs_documents", "requests that retrieved nothing are not judged")},
      .more = {},
      .refused = {}};
  auto type = list_by_name(record(table), "a map of rubrics by name");
  type.read = [read = type.read](Reader& reader, const Place& place) {
    auto rows = read(reader, place);
    if (rows)
      for (const Rubric& rubric : *rows)
        if (const std::string fault = fault_of(rubric);
            !fault.empty() && !rubric.ask.empty() && !rubric.version.empty())
          reader.error_at(place.path + "." + rubric.name, fault);
    return rows;
  };
  return type;
}

Key<Config> expiry(const std::string& name, JudgePriority priority, const std::string& help) {
  const auto access = [priority](auto& config) -> auto& {
    return config.judge.backlog.expire[static_cast<size_t>(priority)];
  };
  return key<Config>(name, access, duration(1min, 24h * 7), help);
}

/// The keys of a section, as it takes them.
Table<Config> table_of(std::vector<Key<Config>> keys) { return {.keys = std::move(keys), .more = {}, .refused = {}}; }

std::vector<Key<Config>> server_keys() {
  return {
      key<Config>("url", chat(&ChatOptions::url), text_like("https?://[^\\s]+", "is no address, as in https://host/v1"),
                  "base of an OpenAI-compatible server; /chat/completions is added"),
      key<Config>("model", chat(&ChatOptions::model), text(), "name of the model there"),
      key<Config>("key", chat(&ChatOptions::key), secret(), "sent as bearer token, as in ${env:OPENAI_API_KEY}"),
      key<Config>("headers", chat(&ChatOptions::headers), headers(), "further headers, as in {api-key: ${env:KEY}}"),
      key<Config>("temperature", chat(&ChatOptions::temperature), maybe(number(range(0, 2))),
                  "left out where the model takes none"),
      key<Config>("seed", chat(&ChatOptions::seed), maybe(whole_number(0, int64_t{1} << 53)),
                  "for servers that can repeat themselves"),
      key<Config>("max_tokens", chat(&ChatOptions::max_tokens), integer<uint32_t>(16, 1'000'000),
                  "of one answer; models that think aloud need thousands"),
      key<Config>("form", chat(&ChatOptions::form),
                  one_of<AnswerForm>({{"json_schema", AnswerForm::json_schema},
                                      {"json_object", AnswerForm::json_object},
                                      {"text", AnswerForm::text}}),
                  "what is asked of the answer's form at first; less where the server refuses it"),
      key<Config>("concurrency", chat(&ChatOptions::concurrency), integer<size_t>(1, 256), "requests at a time"),
      key<Config>("requests_per_minute", chat(&ChatOptions::requests_per_minute), number(range(0, 1e6)), "0: no limit"),
      key<Config>("tokens_per_minute", chat(&ChatOptions::tokens_per_minute), number(range(0, 1e9)),
                  "of input and output; 0: no limit"),
      key<Config>("connect_timeout", chat(&ChatOptions::connect_timeout), duration(100ms, 1min),
                  "for a connection to be made"),
      key<Config>("timeout", chat(&ChatOptions::timeout), duration(100ms, 10min), "of a whole request"),
      key<Config>("retries", chat(&ChatOptions::retries), integer<uint32_t>(0, 10), "after the first attempt"),
      key<Config>("backoff", chat(&ChatOptions::backoff), duration(10ms, 1min),
                  "most that is waited for the first retry; doubles each time"),
      key<Config>("longest_wait", chat(&ChatOptions::longest_wait), duration(1s, 10min),
                  "for a retry; told to wait for longer, nothing is sent for that long"),
      key<Config>("breaker_failures", chat(&ChatOptions::breaker_failures), integer<uint32_t>(1, 1000),
                  "in a row, after which nothing is sent for a while"),
      key<Config>("breaker_open", chat(&ChatOptions::breaker_open), duration(1s, 1h),
                  "for how long at first; doubles while the server stays away"),
      key<Config>("breaker_longest", chat(&ChatOptions::breaker_longest), duration(1s, 24h), "and at most"),
  };
}

std::vector<Key<Config>> judging_keys() {
  const auto bytes = size_bytes(100, size_t{1} << 20);
  const auto limit = [&](const std::string& name, size_t TextLimits::*member, const std::string& help) {
    return key<Config>(name, at(&Config::judge, &JudgeOptions::limits, member), bytes, help);
  };
  return {
      key<Config>("price", chat(&ChatOptions::price), price(),
                  "what the model costs; when not written, as the section prices says"),
      key<Config>("usd_per_day", chat(&ChatOptions::usd_per_day), usd(range(0, 1e6)),
                  "most that is spent in a day of UTC; 0 USD: no limit"),
      key<Config>("calls_per_hour", chat(&ChatOptions::calls_per_hour), integer<uint64_t>(0, 1'000'000'000),
                  "0: no limit"),
      key<Config>("cache_entries", judge(&JudgeOptions::cache_entries), integer<size_t>(0, 10'000'000),
                  "judgements that are remembered, so that equal texts are asked about once"),
      key<Config>("cache_file", judge(&JudgeOptions::cache_file), text(),
                  "SQLite file that keeps all of them, and what was spent today, when the process ends"),
      key<Config>("backlog", at(&Config::judge, &JudgeOptions::backlog, &JudgeBacklogOptions::capacity),
                  integer<size_t>(10, 1'000'000),
                  "requests that wait for the judge; of more, chance decides which stay"),
      section<Config>(
          "expire",
          table_of({expiry("reported", JudgePriority::reported, "requests that users reported"),
                    expiry("targeted", JudgePriority::targeted, "those that a target of sampling seeks out"),
                    expiry("random", JudgePriority::random,
                           "all others; what waited for longer is not counted, if it is judged at all")}),
          "for how long requests wait for the judge"),
      section<Config>("limits",
                      table_of({limit("question", &TextLimits::question, "bytes of the question that are sent"),
                                limit("answer", &TextLimits::answer, "bytes of the answer"),
                                limit("documents", &TextLimits::documents, "bytes of all documents together")}),
                      "how much of the texts is sent"),
      key<Config>("patience", judge(&JudgeOptions::patience), duration(1s, 24h),
                  "`tidewatch evaluate` gives up when the server has answered nothing for so long"),
      key<Config>("rubrics", judge(&JudgeOptions::rubrics), rubrics(),
                  "what judges can be asked beside the built-in rubrics; of the same name, in their place"),
  };
}

using Rules = std::vector<JudgeRule>;

Type<Rules> rules(const Names& names) {
  const Table<JudgeRule> table = {
      .keys = {required(key<JudgeRule>("rubric", at(&JudgeRule::rubric), text(),
                                       "relevance, faithfulness, helpfulness, tone, safety or one of judge.rubrics")),
               key<JudgeRule>("pass_from", at(&JudgeRule::pass_from), integer<int>(0, 10),
                              "least score of the rubric that passes; 0: as the rubric says"),
               key<JudgeRule>("where", at(&JudgeRule::where), label_patterns(names),
                              "labels that the request must have, as in {endpoint: [/report, /invest/*]}"),
               key<JudgeRule>("share", at(&JudgeRule::share), share(range(1e-6, 1)),
                              "of the requests that are chosen; reported ones are judged in any case")},
      .more = {},
      .refused = {}};
  return list_by_name(record(table), "a map of judges by name");
}

}  // namespace

Type<std::string> secret() {
  auto out = text();
  out.read = [](Reader& reader, const Place& place) -> std::optional<std::string> {
    const auto value = reader.scalar(place, "a reference to a secret");
    if (!value) return std::nullopt;
    if (!value->reference.empty()) return value->value;
    reader.error(place, "is secret; write ${env:NAME} or ${file:PATH} in place of the value");
    return std::nullopt;
  };
  return out;
}

Type<std::map<std::string, std::string>> headers() {
  using Headers = std::map<std::string, std::string>;
  const auto map = map_of(text(), "a map from names of headers to their values", "[A-Za-z0-9-]+",
                          "is no name of a header; use letters, digits and `-`");
  return converted<Headers, Named<std::string>>(
      map, [](Named<std::string> rows) { return Headers(rows.begin(), rows.end()); },
      [](const Headers& rows) { return Named<std::string>(rows.begin(), rows.end()); });
}

Key<Config> judge_key() {
  auto keys = server_keys();
  for (auto& more : judging_keys()) keys.push_back(std::move(more));
  return section<Config>("judge", table_of(std::move(keys)),
                         "the model that judges answers, and how it may be used (docs/judge.md)");
}

Key<Config> judges_key() {
  const auto access = judge(&JudgeOptions::rules);
  return dependent_key<decltype(access), Rules>(
      "judges", access, rules, "what the model is asked of the answers that are chosen for evaluation");
}

void complete_judge(Config& config, Reader& reader) {
  // The price that no day ends, and the latest rate: what is paid from now on.
  constexpr Timestamp kPresent = kMaxTimestamp - Duration(1);
  JudgeOptions& judge = config.judge;
  if (!judge.chat.price && !judge.chat.model.empty()) {
    v1::SpanFacts facts;
    facts.set_response_model(judge.chat.model);
    const PriceList prices(config.assemble.prices, config.assemble.currencies);
    if (const ModelPrice* known = prices.find(facts, kPresent))
      if (const auto rate = usd_rate(prices.rates(), known->currency, kPresent))
        judge.chat.price = ChatPrice{
            .input = known->input * *rate, .output = known->output * *rate, .per_call = known->per_call * *rate};
  }
  if (judge.chat.usd_per_day > 0 && !judge.chat.price)
    reader.error_at("judge.usd_per_day", "what the model costs is not known: write judge.price, or add it to prices");
  if (!judge.rules.empty() && judge.chat.model.empty())
    reader.error_at(reader.was_written("judge") ? "judge" : "judges", "judge.model is missing: which model judges?");
  for (const JudgeRule& rule : judge.rules) {
    const std::string path = "judges." + rule.name;
    const Rubric* rubric = find_rubric(judge, rule.rubric);
    if (rubric == nullptr) {
      std::vector<std::string_view> names;
      for (const auto* some : {&std::as_const(judge.rubrics), &built_in_rubrics()})
        for (const Rubric& known : *some) names.push_back(known.name);
      if (!rule.rubric.empty())
        reader.error_at(path + ".rubric", in_quotes(rule.rubric) + " " + unknown_name("rubric", rule.rubric, names));
    } else if (rule.pass_from > rubric->highest()) {
      reader.error_at(path + ".pass_from", fmt::format("the scores of {} end at {}", rubric->name, rubric->highest()));
    }
    for (const ValidatorRule& validator : config.validators)
      if (validator.name == rule.name) reader.error_at(path, "a validator has the same name");
  }
}

}  // namespace tidewatch::config
