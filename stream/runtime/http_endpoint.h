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

/// A small HTTP server for the process's own state: /metrics, /healthz, /readyz. Answers GET and HEAD, in a thread of
/// its own; everything else is 404 or 405. Ends with the object.
class HttpEndpoint {
 public:
  using Handler = std::function<HttpResponse()>;  ///< called in the server's thread
  using Routes = std::map<std::string, Handler>;  ///< by path, without query

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
