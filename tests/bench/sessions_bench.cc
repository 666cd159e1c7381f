// How well rephrasings and abandoned sessions are told, on sessions of `tidewatch gen` whose truth is known.
//
// Usage: sessions_bench [--quick]
// Traffic runs through observe, assemble and session as in `tidewatch run`; what the session stage says of each pair of
// turns and each session is held against what the simulated user meant. The distance at which a question counts as a
// rephrasing is looked for on some seeds, and the default reported on others. Intervals are 95 % (Wilson) as if turns
// were independent.

#include <fmt/format.h>

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/config.h"
#include "app/flow.h"
#include "app/gen/simulator.h"
#include "detectors/estimate/interval.h"
#include "stream/runtime/local_runner.h"
#include "stream/session/rephrase.h"
#include "stream/session/session.h"
#include "stream/signals/fingerprint.h"
#include "tests/unit/stream/signals/labelled.h"

namespace tidewatch {
namespace {

constexpr std::array kRewordings = {gen::Rewording::none, gen::Rewording::verbatim, gen::Rewording::insisting,
                                    gen::Rewording::edited, gen::Rewording::other_words};

/// A question that followed an answer in its session.
struct Pair {
  gen::Rewording truth = gen::Rewording::none;
  int of_words = 64;
  int nearer = 64;  ///< of words and content words
  bool has_other_numbers = false;
  bool is_soon = false;
  bool is_rephrase = false;  ///< what the stage says
};

struct SessionVerdict {
  bool is_given_up = false;  ///< truth: it ended with its first answer, because of it
  bool is_abandoned = false;
};

std::string with_interval(int hits, int of) {
  constexpr double kQuantile = 1.959964;
  const auto n = static_cast<double>(of);
  const double share = static_cast<double>(hits) / n;
  const Interval interval = wilson(share, n, kQuantile);
  return fmt::format("{:.3f} ({:.3f}..{:.3f}, n {})", share, interval.low, interval.high, of);
}

std::string precision_of(const Agreement& a) {
  return with_interval(a.true_positive, a.true_positive + a.false_positive);
}
std::string recall_of(const Agreement& a) { return with_interval(a.true_positive, a.true_positive + a.false_negative); }

/// What the session stage said, with the truth of it.
struct Judged {
  std::vector<Pair> pairs;
  std::vector<SessionVerdict> sessions;
};

class Run {
 public:
  Run(uint64_t seed, double hours) : seed_(seed), hours_(hours) {}

  Judged judge() {
    run();
    Judged out;
    for (const auto& [trace, truth] : rewordings_) {
      const auto found = pairs_.find(trace);
      // Of overlapping requests, or with a silence before it: the stage says nothing, and misses a rephrasing.
      if (found == pairs_.end() && truth == gen::Rewording::none) continue;
      out.pairs.push_back(found == pairs_.end() ? Pair() : found->second);
      out.pairs.back().truth = truth;
    }
    for (const auto& [trace, is_given_up] : first_turns_) {
      const auto said = ends_.find(trace);
      if (said == ends_.end()) continue;  // its end is behind that of the traffic
      out.sessions.push_back({is_given_up, said->second});
    }
    return out;
  }

 private:
  void run() {
    const Config config = default_config();
    auto stages = make_flow(config).value();
    stages.pop_back();  // nothing is judged by detect
    stages.back().make = [&]() -> std::unique_ptr<Stage> {
      return std::make_unique<Session>(config.session, observer(config.session));
    };
    LocalRunner::Options options;
    options.keep_history = false;
    options.waits_for_sources = true;
    std::map<Stream, int32_t> inputs;
    for (const Stream input : stages.front().inputs) inputs[input] = 1;
    LocalRunner runner(options, std::move(stages), inputs);
    gen::GenOptions traffic;
    traffic.scenario = "quiet-week";
    traffic.hours = hours_;
    traffic.history = 0;
    traffic.rate = 30;
    traffic.seed = seed_;
    const auto simulator = gen::Simulator::create(traffic, OtlpEncoding::protobuf);
    size_t sent = 0;
    for (const Stream unused : {Stream::logs, Stream::evaluations}) runner.end_input(unused, 0);
    simulator.value().run(
        [&](const gen::Emission& emission) {
          const Stream to = emission.stream == gen::Stream::traces ? Stream::traces : Stream::feedback;
          runner.append(to, 0, {emission.key, emission.payload, {}, emission.export_time});
          if (++sent % 256 == 0) step(runner);
          return true;
        },
        [&](const gen::Session& session) {
          for (const auto& turn : session.turns) rewordings_[turn.trace_id] = turn.rewording;
          first_turns_[session.turns.front().trace_id] = session.turns.size() == 1 && session.is_given_up;
        });
    step(runner);
    runner.end_input();
    step(runner);
  }

