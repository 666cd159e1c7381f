#include "tests/fake_model/fake_model_server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace tidewatch::fake_model {
namespace {

using Json = nlohmann::json;

FakeModelServer::Answer in_order(std::vector<FakeReply> replies) {
  return [replies = std::move(replies), next = size_t{0}](const FakeCall&) mutable {
    return replies.at(std::min(next++, replies.size() - 1));
  };
}

}  // namespace

std::string completion(const std::string& text, int input_tokens, int output_tokens, const std::string& finish_reason) {
  return Json{{"id", "fake"},
              {"object", "chat.completion"},
              {"model", "fake-model"},
              {"choices", Json::array({{{"index", 0},
                                        {"finish_reason", finish_reason},
                                        {"message", {{"role", "assistant"}, {"content", text}}}}})},
              {"usage", {{"prompt_tokens", input_tokens}, {"completion_tokens", output_tokens}}}}
      .dump();
}

FakeReply says(const std::string& text) { return {.status = 200, .body = completion(text), .headers = {}}; }

FakeReply fails(int status, const std::string& message, std::map<std::string, std::string> headers) {
  return {.status = status, .body = Json{{"error", {{"message", message}}}}.dump(), .headers = std::move(headers)};
}

FakeReply with_fault(FakeReply::Fault fault) {
  FakeReply out = says(R"({"reason": "a fake", "score": 3})");
  out.fault = fault;
  return out;
}

struct FakeModelServer::Impl {
  /// The body of a response on its way.
  struct Sending {
    Impl* server = nullptr;
    std::string body;
    FakeReply::Fault fault = FakeReply::Fault::none;
  };

  Answer answer;
  MHD_Daemon* daemon = nullptr;
  mutable std::mutex mutex;
  std::condition_variable stopping;
  bool is_stopping = false;
  std::vector<FakeCall> calls;

  void wait(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex);
    stopping.wait_for(lock, time, [&] { return is_stopping; });
  }

  static ssize_t on_read(void* sending, uint64_t at, char* out, size_t most) {
    const auto& from = *static_cast<Sending*>(sending);
    if (from.fault == FakeReply::Fault::hang) {
      std::unique_lock lock(from.server->mutex);
      from.server->stopping.wait(lock, [&] { return from.server->is_stopping; });
      return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    size_t size = std::min(most, from.body.size() - at);
    if (from.fault == FakeReply::Fault::drip) {
      from.server->wait(std::chrono::milliseconds(20));
      size = std::min<size_t>(size, 1);
    }
    if (from.fault == FakeReply::Fault::broken_off) {
      if (at >= from.body.size() / 2) return MHD_CONTENT_READER_END_WITH_ERROR;
      size = std::min(size, from.body.size() / 2 - at);
    }
    std::copy_n(from.body.data() + at, size, out);
    return static_cast<ssize_t>(size);
  }

  MHD_Result reply(MHD_Connection* connection, const FakeReply& with) {
    auto* sending = new Sending{this, with.body, with.fault};
    MHD_Response* out = MHD_create_response_from_callback(with.body.size(), 4096, &Impl::on_read, sending,
                                                          [](void* given) { delete static_cast<Sending*>(given); });
    MHD_add_response_header(out, "Content-Type", "application/json");
    for (const auto& [name, value] : with.headers) MHD_add_response_header(out, name.c_str(), value.c_str());
    const MHD_Result result = MHD_queue_response(connection, static_cast<unsigned>(with.status), out);
    MHD_destroy_response(out);
    return result;
  }

  static MHD_Result on_header(void* headers, MHD_ValueKind, const char* name, const char* value) {
    std::string key = name;
    for (char& c : key) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    (*static_cast<std::map<std::string, std::string>*>(headers))[key] = value == nullptr ? "" : value;
    return MHD_YES;
  }

  static MHD_Result on_request(void* server, MHD_Connection* connection, const char* path, const char*, const char*,
                               const char* data, size_t* size, void** state) {
    auto& self = *static_cast<Impl*>(server);
    if (*state == nullptr) {
      *state = new FakeCall{path, {}, {}};
      return MHD_YES;
    }
    auto& call = *static_cast<FakeCall*>(*state);
    if (*size > 0) {
      call.body.append(data, *size);
      *size = 0;
      return MHD_YES;
    }
    MHD_get_connection_values(connection, MHD_HEADER_KIND, &Impl::on_header, &call.headers);
    FakeReply with;
    {
      const std::lock_guard lock(self.mutex);
      self.calls.push_back(call);
      with = self.answer(call);
    }
    return self.reply(connection, with);
  }

  static void on_done(void*, MHD_Connection*, void** state, MHD_RequestTerminationCode) {
    delete static_cast<FakeCall*>(*state);
    *state = nullptr;
  }
};

FakeModelServer::FakeModelServer(Answer answer) : impl_(std::make_unique<Impl>()) {
  impl_->answer = std::move(answer);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  impl_->daemon = MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, 0, nullptr, nullptr,
                                   &Impl::on_request, impl_.get(), MHD_OPTION_SOCK_ADDR, &where,
                                   MHD_OPTION_NOTIFY_COMPLETED, &Impl::on_done, nullptr, MHD_OPTION_END);
  if (impl_->daemon == nullptr) throw std::runtime_error("the fake model server could not listen");
}

FakeModelServer::FakeModelServer(std::vector<FakeReply> replies) : FakeModelServer(in_order(std::move(replies))) {}

FakeModelServer::~FakeModelServer() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->is_stopping = true;
  }
  impl_->stopping.notify_all();
  MHD_stop_daemon(impl_->daemon);
}

std::string FakeModelServer::url() const {
  const auto* info = MHD_get_daemon_info(impl_->daemon, MHD_DAEMON_INFO_BIND_PORT);
  return "http://127.0.0.1:" + std::to_string(info->port) + "/v1";
}

std::vector<FakeCall> FakeModelServer::calls() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->calls;
}

void FakeModelServer::set_answer(Answer answer) {
  const std::lock_guard lock(impl_->mutex);
  impl_->answer = std::move(answer);
}

}  // namespace tidewatch::fake_model
