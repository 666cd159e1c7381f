#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "detectors/core/time.h"

namespace tidewatch {

struct HttpPost {
  std::string url;
  std::vector<std::string> headers;  ///< "Name: value"
  std::string body;
  Duration connect_timeout{};
  Duration timeout{};
  size_t max_bytes = 0;  ///< of the response
};

/// A text to people, sent by SMTP.
struct Mail {
  std::string url;   ///< smtp://host:port, or smtps:// for a connection that begins with TLS
  std::string user;  ///< empty: no login
  std::string password;
  bool needs_tls = false;  ///< of smtp://: nothing is sent unless the server offers STARTTLS
  std::string from;        ///< addresses, as the server is told
  std::vector<std::string> to;
  std::vector<std::string> headers;  ///< of the message: "Subject: text"; MIME's are added
  std::string text;                  ///< plain, UTF-8
  Duration connect_timeout{};
  Duration timeout{};
};

struct TransferOutcome {
  uint64_t id = 0;
  int status = 0;  ///< of HTTP or SMTP; 0: no response
  std::string body;
  std::string fault;  ///< empty; or `timed_out`, `unreachable`, `broken_off`, `too_large`
  std::string detail;
  std::optional<Duration> retry_after;  ///< of the header, in either of its forms
  bool was_sent = false;                ///< a connection was made: the server may have worked on it
};

/// Requests under way, driven by poll() in the thread that calls it (libcurl's multi interface). Redirections are not
/// followed, other protocols than HTTP, HTTPS and SMTP not spoken; certificates are checked.
class Transfers {
 public:
  Transfers();
  ~Transfers();  ///< gives up what is under way
  Transfers(const Transfers&) = delete;
  Transfers& operator=(const Transfers&) = delete;

  void start(uint64_t id, HttpPost post);  ///< does not block; ids must differ
  void start(uint64_t id, Mail mail);      ///< the same
  /// Moves all on, waiting for at most `wait` until something happens. Those that have ended.
  std::vector<TransferOutcome> poll(Duration wait);
  size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidewatch
