#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tidewatch {

/// A mail as a server takes it.
struct ReceivedMail {
  std::string from;
  std::vector<std::string> to;
  std::string data;  ///< headers and text, with line ends of "\n"
  /// Value of a header, folded lines joined; empty: there is none.
  std::string header(const std::string& name) const;
};

/// An SMTP server for tests, on a free port of 127.0.0.1: one connection at a time, no TLS, no login.
class MailServer {
 public:
  MailServer();
  ~MailServer();
  MailServer(const MailServer&) = delete;
  MailServer& operator=(const MailServer&) = delete;

  std::string url() const;  ///< "smtp://127.0.0.1:<port>"
  std::vector<ReceivedMail> mails() const;
  /// What receivers are answered from now on: "250 OK", "550 no such user", ...
  void answer_receivers(const std::string& answer);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidewatch
