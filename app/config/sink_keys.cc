#include <fmt/format.h>

#include <array>
#include <utility>

#include "app/config/tables.h"
#include "stream/notify/formats/format.h"
#include "stream/notify/formats/signature.h"

namespace tidewatch::config {
namespace {

using namespace std::chrono_literals;

using Sinks = std::vector<SinkOptions>;

Type<std::string> address() {
  return text_like("(https?|smtps?)://[^\\s]+", "is no address, as in https://host/path or smtp://host:587");
}

Type<std::string> mail_address() {
  return text_like("[!-?A-~]+@[!-?A-~]+", "is no e-mail address, as in ada@example.com");
}

/// Keys that only some types have.
struct OwnKey {
  const char* name;
  std::vector<SinkType> types;
};

const std::vector<OwnKey>& own_keys() {
  using enum SinkType;
  static const std::vector<OwnKey> keys = {
      {"send", {webhook}},   {"headers", {alertmanager, webhook, slack, pagerduty}},
      {"secret", {webhook}}, {"token", {alertmanager, webhook, slack}},
      {"channel", {slack}},  {"routing_key", {pagerduty}},
      {"from", {email}},     {"to", {email}},
      {"user", {email}},     {"password", {email}},
      {"starttls", {email}}, {"resend", {alertmanager}}};
  return keys;
}

bool is_of(SinkType type, const OwnKey& key) {
  return std::find(key.types.begin(), key.types.end(), type) != key.types.end();
}

Table<SinkOptions> sink_table() {
  const auto sink = [](const std::string& name, auto member, const auto& type, const std::string& help) {
    auto out = key<SinkOptions>(name, at(member), type, help);
    // What is of another type, or nothing, could not be written.
    out.show = [name, show = out.show](const SinkOptions& options) {
      for (const OwnKey& own : own_keys())
        if (own.name == name && !is_of(options.type, own)) return Json();
      Json shown = show(options);
      const bool is_unwritten = shown.is_string() ? shown.get_ref<const std::string&>().empty() : shown.empty();
      return is_unwritten ? Json() : shown;
    };
    return out;
  };
  return {
      .keys =
          {required(sink("type", &SinkOptions::type,
                         one_of<SinkType>({{"alertmanager", SinkType::alertmanager},
                                           {"webhook", SinkType::webhook},
                                           {"slack", SinkType::slack},
                                           {"pagerduty", SinkType::pagerduty},
                                           {"email", SinkType::email}}),
                         "what it is")),
           sink("match", &SinkOptions::match, alert_matchers(), "which alerts or incidents; all when not written"),
           sink("send", &SinkOptions::subject,
                one_of<Subject>({{"alerts", Subject::alerts}, {"incidents", Subject::incidents}}),
                "what a webhook is told of; alertmanager has alerts, the others incidents"),
           sink("url", &SinkOptions::url, address(),
                "its address; may be secret, as in ${env:SLACK_URL}. pagerduty and slack with a token have one"),
           sink("headers", &SinkOptions::headers, headers(), "further headers of HTTP, as in {X-Team: quality}"),
           sink("secret", &SinkOptions::secret, secret(),
                "what requests to a webhook are signed with, as in ${env:WEBHOOK_SECRET}; unsigned when not written"),
           sink("token", &SinkOptions::token, secret(),
                "of a Slack bot, or the bearer token of a webhook or alertmanager"),
           sink("channel", &SinkOptions::channel, text(), "of Slack, with a token"),
           sink("routing_key", &SinkOptions::routing_key, secret(), "integration key of a PagerDuty service"),
           sink("from", &SinkOptions::from, mail_address(), "sender of e-mail"),
           sink("to", &SinkOptions::to, one_or_more(mail_address(), "an address or a list of them"),
                "receivers of e-mail"),
           sink("user", &SinkOptions::user, text(), "login at the mail server; none when not written"),
           sink("password", &SinkOptions::password, secret(), "of that user"),
           sink("starttls", &SinkOptions::starttls, boolean(),
                "with smtp://: send nothing unless the server offers TLS"),
           sink("link", &SinkOptions::link, text(),
                "page about it, as in https://tidewatch.example/incidents/{incident}; {alert} is there, too"),
           sink("concurrency", &SinkOptions::concurrency, integer<size_t>(1, 64), "requests at a time"),
           sink("per_minute", &SinkOptions::per_minute, number(range(0, 1e6)),
                "requests, also when it returns and much has waited; 0: no limit"),
           sink("connect_timeout", &SinkOptions::connect_timeout, duration(100ms, 1min), "for a connection to be made"),
           sink("timeout", &SinkOptions::timeout, duration(100ms, 10min), "of a whole request"),
           sink("backoff", &SinkOptions::backoff, duration(10ms, 10min),
                "most that is waited for the first retry; doubles each time"),
           sink("longest_wait", &SinkOptions::longest_wait, duration(1s, 24h), "and at most"),
           sink("breaker_failures", &SinkOptions::breaker_failures, integer<uint32_t>(1, 1000),
                "in a row, after which it is left alone for a while"),
           sink("breaker_open", &SinkOptions::breaker_open, duration(1s, 1h),
                "for how long at first; doubles while it stays away"),
           sink("breaker_longest", &SinkOptions::breaker_longest, duration(1s, 24h), "and at most"),
           sink("give_up_after", &SinkOptions::give_up_after, duration(1min, 24h * 365),
                "a message that could not be told for so long becomes a dead letter"),
           sink("resend", &SinkOptions::resend, duration(1s, 1h), "what fires is said to Alertmanager so often")},
      .more = {},
      .refused = {}};
}

void check_sink(const SinkOptions& sink, Reader& reader) {
  const std::string path = "sinks." + sink.name;
  for (const OwnKey& own : own_keys())
    if (const std::string at = path + "." + own.name; !is_of(sink.type, own) && reader.was_written(at))
      reader.error_at(at, "is nothing that a sink of this type has; remove it");
  const auto need = [&](bool is_there, const char* what) {
    if (!is_there) reader.error_at(path, what);
  };
  const bool is_mail = sink.type == SinkType::email;
  const bool has_token = !sink.token.empty();
  need(!sink.url.empty() || sink.type == SinkType::pagerduty || (sink.type == SinkType::slack && has_token),
       is_mail ? "needs a url: the mail server, as in smtp://mail.example.com:587" : "needs a url: where is it?");
  if (!sink.url.empty() && sink.url.starts_with("smtp") != is_mail)
    reader.error_at(path + ".url",
                    is_mail ? "of e-mail begins with smtp:// or smtps://" : "begins with http:// or https://");
  if (is_mail) need(!sink.from.empty() && !sink.to.empty(), "needs from and to: addresses of e-mail");
  if (sink.type == SinkType::pagerduty) need(!sink.routing_key.empty(), "needs a routing_key: that of the service");
  if (sink.type == SinkType::slack) need(has_token == !sink.channel.empty(), "token and channel go together");
  if (const auto key = signing_key(sink.secret); !key) reader.error_at(path + ".secret", key.error().message);
  const auto has_line_break = [](const std::string& text) { return text.find_first_of("\r\n") != std::string::npos; };
  if (has_line_break(sink.token)) reader.error_at(path + ".token", "has a line break in it");
  for (const auto& [name, value] : sink.headers)
    if (has_line_break(value)) reader.error_at(fmt::format("{}.headers.{}", path, name), "has a line break in it");
  if (make_format(sink)->subject() == Subject::alerts) return;
  constexpr std::array<std::string_view, 4> kOfAlerts = {"measure", "rule", "kind", "alert_id"};
  for (const LabelMatcher& matcher : sink.match)
    if (std::find(kOfAlerts.begin(), kOfAlerts.end(), matcher.name()) != kOfAlerts.end())
      reader.error_at(path + ".match",
                      fmt::format("\"{}\": this sink is told of incidents, which have labels, severity, "
                                  "cause and incident",
                                  matcher.text()));
}

}  // namespace

Key<Config> sinks_key() {
  return key<Config>("sinks", at(&Config::sinks), list_by_name(record(sink_table()), "a map of sinks by name"),
                     "whom to tell of alerts (docs/sinks.md)");
}

void check_sinks(const std::vector<SinkOptions>& sinks, Reader& reader) {
  for (const SinkOptions& sink : sinks) check_sink(sink, reader);
}

}  // namespace tidewatch::config
