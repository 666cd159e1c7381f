#include "app/evaluate/canary.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "stream/publish/encoder.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

using Json = nlohmann::json;

Error at_line(const std::string& path, uint64_t line, std::string_view why) {
  return {"bad_data", fmt::format("{}:{}: {}", path, line, why)};
}

/// Each line of a file that is a JSON object. `take`: empty, or what is wrong with it.
Status for_each_object(const std::string& path, std::ifstream& file,
                       const std::function<std::string(const Json&)>& take) {
  uint64_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const Json object = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object()) return at_line(path, number, "no JSON object");
    try {
      if (const std::string fault = take(object); !fault.empty()) return at_line(path, number, fault);
    } catch (const Json::exception& error) {
      return at_line(path, number, error.what());
    }
  }
  return ok_status();
}

/// Scores of one evaluator's runs, by the time of the run and the canary's id.
using Runs = std::map<int64_t, std::map<std::string, double>>;

Result<std::map<std::string, Runs>> read_history(const std::string& path) {
  std::map<std::string, Runs> out;
  std::ifstream file(path);
  if (!file) return out;  // the first run
  const auto read = for_each_object(path, file, [&](const Json& line) {
    const std::string judge =
        fmt::format("{} {}", line.at("judge").get<std::string>(), line.at("evaluator").get<std::string>());
    out[judge][line.at("time").get<int64_t>()][line.at("id").get<std::string>()] = line.at("score").get<double>();
    return std::string();
  });
  if (!read) return read.error();
  return out;
}

PairedChange since_first(const Runs& runs, const std::map<std::string, double>& now, size_t& compared) {
  std::map<std::string, std::pair<double, double>> first;  // sum and count by id
  for (const auto& [time, scores] : runs) {
    if (compared == kFirstRuns) break;
    ++compared;
    for (const auto& [id, score] : scores) {
      first[id].first += score;
      first[id].second += 1;
    }
  }
  std::vector<double> before;
  std::vector<double> after;
  for (const auto& [id, score] : now)
    if (const auto known = first.find(id); known != first.end()) {
      before.push_back(known->second.first / known->second.second);
      after.push_back(score);
    }
  return paired_change(before, after);
}

v1::EvaluationEvent event_of(const JudgedRequest& judgement, const Canary& canary, Timestamp now) {
  v1::EvaluationEvent out;
  out.set_id(fmt::format("tidewatch/canary/{}/{}/{}", canary.judge, canary.id, now.time_since_epoch().count()));
  *out.mutable_time() = to_proto(now);
  out.set_session("tidewatch-canary/" + canary.id);
  out.set_name("judge_canary_" + canary.judge);
  out.set_score(judgement.score);
  out.set_passed(judgement.has_passed == canary.passed);
  out.set_evaluator(judgement.evaluator);
  (*out.mutable_labels())["service"] = "tidewatch-judge";
  return out;
}

}  // namespace

bool CanaryResult::has_drifted() const { return since_then.p_value < kDriftChance; }

Result<std::vector<Canary>> read_canaries(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Error{"open_failed", fmt::format("{}: cannot be opened", path)};
  std::vector<Canary> out;
  std::set<std::string> seen;
  const auto read = for_each_object(path, file, [&](const Json& line) -> std::string {
    for (const auto& [key, value] : line.items())
      if (key != "id" && key != "judge" && key != "answer" && key != "passed" && key != "question" &&
          key != "documents")
        return fmt::format("{} is no key of a canary", key);
    Canary& canary = out.emplace_back();
    canary.id = line.at("id").get<std::string>();
    canary.judge = line.at("judge").get<std::string>();
    canary.texts.answer = line.at("answer").get<std::string>();
    canary.passed = line.at("passed").get<bool>();
    canary.texts.question = line.value("question", "");
    canary.texts.documents = line.value("documents", std::vector<std::string>());
    if (!seen.insert(canary.judge + "\n" + canary.id).second)
      return fmt::format("{} has a second canary \"{}\"", canary.judge, canary.id);
    return {};
  });
  if (!read) return read.error();
  return out;
}

Result<CanaryReport> run_canaries(const CanaryRequest& request, const std::function<void(double)>& on_progress) {
  auto canaries = read_canaries(request.canaries);
  if (!canaries) return canaries.error();
  auto history = read_history(request.history);
  if (!history) return history.error();
  JudgeOptions options = request.config.judge;
  options.cache_entries = 0;  // what was said before is not what it says now
  options.cache_file.clear();
  std::vector<ToJudge> to_judge;
  for (size_t i = 0; i < canaries->size(); ++i) {
    const Canary& canary = canaries.value()[i];
    const bool is_known = std::any_of(options.rules.begin(), options.rules.end(),
                                      [&](const JudgeRule& rule) { return rule.name == canary.judge; });
    if (!is_known)
      return Error{"bad_data", fmt::format("{}: the config has no judge \"{}\"", request.canaries, canary.judge)};
    ToJudge& one = to_judge.emplace_back();
    one.only = canary.judge;
    one.texts = canary.texts;
    one.as.emplace_back().request.set_outside_sample(true);
    one.as.front().request.set_trace_id(std::to_string(i));
  }
  std::ofstream out(request.out);
  std::ofstream more(request.history, std::ios::app);
  if (!out || !more)
    return Error{"write_failed", fmt::format("{}: cannot be written", !out ? request.out : request.history)};

  std::map<std::string, CanaryResult> results;
  std::map<std::string, std::map<std::string, double>> scores;
  const int64_t time = request.now.time_since_epoch().count();
  const auto on_judgement = [&](const JudgedRequest& one) {
    const Canary& canary = canaries.value()[std::stoul(one.chosen.request.trace_id())];
    CanaryResult& result = results[canary.judge];
    result.evaluator = one.evaluator;
    ++result.judged;
    if (one.has_passed == canary.passed) ++result.as_expected;
    scores[canary.judge][canary.id] = one.score;
    out << encode(event_of(one, canary, request.now), WireFormat::json) << '\n';
    more << Json{{"time", time},
                 {"judge", canary.judge},
                 {"evaluator", one.evaluator},
                 {"id", canary.id},
                 {"score", one.score}}
                .dump()
         << '\n';
  };
  auto judged = judge_sample(std::move(options), std::move(to_judge), on_judgement, on_progress);
  if (!judged) return judged.error();
  out.close();
  more.close();
  if (!out || !more) return Error{"write_failed", fmt::format("{}: cannot be written", request.out)};

  CanaryReport report;
  report.ended_early = judged->ended_early;
  for (const JudgedSummary& summary : judged->judges) {
    const auto result = results.find(summary.name);
    uint64_t unjudged = summary.not_applicable;
    for (const auto& [reason, count] : summary.unjudged) unjudged += count;
    if (result == results.end() && unjudged == 0) continue;  // it has no canaries
    CanaryResult& one = report.judges.emplace_back(result == results.end() ? CanaryResult() : result->second);
    one.judge = summary.name;
    one.unjudged = unjudged;
    one.since_then = since_first(history.value()[one.judge + " " + one.evaluator], scores[one.judge], one.runs_before);
  }
  return report;
}

}  // namespace tidewatch
