#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tidewatch::fake_model {

/// What the fake server was asked.
struct FakeCall {
  std::string path;
  std::string body;
  std::map<std::string, std::string> headers;  ///< names in small letters
};

/// What it answers, and how it misbehaves.
struct FakeReply {
  enum class Fault : uint8_t {
    none,
    hang,       ///< nothing comes, for as long as the server lives
    drip,       ///< a byte every 20 ms
    broken_off  ///< half of the body, then the connection is closed
  };
  int status = 200;
  std::string body{};
  std::map<std::string, std::string> headers{};
  Fault fault = Fault::none;
};

/// A chat completion that says `text`.
std::string completion(const std::string& text, int input_tokens = 100, int output_tokens = 20,
                       const std::string& finish_reason = "stop");
FakeReply says(const std::string& text);
FakeReply fails(int status, const std::string& message = "a fake fault",
                std::map<std::string, std::string> headers = {});
FakeReply with_fault(FakeReply::Fault fault);

/// A fake of an OpenAI-compatible server for tests, on a free port of 127.0.0.1. It is no model: `answer` decides.
class FakeModelServer {
 public:
  using Answer = std::function<FakeReply(const FakeCall&)>;  ///< one call at a time, in the server's threads
  explicit FakeModelServer(Answer answer);
  /// Answers in this order, the last one for ever.
  explicit FakeModelServer(std::vector<FakeReply> replies);
  ~FakeModelServer();
  FakeModelServer(const FakeModelServer&) = delete;
  FakeModelServer& operator=(const FakeModelServer&) = delete;

  std::string url() const;  ///< "http://127.0.0.1:<port>/v1"
  std::vector<FakeCall> calls() const;
  void set_answer(Answer answer);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidewatch::fake_model
