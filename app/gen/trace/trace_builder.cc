#include "app/gen/trace/trace_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/gen/trace/span_text.h"

namespace tidewatch::gen {
namespace {

namespace v1 = otlp::v1;

constexpr double kTokensPerCharacter = 0.25;
constexpr double kModelSigma = 0.35;  ///< of the logarithm of a model call's time, apart from its length
constexpr Duration kModelTimeout = std::chrono::seconds(30);
constexpr std::array<std::string_view, 4> kTools = {"order_status", "search_orders", "create_ticket", "refund_status"};

Duration seconds(double value) { return std::chrono::round<Duration>(std::chrono::duration<double>(value)); }

uint64_t nanoseconds(Timestamp time) { return static_cast<uint64_t>(time.time_since_epoch().count()); }

/// How a model call failed.
struct Failure {
  std::string_view type;  ///< of the exception, behind the provider's module
  std::string_view message;
};
constexpr Failure kRateLimit{"RateLimitError", "Error code: 429 - Rate limit reached"};
constexpr Failure kServerError{"InternalServerError", "Error code: 500 - The server had an error"};
constexpr Failure kTimeout{"APITimeoutError", "Request timed out."};

/// One trace in the making: a clock that the steps move on.
class Trace {
 public:
  Trace(const Request& request, Random& random, std::vector<FinishedSpan>& out)
      : request_(request), random_(random), out_(out), id_(random.bytes(16)), now_(request.at) {}

  Outcome run() {
    const size_t root =
        open(Scope::server, {}, fmt::format("POST {}", request_.endpoint.route), v1::Span::SPAN_KIND_SERVER);
    const Dialogue dialogue = draw_dialogue(request_.want, request_.endpoint.pipeline, request_.conditions, random_);
    pass(random_.log_normal(0.004, 0.4));
    int status = 200;
    if (random_.chance(request_.conditions.service_error)) {
      status = 500;
      fail(root, "DatabaseError", "could not connect to the session store");
    } else if (!answer(root, dialogue)) {
      status = failure_ == &kTimeout ? 504 : 502;
      fail(root, fmt::format("{}.{}", request_.endpoint.model.provider, failure_->type), failure_->message);
    }
    pass(random_.log_normal(0.003, 0.4));
    describe_root(root, status);
    close(root);
    return {.trace_id = id_, .end = now_, .answer = dialogue.kind, .has_failed = status != 200};
  }

 private:
  // Spans are named by index: the vector grows while they are open.
  v1::Span& span(size_t index) { return out_[index].span; }
  Attributes& attributes(size_t index) { return *span(index).mutable_attributes(); }

  size_t open(Scope scope, const std::string& parent, std::string name, v1::Span::SpanKind kind) {
    v1::Span& made = out_.emplace_back(FinishedSpan{scope, {}}).span;
    made.set_trace_id(id_);
    made.set_span_id(random_.bytes(8));
    if (!parent.empty()) made.set_parent_span_id(parent);
    made.set_name(std::move(name));
    made.set_kind(kind);
    made.set_start_time_unix_nano(nanoseconds(now_));
    return out_.size() - 1;
  }
  void close(size_t index) { span(index).set_end_time_unix_nano(nanoseconds(now_)); }
  void pass(double for_seconds) { now_ += seconds(for_seconds); }

  void fail(size_t index, std::string_view type, std::string_view message) {
    v1::Span& failed = span(index);
    set(attributes(index), "error.type", type);
    failed.mutable_status()->set_code(v1::Status::STATUS_CODE_ERROR);
    failed.mutable_status()->set_message(std::string(message));
    v1::Span::Event& event = *failed.add_events();
    event.set_name("exception");
    event.set_time_unix_nano(nanoseconds(now_));
    set(*event.mutable_attributes(), "exception.type", type);
    set(*event.mutable_attributes(), "exception.message", message);
  }

  std::string_view prompt_version() const {
    const std::string_view changed = request_.conditions.prompt_version;
    return changed.empty() ? std::string_view(request_.endpoint.prompt_version) : changed;
  }

  void describe_root(size_t root, int status) {
    Attributes& to = attributes(root);
    set(to, "http.request.method", "POST");
    set(to, "http.route", request_.endpoint.route);
    set(to, "url.path", request_.endpoint.route);
    set(to, "http.response.status_code", int64_t{status});
    set(to, "user.id", request_.user);
    set(to, "session.id", request_.session);
    set(to, "app.user.segment", request_.segment);
    set(to, "app.variant", request_.variant);
    set(to, "app.prompt.version", prompt_version());
  }

