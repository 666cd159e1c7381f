#include "stream/evaluate/chat/chat_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "stream/evaluate/chat/completion.h"

namespace tidewatch {
namespace {

constexpr double kBytesOfToken = 4;

/// What a response without a usable answer means.
Error error_of(const TransferOutcome& outcome) {
  if (!outcome.fault.empty()) return {outcome.fault, outcome.detail};
  const auto said = [&](const char* code) {
    return Error{code, fmt::format("HTTP {}: {}", outcome.status, said_in_error(outcome.body))};
  };
  if (outcome.status == 429) return said("rate_limited");
  if (outcome.status == 401 || outcome.status == 403) return said("bad_key");
  if (outcome.status == 404) return said("not_found");
  if (outcome.status == 408 || outcome.status == 425 || outcome.status >= 500) return said("server_error");
  if (outcome.status >= 300 && outcome.status < 400) return {"redirected", fmt::format("HTTP {}", outcome.status)};
  return said("bad_request");
}

bool may_succeed_again(const std::string& code) {
  return code == "rate_limited" || code == "server_error" || code == "timed_out" || code == "unreachable" ||
         code == "broken_off" || code == "bad_answer";
}

bool is_of_request(const std::string& code) {
  return code == "refused" || code == "bad_request" || code == "too_large";
}

bool has_line_break(const std::string& text) { return text.find_first_of("\r\n") != std::string::npos; }

}  // namespace

Result<std::unique_ptr<ChatClient>> ChatClient::make(ChatOptions options, Surroundings surroundings) {
  if (!options.url.starts_with("http://") && !options.url.starts_with("https://"))
    return Error{"bad_config",
                 fmt::format("\"{}\" is no address of a server: it begins with http:// or https://", options.url)};
  if (has_line_break(options.key)) return Error{"bad_config", "the key has a line break in it"};
  for (const auto& [name, value] : options.headers)
    if (name.empty() || name.find(':') != std::string::npos || has_line_break(name) || has_line_break(value))
      return Error{"bad_config", fmt::format("\"{}\" is no header that can be sent", name)};
  if (options.usd_per_day > 0 && !options.price)
    return Error{
        "bad_config",
        fmt::format("what {} costs is not known, so that no cap in USD can be kept: state its price", options.model)};
  return std::unique_ptr<ChatClient>(new ChatClient(std::move(options), std::move(surroundings)));
}

ChatClient::ChatClient(ChatOptions options, Surroundings surroundings)
    : options_(std::move(options)),
      surroundings_(std::move(surroundings)),
      dialect_(options_.form),
      // A tenth of a minute's at once: servers count in short intervals.
      requests_(options_.requests_per_minute, std::max(1.0, options_.requests_per_minute / 10)),
      tokens_(options_.tokens_per_minute, std::max(1.0, options_.tokens_per_minute)),
      breaker_(options_.breaker_failures, options_.breaker_open, options_.breaker_longest),
      spending_(options_.usd_per_day, options_.calls_per_hour) {
  while (options_.url.ends_with('/')) options_.url.pop_back();
  headers_ = {"Content-Type: application/json", "Expect:"};
  if (!options_.key.empty()) headers_.push_back("Authorization: Bearer " + options_.key);
  for (const auto& [name, value] : options_.headers) headers_.push_back(fmt::format("{}: {}", name, value));
}

uint64_t ChatClient::submit(ChatRequest request) {
  Waiting chat;
  chat.ticket = ++last_ticket_;
  chat.request = std::move(request);
  chat.due = surroundings_.monotonic();
  prepare(chat);
  waiting_.push_back(std::move(chat));
  return last_ticket_;
}

void ChatClient::prepare(Waiting& chat) const {
  chat.body = dialect_.body(options_, chat.request);
  // Input by its bytes: more than its tokens are in nearly all languages.
  chat.tokens = static_cast<double>(chat.body.size()) / (kBytesOfToken - 1) + options_.max_tokens;
}

double ChatClient::most_usd(const Waiting& chat) const {
  if (!options_.price) return 0;
  const double input = chat.tokens - options_.max_tokens;
  return 1e-6 * (input * options_.price->input + options_.max_tokens * options_.price->output) +
         options_.price->per_call;
}

double ChatClient::usd_of(const ChatUsage& usage) const {
  if (!options_.price) return 0;
  return 1e-6 * (static_cast<double>(usage.input_tokens) * options_.price->input +
                 static_cast<double>(usage.output_tokens) * options_.price->output) +
         options_.price->per_call;
}

std::string_view ChatClient::held_back_by() const {
  const Duration now = surroundings_.monotonic();
  if (breaker_.state(now) == CircuitBreaker::State::open) return "breaker_open";
  if (!spending_.allows(refused_usd_, surroundings_.wall())) return "cap_reached";
  if (now < paused_until_) return "rate_limited";
  return {};
}

size_t ChatClient::room() const {
  const Duration now = surroundings_.monotonic();
  if (!held_back_by().empty() || !breaker_.allows(now)) return 0;
  const size_t limit = breaker_.state(now) == CircuitBreaker::State::closed ? options_.concurrency : 1;
  return limit - std::min(limit, pending());
}

void ChatClient::finish(Waiting& chat, Result<ChatAnswer> answer) {
  finished_.push_back({chat.ticket, std::move(answer), chat.spent_usd});
}

void ChatClient::refuse_for_cap(Waiting& chat) {
  refused_usd_ = most_usd(chat);
  finish(chat, Error{"cap_reached", "the cap on spending or calls is reached"});
}

void ChatClient::start_due() {
  const Duration now = surroundings_.monotonic();
  std::vector<Waiting> still;
  for (Waiting& chat : waiting_) {
    if (breaker_.state(now) == CircuitBreaker::State::open)
      finish(chat, chat.last_fault.value_or(
                       Error{"breaker_open", "the server failed several times in a row; it is asked again later"}));
    else if (!spending_.allows(most_usd(chat), surroundings_.wall()))
      refuse_for_cap(chat);
    else if (under_way_.size() >= options_.concurrency || chat.due > now || paused_until_ > now ||
             !breaker_.allows(now) || requests_.wait_for(1, now) > Duration::zero() ||
             tokens_.wait_for(chat.tokens, now) > Duration::zero())
      still.push_back(std::move(chat));
    else
      start(std::move(chat), now);
  }
  waiting_ = std::move(still);
}

void ChatClient::start(Waiting chat, Duration now) {
  requests_.take(1, now);
  tokens_.take(chat.tokens, now);
  breaker_.on_sent(now);
  ++counts_.attempts;
  if (chat.attempts++ > 0) ++counts_.retries;
  const auto reserved = spending_.reserve(most_usd(chat), surroundings_.wall());
  transfers_.start(chat.ticket, {.url = options_.url + "/chat/completions",
                                 .headers = headers_,
                                 .body = chat.body,
                                 .connect_timeout = options_.connect_timeout,
                                 .timeout = options_.timeout,
                                 .max_bytes = options_.max_response_bytes});
  const uint64_t ticket = chat.ticket;
  under_way_.emplace(ticket, UnderWay{std::move(chat), reserved});
}

void ChatClient::take(const TransferOutcome& outcome) {
  const auto at = under_way_.find(outcome.id);
  auto [chat, reserved] = std::move(at->second);
  under_way_.erase(at);
  const bool has_response = outcome.fault.empty() && outcome.status >= 200 && outcome.status < 300;
  Result<ChatAnswer> answer = has_response ? read_completion(outcome.body) : Result<ChatAnswer>(error_of(outcome));
  double usd = 0;
  if (answer) {
    ChatUsage& usage = answer.value().usage;
    if (usage.is_estimated) {
      usage.input_tokens = static_cast<uint64_t>(std::ceil(static_cast<double>(chat.body.size()) / kBytesOfToken));
      usage.output_tokens = static_cast<uint64_t>(std::ceil(static_cast<double>(answer->text.size()) / kBytesOfToken));
    }
    usd = usd_of(usage);
    answer.value().cost_usd = usd;
    counts_.input_tokens += usage.input_tokens;
    counts_.output_tokens += usage.output_tokens;
    tokens_.give_back(chat.tokens - static_cast<double>(usage.input_tokens + usage.output_tokens));
  } else if (has_response || (!outcome.fault.empty() && outcome.was_sent)) {
    usd = reserved.usd;
  }
  spending_.settle(reserved, usd);
  counts_.spent_usd += usd;
  chat.spent_usd += usd;
  if (!answer) return take_failure(std::move(chat), outcome, answer.error());
  breaker_.on_success();
  finish(chat, std::move(answer));
}

void ChatClient::take_failure(Waiting chat, const TransferOutcome& outcome, Error error) {
  const Duration now = surroundings_.monotonic();
  if (error.code == "bad_request" && dialect_.learn(outcome.body)) {
    breaker_.on_success();
    prepare(chat);
    chat.due = now;
    waiting_.push_back(std::move(chat));
    return;
  }
  const bool has_attempts = may_succeed_again(error.code) && chat.attempts <= options_.retries;
  if (is_of_request(error.code))
    breaker_.on_success();
  else if (error.code == "rate_limited" && has_attempts)
    breaker_.on_abandoned();  // it is there
  else
    breaker_.on_failure(now);
  Duration wait = Duration::zero();
  if (outcome.retry_after && (outcome.status == 429 || outcome.status == 503)) {
    wait = *outcome.retry_after;
    paused_until_ = std::max(paused_until_, now + wait);
  }
  if (!has_attempts || wait > options_.longest_wait) return finish(chat, std::move(error));
  const double doubled = to_seconds(options_.backoff) * std::exp2(chat.attempts - 1);
  const double jittered = surroundings_.random() * std::min(doubled, to_seconds(options_.longest_wait));
  chat.last_fault = std::move(error);
  chat.due = now + wait + Duration(static_cast<int64_t>(jittered * 1e9));
  waiting_.push_back(std::move(chat));
}

std::vector<FinishedChat> ChatClient::poll(Duration wait) {
  start_due();
  if (!finished_.empty()) wait = Duration::zero();
  const Duration now = surroundings_.monotonic();
  for (const Waiting& chat : waiting_)
    if (chat.due > now) wait = std::min(wait, chat.due - now);
  for (const TransferOutcome& outcome : transfers_.poll(wait)) take(outcome);
  start_due();
  return std::exchange(finished_, {});
}

ChatClient::Counts ChatClient::counts() const {
  Counts out = counts_;
  out.times_breaker_opened = breaker_.times_opened();
  return out;
}

}  // namespace tidewatch
