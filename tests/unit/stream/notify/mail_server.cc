#include "unit/stream/notify/mail_server.h"

#include <atomic>
#include <boost/asio.hpp>
#include <mutex>
#include <thread>

namespace tidewatch {

using boost::asio::ip::tcp;

std::string ReceivedMail::header(const std::string& name) const {
  const std::string wanted = "\n" + name + ": ";
  const std::string all = "\n" + data;
  size_t at = all.find(wanted);
  if (at == std::string::npos || at > all.find("\n\n")) return {};
  std::string out;
  for (at += wanted.size(); at < all.size(); ++at) {
    if (all[at] == '\n' && all[at + 1] != ' ') break;
    if (all[at] != '\n') out += all[at];
  }
  return out;
}

struct MailServer::Impl {
  boost::asio::io_context context;
  tcp::acceptor acceptor{context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
  std::atomic<bool> is_stopping{false};
  mutable std::mutex mutex;
  std::vector<ReceivedMail> mails;
  std::string answer = "250 OK";
  std::thread thread;

  void serve(tcp::socket& socket) {
    boost::asio::streambuf buffer;
    const auto say = [&](const std::string& line) { boost::asio::write(socket, boost::asio::buffer(line + "\r\n")); };
    const auto line = [&] {
      boost::asio::read_until(socket, buffer, "\r\n");
      std::istream in(&buffer);
      std::string out;
      std::getline(in, out);
      if (!out.empty() && out.back() == '\r') out.pop_back();
      return out;
    };
    const auto between = [](const std::string& text) {
      const size_t from = text.find('<');
      return text.substr(from + 1, text.find('>') - from - 1);
    };
    say("220 test");
    ReceivedMail mail;
    for (;;) {
      const std::string command = line();
      if (command.starts_with("EHLO")) {
        say("250 test");
      } else if (command.starts_with("MAIL")) {
        mail = {};
        mail.from = between(command);
        say("250 OK");
      } else if (command.starts_with("RCPT")) {
        const std::lock_guard lock(mutex);
        mail.to.push_back(between(command));
        say(answer);
      } else if (command.starts_with("DATA")) {
        say("354 go on");
        for (std::string text = line(); text != "."; text = line())
          mail.data += (text.starts_with('.') ? text.substr(1) : text) + "\n";
        const std::lock_guard lock(mutex);
        mails.push_back(mail);
        say("250 OK");
      } else if (command.starts_with("QUIT")) {
        say("221 bye");
        return;
      } else {
        say("250 OK");
      }
    }
  }

  void run() {
    while (!is_stopping) {
      boost::system::error_code failed;
      tcp::socket socket(context);
      acceptor.accept(socket, failed);
      if (failed || is_stopping) return;
      // A client that keeps its connection for the next mail must not keep the server.
      const timeval patience{1, 0};
      ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
      try {
        serve(socket);
      } catch (const boost::system::system_error&) {  // the client has gone
      }
    }
  }
};

MailServer::MailServer() : impl_(std::make_unique<Impl>()) {
  impl_->thread = std::thread([this] { impl_->run(); });
}

MailServer::~MailServer() {
  impl_->is_stopping = true;
  boost::system::error_code ignored;
  tcp::socket wake(impl_->context);
  wake.connect(impl_->acceptor.local_endpoint(), ignored);
  impl_->thread.join();
}

std::string MailServer::url() const {
  return "smtp://127.0.0.1:" + std::to_string(impl_->acceptor.local_endpoint().port());
}

std::vector<ReceivedMail> MailServer::mails() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->mails;
}

void MailServer::answer_receivers(const std::string& answer) {
  const std::lock_guard lock(impl_->mutex);
  impl_->answer = answer;
}

}  // namespace tidewatch