  /// The pipeline; false when a model call failed for good (failure_ says how).
  bool answer(size_t root, const Dialogue& dialogue) {
    const std::string parent = span(root).span_id();
    switch (request_.endpoint.pipeline) {
      case Pipeline::chat:
      case Pipeline::summarize:
      case Pipeline::extract:
        return call_model(parent, dialogue, 0);
      case Pipeline::rag:
        return answer_by_retrieval(parent, dialogue);
      case Pipeline::agent:
        return answer_by_agent(parent, dialogue);
    }
    return false;
  }

  bool answer_by_retrieval(const std::string& parent, const Dialogue& dialogue) {
    const size_t chain = open(Scope::application, parent, "answer_question", v1::Span::SPAN_KIND_INTERNAL);
    set(attributes(chain), "gen_ai.operation.name", "invoke_workflow");
    const std::string chain_id = span(chain).span_id();
    embed(chain_id, dialogue);
    const size_t retrieval = open(Scope::application, chain_id, "retrieval articles", v1::Span::SPAN_KIND_INTERNAL);
    pass(random_.log_normal(0.045, 0.4));
    Attributes& to = attributes(retrieval);
    set(to, "gen_ai.operation.name", "retrieval");
    set(to, "gen_ai.data_source.id", "articles");
    set(to, "app.retrieval.strategy", "hybrid-v3");
    set_documents(to, dialogue.documents);
    close(retrieval);
    double characters = 0;
    for (const Document& document : dialogue.documents) characters += static_cast<double>(document.text.size());
    const bool is_answered = call_model(chain_id, dialogue, characters * kTokensPerCharacter);
    close(chain);
    return is_answered;
  }

  void embed(const std::string& parent, const Dialogue& dialogue) {
    const size_t index = open(Scope::model, parent, "embeddings text-embedding-3-small", v1::Span::SPAN_KIND_CLIENT);
    pass(random_.log_normal(0.06, 0.3));
    Attributes& to = attributes(index);
    set(to, "gen_ai.operation.name", "embeddings");
    set(to, "gen_ai.provider.name", "openai");
    set(to, "gen_ai.request.model", "text-embedding-3-small");
    set(to, "gen_ai.response.model", "text-embedding-3-small");
    set(to, "gen_ai.usage.input_tokens", tokens(static_cast<double>(dialogue.question.size()) * kTokensPerCharacter));
    close(index);
  }

  bool answer_by_agent(const std::string& parent, const Dialogue& dialogue) {
    const size_t agent = open(Scope::application, parent, "invoke_agent support", v1::Span::SPAN_KIND_INTERNAL);
    set(attributes(agent), "gen_ai.operation.name", "invoke_agent");
    set(attributes(agent), "gen_ai.agent.name", "support");
    const std::string agent_id = span(agent).span_id();
    const double more = request_.conditions.tool_rounds - 1;  // rounds beyond the first, geometric
    size_t rounds = 1;
    while (rounds < 8 && random_.chance(more / (1 + more))) ++rounds;
    bool is_answered = true;
    for (size_t round = 0; round < rounds && is_answered; ++round) {
      const std::string_view tool = kTools[random_.below(kTools.size())];
      is_answered = call_model(agent_id, dialogue, static_cast<double>(round) * 120, tool);
      if (is_answered) run_tool(agent_id, tool);
    }
    is_answered = is_answered && call_model(agent_id, dialogue, static_cast<double>(rounds) * 120);
    close(agent);
    return is_answered;
  }

  void run_tool(const std::string& parent, std::string_view tool) {
    const size_t index =
        open(Scope::application, parent, fmt::format("execute_tool {}", tool), v1::Span::SPAN_KIND_INTERNAL);
    set(attributes(index), "gen_ai.operation.name", "execute_tool");
    set(attributes(index), "gen_ai.tool.name", tool);
    set(attributes(index), "gen_ai.tool.type", "function");
    pass(random_.log_normal(0.12, 0.6));
    if (random_.chance(request_.conditions.tool_failure)) fail(index, "ToolError", "the order system did not answer");
    close(index);
  }

  /// One model call with its retries. `tool`: the answer asks for it instead of being text.
  bool call_model(const std::string& parent, const Dialogue& dialogue, double context_tokens,
                  std::string_view tool = {}) {
    constexpr int kAttempts = 2;
    for (int attempt = 1; attempt <= kAttempts; ++attempt) {
      failure_ = draw_failure();
      attempt_model(parent, dialogue, context_tokens, tool);
      if (failure_ == nullptr) {
        if (random_.chance(request_.conditions.extra_attempts)) attempt_model(parent, dialogue, context_tokens, tool);
        return true;
      }
      if (failure_ != &kRateLimit) return false;  // clients wait and retry only when told to slow down
      pass(random_.log_normal(0.5, 0.3));
    }
    return false;
  }