  static void step(LocalRunner& runner) {
    runner.run();
    static_cast<void>(runner.take_records(Stream::partials));
  }

  Session::Observer observer(const SessionOptions& options) {
    Session::Observer out;
    out.on_follow_up = [this, options](const std::string&, const FollowUp& follow_up) {
      const auto distance = question_distance(follow_up.answer, follow_up.next);
      if (!distance) return;
      pairs_[follow_up.next.trace_id] = {
          .truth = gen::Rewording::none,
          .of_words = fingerprint_distance(*follow_up.answer.fingerprint, *follow_up.next.fingerprint),
          .nearer = *distance,
          .has_other_numbers = names_other_numbers(follow_up.answer, follow_up.next),
          .is_soon = follow_up.next.start - follow_up.answer.end <= options.rephrase_within,
          .is_rephrase = follow_up.is_rephrase.value_or(false)};
    };
    out.on_end = [this](const std::string&, const SessionEnd& end) { ends_[end.first.trace_id] = end.is_abandoned(); };
    return out;
  }

  uint64_t seed_;
  double hours_;
  std::map<std::string, Pair> pairs_;  ///< by trace id of the second turn
  std::map<std::string, bool> ends_;   ///< whether it was abandoned, by trace id of the first turn
  std::map<std::string, gen::Rewording> rewordings_;
  std::map<std::string, bool> first_turns_;
};

Judged of_seeds(uint64_t first, uint64_t last, double hours) {
  Judged out;
  for (uint64_t seed = first; seed <= last; ++seed) {
    Judged one = Run(seed, hours).judge();
    out.pairs.insert(out.pairs.end(), one.pairs.begin(), one.pairs.end());
    out.sessions.insert(out.sessions.end(), one.sessions.begin(), one.sessions.end());
  }
  return out;
}

Agreement counted(const std::vector<Pair>& pairs, const std::function<bool(const Pair&)>& said) {
  Agreement out;
  for (const Pair& pair : pairs) out.add(said(pair), pair.truth != gen::Rewording::none);
  return out;
}

void look_for_distance(const std::vector<Pair>& pairs) {
  fmt::print("Rephrasings by the largest distance, seeds to choose from: precision / recall / F1\n\n");
  fmt::print(
      "| bits | words | words, not of other numbers | words or content, not of other numbers |\n|---|---|---|---|\n");
  const auto cell = [](const Agreement& c) {
    return fmt::format("{:.3f} / {:.3f} / {:.3f}", c.precision(), c.recall(), c.f1());
  };
  for (int bits = 0; bits <= 28; bits += 1) {
    if (bits > 0 && bits < 10 && bits % 4 != 0) continue;
    fmt::print(
        "| {} | {} | {} | {} |\n", bits,
        cell(counted(pairs, [&](const Pair& p) { return p.is_soon && p.of_words <= bits; })),
        cell(counted(pairs, [&](const Pair& p) { return p.is_soon && !p.has_other_numbers && p.of_words <= bits; })),
        cell(counted(pairs, [&](const Pair& p) { return p.is_soon && !p.has_other_numbers && p.nearer <= bits; })));
  }
}

void report(const Judged& judged) {
  const Agreement c = counted(judged.pairs, [](const Pair& p) { return p.is_rephrase; });
  fmt::print("\nOther seeds, as the stage says by default\n\n");
  fmt::print("rephrasings: precision {}, recall {}, F1 {:.3f}\n", precision_of(c), recall_of(c), c.f1());
  for (const auto rewording : kRewordings) {
    int all = 0;
    int said = 0;
    for (const Pair& pair : judged.pairs) {
      if (pair.truth != rewording) continue;
      ++all;
      said += pair.is_rephrase ? 1 : 0;
    }
    fmt::print("  said to be one, of {}: {}\n", name_of(rewording), with_interval(said, all));
  }
  Agreement abandoned;
  for (const auto& session : judged.sessions) abandoned.add(session.is_abandoned, session.is_given_up);
  fmt::print("abandoned after the first answer: precision {}, recall {}, F1 {:.3f}, of {} sessions\n",
             precision_of(abandoned), recall_of(abandoned), abandoned.f1(), judged.sessions.size());
}

}  // namespace
}  // namespace tidewatch

int main(int argc, char** argv) {
  const bool is_quick = argc > 1 && std::string_view(argv[1]) == "--quick";
  const double hours = is_quick ? 2 : 6;
  tidewatch::look_for_distance(tidewatch::of_seeds(1, is_quick ? 1 : 3, hours).pairs);
  tidewatch::report(tidewatch::of_seeds(11, is_quick ? 11 : 15, hours));
}
