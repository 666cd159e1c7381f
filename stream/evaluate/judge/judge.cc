#include "stream/evaluate/judge/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "detectors/core/check.h"
#include "detectors/sketch/bottom_k.h"
#include "stream/assemble/sampler.h"
#include "stream/evaluate/judge/prompt.h"

namespace tidewatch {
namespace {

constexpr uint64_t kShareSalt = 2;  ///< 0 and 1 are of the sample, 3 and 4 of the backlog

JudgePriority priority_of(const v1::EvalRequest& request) {
  const auto& targets = request.targets();
  if (request.outside_sample() || std::find(targets.begin(), targets.end(), Sampler::kReported) != targets.end())
    return JudgePriority::reported;
  return targets.empty() ? JudgePriority::random : JudgePriority::targeted;
}

/// Faults that a request may have by itself, while others are answered.
bool may_be_its_own(const std::string& code) {
  return code == "timed_out" || code == "broken_off" || code == "bad_answer" || code == "server_error";
}

bool ends_it(const std::string& code) { return code == "refused" || code == "bad_request" || code == "too_large"; }

}  // namespace

const Rubric* find_rubric(const JudgeOptions& options, const std::string& name) {
  for (const auto* known : {&options.rubrics, &built_in_rubrics()})
    for (const Rubric& rubric : *known)
      if (rubric.name == name) return &rubric;
  return nullptr;
}

Result<std::unique_ptr<Judge>> Judge::make(JudgeOptions options, Surroundings surroundings) {
  const auto bad = [](std::string message) { return Error{"bad_config", std::move(message)}; };
  if (options.chat.model.empty()) return bad("the judge has no model");
  std::set<std::string_view> names;
  for (const JudgeRule& rule : options.rules) {
    const Rubric* rubric = find_rubric(options, rule.rubric);
    if (rubric == nullptr) return bad(fmt::format("{}: there is no rubric \"{}\"", rule.name, rule.rubric));
    if (const std::string fault = fault_of(*rubric); !fault.empty())
      return bad(fmt::format("rubric {}: {}", rubric->name, fault));
    if (rule.pass_from < 0 || rule.pass_from > rubric->highest())
      return bad(
          fmt::format("{}: pass_from is a score from {} to {}", rule.name, rubric->lowest() + 1, rubric->highest()));
    if (!names.insert(rule.name).second) return bad(fmt::format("{}: a second judge of this name", rule.name));
  }
  auto client = ChatClient::make(options.chat, surroundings);
  if (!client) return client.error();
  std::unique_ptr<RulingStore> store;
  if (!options.cache_file.empty()) {
    auto opened = RulingStore::open(options.cache_file);
    if (!opened) return opened.error();
    store = std::move(opened).value();
  }
  return std::unique_ptr<Judge>(
      new Judge(std::move(options), std::move(surroundings), std::move(client).value(), std::move(store)));
}

Judge::Judge(JudgeOptions options, Surroundings surroundings, std::unique_ptr<ChatClient> client,
             std::unique_ptr<RulingStore> store)
    : options_(std::move(options)),
      surroundings_(std::move(surroundings)),
      client_(std::move(client)),
      store_(std::move(store)),
      cache_(options_.cache_entries, store_.get()),
      backlog_(options_.backlog),
      last_answered_(surroundings_.monotonic()) {
  if (store_) client_->add_earlier_spending(store_->spent_on(today()));
}

int64_t Judge::today() const {
  return std::chrono::floor<std::chrono::days>(surroundings_.wall()).time_since_epoch().count();
}

std::string Judge::nonce(const JudgedTexts& texts) {
  for (;;) {
    const auto half = [&] { return static_cast<uint32_t>(surroundings_.random() * 4294967296.0); };
    std::string out = fmt::format("{:08x}{:08x}", half(), half());
    if (!is_in_texts(out, texts)) return out;
  }
}

size_t Judge::submit(const JudgedTexts& texts, const Labels& labels, const ChosenRequest& chosen) {
  std::shared_ptr<const JudgedTexts> ready;
  const uint64_t before = last_job_;
  for (const JudgeRule& rule : options_.rules) {
    if (!applies_to(rule.where, labels)) continue;
    if (!ready) ready = std::make_shared<const JudgedTexts>(ready_to_send(texts, options_.limits));
    accept(rule, ready, chosen, /*is_comparison=*/false);
  }
  return last_job_ - before;
}

const JudgeRule& Judge::rule_named(std::string_view judge) const {
  const auto rule = std::find_if(options_.rules.begin(), options_.rules.end(),
                                 [&](const JudgeRule& known) { return known.name == judge; });
  TW_CHECK(rule != options_.rules.end(), judge);
  return *rule;
}

void Judge::submit_to(std::string_view judge, const JudgedTexts& texts, const ChosenRequest& chosen) {
  accept(rule_named(judge), std::make_shared<const JudgedTexts>(ready_to_send(texts, options_.limits)), chosen,
         /*is_comparison=*/false);
}

void Judge::compare(std::string_view judge, const JudgedTexts& texts, const ChosenRequest& chosen) {
  accept(rule_named(judge), std::make_shared<const JudgedTexts>(ready_to_send(texts, options_.limits)), chosen,
         /*is_comparison=*/true);
}

void Judge::accept(const JudgeRule& rule, std::shared_ptr<const JudgedTexts> texts, const ChosenRequest& chosen,
                   bool is_comparison) {
  const v1::EvalRequest& request = chosen.request;
  const std::string id = request.trace_id() + "/" + rule.name;
  const JudgePriority priority = priority_of(request);
  const double share = priority == JudgePriority::reported ? 1 : rule.share;
  if (share < 1 && sampling_rank(id, kShareSalt) >= share) return;

  const uint64_t number = ++last_job_;
  Job& job = jobs_[number];
  job.rule = &rule;
  job.rubric = find_rubric(options_, rule.rubric);
  job.is_comparison = is_comparison;
  job.out.judge = rule.name;
  job.out.evaluator = fmt::format("{}/{}@{}", options_.chat.model, job.rubric->name, job.rubric->version);
  job.out.chosen = chosen;
  if (chosen.probability) job.out.probability = *chosen.probability * share;
  const Timestamp period = options_.is_batch ? Timestamp() : Timestamp(Duration(request.period_unix_nano()));
  job.unit = {number, id, priority, chosen.probability.has_value(), period, surroundings_.monotonic(), 1, 0};
  if (texts->answer.empty()) return end(number, "not_applicable", "the answer is empty");
  if (is_comparison && texts->other_answer.empty()) return end(number, "not_applicable", "the other answer is empty");
  if (job.rubric->needs_question && texts->question.empty())
    return end(number, "not_applicable", "no question was recorded");
  if (job.rubric->needs_documents && texts->documents.empty())
    return end(number, "not_applicable", "nothing was retrieved");
  job.key = content_key(options_.chat.model, *job.rubric, *texts);
  job.texts = std::move(texts);
  backlog_.offer(job.unit);
  end_left();
}

void Judge::end(uint64_t id, std::string unjudged, std::string reason) {
  const auto at = jobs_.find(id);
  JudgedRequest& out = at->second.out;
  out.unjudged = std::move(unjudged);
  out.reason = std::move(reason);
  for (const Ask& ask : at->second.asks) job_of_.erase(ask.ticket);
  finished_.push_back(std::move(out));
  jobs_.erase(at);
}

void Judge::end_left() {
  for (const JudgeBacklog::Left& left : backlog_.take_left())
    end(left.unit.job, left.reason == JudgeBacklog::Reason::expired ? "expired" : "over_capacity");
}

void Judge::start_what_fits() {
  backlog_.expire(surroundings_.monotonic());
  end_left();
  while (client_->room() > 0) {
    auto unit = backlog_.take();
    if (!unit) return;
    Job& job = jobs_.at(unit->job);
    job.unit = std::move(*unit);
    if (const auto known = cache_.find(job.key)) {
      ++counts_.cache_hits;
      job.out.is_from_cache = true;
      settle(job.unit.job, job, *known);
      continue;
    }
    send(job.unit.job, job);
  }
}

void Judge::send(uint64_t id, Job& job) {
  if (job.asks.empty()) {
    job.answered_before = answered_;
    const std::string guard = nonce(*job.texts);
    if (job.is_comparison) {
      for (const bool is_swapped : {false, true})
        job.asks.push_back({0, comparison_prompt(*job.rubric, *job.texts, guard, is_swapped), is_swapped, false, {}});
    } else {
      job.asks.push_back({0, judge_prompt(*job.rubric, *job.texts, guard), false, false, {}});
    }
  }
  for (Ask& ask : job.asks)
    if (!ask.ruling) send(id, ask);
}

void Judge::send(uint64_t id, Ask& ask) {
  ask.ticket = client_->submit(ask.request);
  job_of_[ask.ticket] = id;
}

void Judge::take(FinishedChat chat) {
  if (store_ && chat.spent_usd > 0) store_->add_spent(today(), chat.spent_usd);
  if (chat.answer || ends_it(chat.answer.error().code)) {
    ++answered_;
    last_answered_ = surroundings_.monotonic();
  } else {
    last_fault_ = chat.answer.error();
  }
  const auto known = job_of_.find(chat.ticket);
  if (known == job_of_.end()) return;  // its other half ended it
  const uint64_t id = known->second;
  job_of_.erase(known);
  Job& job = jobs_.at(id);
  job.out.spent_usd += chat.spent_usd;
  if (!chat.answer) return take_failure(id, job, chat.answer.error());
  const auto ask =
      std::find_if(job.asks.begin(), job.asks.end(), [&](const Ask& a) { return a.ticket == chat.ticket; });
  if (!take_answer(id, job, *ask, *chat.answer)) return;
  if (std::all_of(job.asks.begin(), job.asks.end(), [](const Ask& a) { return a.ruling.has_value(); })) rule(id, job);
}

void Judge::take_failure(uint64_t id, Job& job, const Error& error) {
  if (may_be_its_own(error.code)) ++job.unit.faults;
  // A batch comes to an end: nothing more may be asked that could tell.
  const bool are_others_answered = answered_ > (options_.is_batch ? 0 : job.answered_before);
  const bool is_its_own = job.unit.faults > 1 && are_others_answered;
  if (ends_it(error.code) || is_its_own) return end(id, error.code, error.message);
  for (const Ask& ask : job.asks) job_of_.erase(ask.ticket);
  backlog_.give_back(job.unit);
  end_left();
}

bool Judge::take_answer(uint64_t id, Job& job, Ask& ask, const ChatAnswer& answer) {
  auto ruling = job.is_comparison ? read_comparison(answer.text) : read_ruling(*job.rubric, answer.text);
  if (ruling) {
    ask.ruling = std::move(ruling).value();
    return true;
  }
  if (answer.was_cut_off) {
    end(id, "cut_off", "the judge's answer did not fit into its max_tokens");
  } else if (ask.was_repaired) {
    end(id, "unreadable", ruling.error().message);
  } else {
    ask.was_repaired = true;
    job.out.was_repaired = true;
    ++counts_.repaired;
    ask.request = repair_prompt(std::move(ask.request), answer.text, ruling.error().message);
    send(id, ask);
  }
  return false;
}

void Judge::rule(uint64_t id, Job& job) {
  Ruling ruling = *job.asks.front().ruling;
  if (job.is_comparison) {
    // In the second order the first place is the other answer's.
    const Ruling& swapped = *job.asks.back().ruling;
    const int other = swapped.level == 0 ? 0 : 3 - swapped.level;
    if (ruling.level != other) {
      ruling.reason = fmt::format("both orders disagree: {} / {}", ruling.reason, swapped.reason);
      ruling.level = 3;  // a tie that is none
    }
  }
  cache_.put(job.key, ruling);
  settle(id, job, ruling);
}

void Judge::settle(uint64_t id, Job& job, const Ruling& ruling) {
  JudgedRequest& out = job.out;
  if (job.is_comparison) {
    out.was_inconsistent = ruling.level == 3;
    out.score = ruling.level == 1 ? 1 : ruling.level == 2 ? 0 : 0.5;
    out.has_passed = out.score >= 0.5;
  } else {
    out.score = job.rubric->score_of(ruling.level);
    out.has_passed = ruling.level >= (job.rule->pass_from > 0 ? job.rule->pass_from : job.rubric->passes_from());
  }
  if (!job.unit.is_counted)
    out.probability.reset();
  else if (out.probability)
    out.probability = *out.probability * job.unit.kept;
  end(id, "", ruling.reason);
}

std::vector<JudgedRequest> Judge::poll(Duration wait) {
  start_what_fits();
  for (FinishedChat& chat : client_->poll(finished_.empty() ? wait : Duration::zero())) take(std::move(chat));
  start_what_fits();
  return std::exchange(finished_, {});
}

void Judge::give_up(const std::string& reason) {
  while (!jobs_.empty()) end(jobs_.begin()->first, reason);
  static_cast<void>(backlog_.take_all());
}

Judge::Counts Judge::counts() const {
  Counts out = counts_;
  out.left_sample = backlog_.left_sample();
  out.chat = client_->counts();
  return out;
}

}  // namespace tidewatch