  const Failure* draw_failure() {
    const std::array weights = {request_.conditions.server_error, request_.conditions.rate_limit,
                                request_.conditions.timeout};
    double at = random_.uniform();
    constexpr std::array<const Failure*, 3> kFailures = {&kServerError, &kRateLimit, &kTimeout};
    for (size_t i = 0; i < weights.size(); ++i) {
      if (at < weights[i]) return kFailures[i];
      at -= weights[i];
    }
    return nullptr;
  }

  void attempt_model(const std::string& parent, const Dialogue& dialogue, double context_tokens,
                     std::string_view tool) {
    const Model& model = request_.endpoint.model;
    const size_t index = open(Scope::model, parent, fmt::format("chat {}", model.request), v1::Span::SPAN_KIND_CLIENT);
    Attributes& to = attributes(index);
    set(to, "gen_ai.operation.name", "chat");
    set(to, "gen_ai.provider.name", model.provider);
    set(to, "gen_ai.request.model", model.request);
    if (request_.endpoint.is_streaming) set(to, "gen_ai.request.stream", true);
    set(to, "gen_ai.input.messages", input_messages(instructions(), dialogue.question));
    if (request_.endpoint.pipeline == Pipeline::extract) {
      set(to, "gen_ai.output.type", "json");
      set(to, "gen_ai.request.structured_output_schema", kOrderSchema);
    }
    if (failure_ != nullptr) {
      if (failure_ == &kTimeout) {
        now_ += kModelTimeout;
      } else {
        pass(random_.log_normal(0.15, 0.5));
      }
      fail(index, fmt::format("{}.{}", model.provider, failure_->type), failure_->message);
    } else {
      describe_answer(index, dialogue, context_tokens, tool);
    }
    close(index);
  }

  void describe_answer(size_t index, const Dialogue& dialogue, double context_tokens, std::string_view tool) {
    const Conditions& now = request_.conditions;
    const Endpoint& endpoint = request_.endpoint;
    const double question = static_cast<double>(dialogue.question.size()) * kTokensPerCharacter;
    const double written = tool.empty() ? static_cast<double>(dialogue.answer.size()) * kTokensPerCharacter : 18;
    const int64_t input =
        tokens((endpoint.prompt_tokens + context_tokens) * now.prompt_tokens * random_.log_normal(1, 0.08) + question);
    const int64_t output = tokens(written * random_.log_normal(1, 0.08));

    const double pace = endpoint.pace * request_.load_time * random_.log_normal(1, kModelSigma);
    const double first_token = 0.3 * now.first_token_time * pace;
    pass(first_token + 0.011 * static_cast<double>(output) * now.model_time * pace);

    Attributes& to = attributes(index);
    set(to, "gen_ai.response.model",
        now.response_model.empty() ? std::string_view(endpoint.model.response) : now.response_model);
    set(to, "gen_ai.response.id", fmt::format("resp-{:016x}", random_.bits()));
    const std::string_view finish = !tool.empty() ? "tool_calls" : dialogue.is_truncated ? "length" : "stop";
    set_list(to, "gen_ai.response.finish_reasons", finish);
    set(to, "gen_ai.usage.input_tokens", input);
    set(to, "gen_ai.usage.output_tokens", output);
    set(to, "gen_ai.usage.cost",
        static_cast<double>(input) * endpoint.model.usd_per_input_token +
            static_cast<double>(output) * endpoint.model.usd_per_output_token);
    if (random_.chance(0.4)) {
      set(to, "gen_ai.usage.cache_read.input_tokens", std::min(input, tokens(endpoint.prompt_tokens * 0.75)));
    }
    if (endpoint.is_streaming) set(to, "gen_ai.response.time_to_first_chunk", first_token);
    set(to, "gen_ai.output.messages",
        tool.empty() ? output_message(dialogue.answer, finish)
                     : output_tool_call(tool, fmt::format("call_{:08x}", random_.bits() >> 32U), request_.want.number));
  }

  std::string_view instructions() const {
    return request_.endpoint.pipeline == Pipeline::extract
               ? "Answer with JSON of the given schema only."
               : "You are the assistant of a shop. Answer in short sentences.";
  }

  static int64_t tokens(double count) { return std::max(int64_t{0}, int64_t{std::llround(count)}); }

  const Request& request_;
  Random& random_;
  std::vector<FinishedSpan>& out_;
  std::string id_;
  Timestamp now_;
  const Failure* failure_ = nullptr;  ///< of the last attempt
};

}  // namespace

std::string_view scope_name(Scope scope) {
  constexpr std::array<std::string_view, kScopes> kNames = {"opentelemetry.instrumentation.asgi",
                                                            "opentelemetry.util.genai.handler", "shop.application"};
  return kNames[static_cast<size_t>(scope)];
}

Outcome build_trace(const Request& request, Random& random, std::vector<FinishedSpan>& out) {
  return Trace(request, random, out).run();
}

}  // namespace tidewatch::gen
