#include "app/config/tables.h"

namespace tidewatch::config {
namespace {

using namespace std::chrono_literals;

template <typename Member>
auto session(Member SessionOptions::*member) {
  return at(&Config::session, member);
}

}  // namespace

Key<Config> session_key() {
  const auto by = at(&Config::assemble, &AssembleOptions::sessions_by);
  return section<Config>(
      "session",
      Table<Config>{
          .keys = {dependent_key<decltype(by), std::vector<std::string>>(
                       "by", by, [](const Names& names) { return different_labels(names, 0); },
                       "labels that name the session of a request, the first that it has; [session, user] takes what a "
                       "user asks for one where no session is named; none: sessions are not looked at"),
                   key<Config>("gap", session(&SessionOptions::gap), duration(1min, 24h),
                               "a session ends after so long a silence"),
                   key<Config>("longest", session(&SessionOptions::longest), duration(1min, 24h * 7),
                               "sessions that go on for longer may be counted as two after a restart; at least gap"),
                   key<Config>("rephrase_within", session(&SessionOptions::rephrase_within), duration(1s, 24h),
                               "so soon after an answer a question may be a rephrasing of the one before"),
                   key<Config>("rephrase_distance", session(&SessionOptions::rephrase_distance), integer<int>(0, 64),
                               "bits in which the fingerprints of a question and its rephrasing may differ")},
          .more = {},
          .refused = {}},
      "what is a session, and what asks again");
}

}  // namespace tidewatch::config
