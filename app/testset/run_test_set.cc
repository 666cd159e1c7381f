#include "app/testset/run_test_set.h"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include "app/evaluate/real_surroundings.h"
#include "app/testset/ideal_answer.h"
#include "stream/evaluate/chat/chat_client.h"

namespace tidewatch {
namespace {

ChatRequest request_of(const TestItem& item, const std::string& system) {
  ChatRequest out;
  if (!system.empty()) out.messages.push_back({"system", system});
  for (const auto& [role, content] : item.messages)
    if (system.empty() || (role != "system" && role != "developer")) out.messages.push_back({role, content});
  if (!item.documents.empty()) {
    std::string context = "Documents that were found for the question:";
    for (const std::string& document : item.documents) context += "\n\n" + document;
    out.messages.insert(out.messages.end() - 1, {"system", context});
  }
  if (!item.schema.empty()) {
    out.schema = item.schema;
    out.schema_name = "answer";
  }
  return out;
}

ReviewedRequest reviewed(const TestItem& item, std::string_view answer) {
  ReviewedRequest out;
  out.question = item.messages.back().content;
  for (size_t i = 0; i + 1 < item.messages.size(); ++i) {
    const auto& [role, content] = item.messages[i];
    if (role == "system" || role == "developer")
      out.system = content;
    else
      out.conversation.push_back(content);
  }
  out.answers = {answer};
  for (const std::string& document : item.documents) {
    ReviewedDocument& view = out.documents.emplace_back();
    view.text = document;
  }
  out.schema = item.schema;
  out.is_json_expected = !item.schema.empty();
  return out;
}

void judge(const TestItem& item, const RuleValidators& validators, ItemRun& into) {
  for (const auto& [rule, found] : validators.check(reviewed(item, into.answer), item.labels)) {
    if (!found.is_applicable()) continue;
    into.verdicts[rule->name] = {found.has_passed(), found.score, found.has_passed() ? "" : found.why};
  }
  if (!item.ideals.empty())
    into.verdicts[std::string(kIdealVerdict)] = {std::nullopt, ideal_overlap(into.answer, item.ideals), ""};
}

/// Judges name what they judge by a trace id; here it is the place in the set.
std::string place_id(size_t index) { return fmt::format("{:016}", index); }

Result<JudgeReport> judge_run(const TestSet& set, const JudgeOptions& options, TestRun& run) {
  if (options.rules.empty()) return JudgeReport();
  std::vector<ToJudge> requests;
  for (size_t i = 0; i < set.items.size(); ++i) {
    if (!run.items[i].error.empty()) continue;
    ToJudge& one = requests.emplace_back();
    one.texts.question = set.items[i].messages.back().content;
    one.texts.documents = set.items[i].documents;
    one.texts.answer = run.items[i].answer;
    one.labels = set.items[i].labels;
    ChosenRequest& chosen = one.as.emplace_back();
    chosen.request.set_trace_id(place_id(i));
    chosen.request.set_rate(1);
    chosen.probability = 1;
  }
  const auto take = [&](const JudgedRequest& judged) {
    const size_t index = std::stoul(judged.chosen.request.trace_id());
    run.items[index].verdicts[judged.judge] = {judged.has_passed, judged.score, judged.has_passed ? "" : judged.reason};
  };
  return judge_sample(options, std::move(requests), take, [](double) {});
}

/// Of the config or the way to the server: no other item would be answered either.
bool is_hopeless(const Error& error) {
  return error.code == "bad_key" || error.code == "not_found" || error.code == "redirected" ||
         error.code == "cap_reached";
}

}  // namespace

Result<JudgedRun> run_test_set(const TestSet& set, const RunTestSet& request,
                               const std::function<void(double)>& on_progress) {
  const auto validators = RuleValidators::make(request.rules);
  if (!validators) return validators.error();
  const Surroundings surroundings = real_surroundings();
  auto client = ChatClient::make(request.chat, surroundings);
  if (!client) return client.error();
  TestRun run;
  run.set = set.name;
  run.version = set.version;
  run.digest = set.digest();
  run.model = request.chat.model;
  run.url = request.chat.url;
  run.at = surroundings.wall();
  run.items.resize(set.items.size());

  struct Asked {
    size_t index = 0;
    Duration at{};
  };
  std::map<uint64_t, Asked> asked;
  size_t next = 0;
  size_t done = 0;
  std::optional<Error> hopeless;
  const auto end_rest = [&](const Error& error) {
    for (; next < set.items.size(); ++next, ++done) {
      run.items[next].id = set.items[next].id;
      run.items[next].error = fmt::format("{}: {}", error.code, error.message);
    }
  };
  size_t answered = 0;
  size_t failed_in_a_row = 0;
  while (done < set.items.size()) {
    while (next < set.items.size() && asked.size() < request.chat.concurrency && (*client)->room() > 0) {
      const uint64_t ticket = (*client)->submit(request_of(set.items[next], request.system));
      asked.emplace(ticket, Asked{next++, surroundings.monotonic()});
    }
    for (FinishedChat& finished : (*client)->poll(std::chrono::milliseconds(100))) {
      const auto found = asked.find(finished.ticket);
      const TestItem& item = set.items[found->second.index];
      ItemRun& into = run.items[found->second.index];
      into.id = item.id;
      into.seconds = to_seconds(surroundings.monotonic() - found->second.at);
      into.usd = finished.spent_usd;
      asked.erase(found);
      ++done;
      if (finished.answer) {
        into.answer = finished.answer->text;
        judge(item, *validators, into);
        ++answered;
        failed_in_a_row = 0;
      } else {
        const Error& error = finished.answer.error();
        into.error = fmt::format("{}: {}", error.code, error.message);
        ++failed_in_a_row;
        const bool is_away = answered == 0 && failed_in_a_row >= request.chat.concurrency;
        if (is_hopeless(error) || is_away) hopeless = error;
      }
      on_progress(static_cast<double>(done) / static_cast<double>(set.items.size()));
    }
    if (hopeless) end_rest(*hopeless);
  }
  if (answered == 0 && hopeless) return *hopeless;
  auto judged = judge_run(set, request.judge, run);
  if (!judged) return judged.error();
  return JudgedRun{std::move(run), std::move(judged).value()};
}

}  // namespace tidewatch
