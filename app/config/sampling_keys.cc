#include "app/config/tables.h"

namespace tidewatch::config {
namespace {

using namespace std::chrono_literals;

template <typename Member>
auto sampling(Member SamplingOptions::*member) {
  return at(&Config::assemble, &AssembleOptions::sampling, member);
}

using Targets = std::vector<SamplingTarget>;

Type<Targets> targets(const Names& names) {
  const Table<SamplingTarget> table = {
      .keys = {required(key<SamplingTarget>("where", at(&SamplingTarget::where), matchers(names),
                                            "conditions that must all hold, of the request as a whole")),
               key<SamplingTarget>("rate", at(&SamplingTarget::rate), share(range(1e-6, 1)), "share of them")},
      .more = {},
      .refused = {}};
  return list_by_name(record(table), "a map of targets by name");
}

}  // namespace

Key<Config> sampling_key() {
  const auto strata = sampling(&SamplingOptions::strata);
  const auto sought = sampling(&SamplingOptions::targets);
  return section<Config>(
      "sampling",
      Table<Config>{
          .keys = {key<Config>("random", sampling(&SamplingOptions::random), share(range(0, 1)),
                               "share of all requests; those that users report are always chosen where any are"),
                   dependent_key<decltype(strata), std::vector<std::string>>(
                       "strata", strata, [](const Names& names) { return different_labels(names, 0); },
                       "labels whose values divide the requests into strata"),
                   key<Config>("min_per_stratum", sampling(&SamplingOptions::minimum_per_hour), number(range(0, 1e6)),
                               "at least so many an hour of each stratum, or all there are"),
                   dependent_key<decltype(sought), Targets>("targets", sought, targets,
                                                            "requests that are looked at more closely"),
                   key<Config>("period", sampling(&SamplingOptions::period), duration(1s, 24h),
                               "requests are chosen when so much time has passed; at most half of trace.join_horizon"),
                   key<Config>("budget", sampling(&SamplingOptions::budget_per_hour), number(range(0, 1e9)),
                               "evaluations an hour, of all strata together; 0: no limit")},
          .more = {},
          .refused = {}},
      "which requests are chosen for evaluation");
}

}  // namespace tidewatch::config
