#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "detectors/core/result.h"

namespace tidewatch {

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

/// What was asked.
struct HttpRequest {
  std::string path;
  std::map<std::string, std::string> query;  ///< decoded
  std::string argument(const std::string& name) const {
    const auto at = query.find(name);
    return at == query.end() ? std::string() : at->second;
  }
};

/// A small HTTP server for the process's own state (/metrics, /healthz, /readyz) and for what others ask before they
/// act. Answers GET and HEAD, and POST where a route takes it (its body is not read), in a thread of its own;
/// everything else is 404 or 405. Ends with the object.
class HttpEndpoint {
 public:
  struct Route {
    std::function<HttpResponse(const HttpRequest&)> handler;  ///< called in the server's thread
    bool takes_post = false;
  };
  using Routes = std::map<std::string, Route>;  ///< by path, without query; or by its beginning and `*`

  /// `address`: IPv4 to listen on ("127.0.0.1", "0.0.0.0"); `port` 0 takes a free one. Errors: `bad_config`,
  /// `port_in_use`.
  static Result<std::unique_ptr<HttpEndpoint>> open(const std::string& address, uint16_t port, Routes routes);
  ~HttpEndpoint();
  HttpEndpoint(const HttpEndpoint&) = delete;
  HttpEndpoint& operator=(const HttpEndpoint&) = delete;

  uint16_t port() const;

 private:
  struct Impl;
  explicit HttpEndpoint(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidewatch
