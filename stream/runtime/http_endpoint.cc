#include "stream/runtime/http_endpoint.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <microhttpd.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

namespace tidewatch {
namespace {

MHD_Result reply(MHD_Connection* connection, const HttpResponse& response) {
  // Copied: the response outlives this call.
  MHD_Response* out = MHD_create_response_from_buffer(
      response.body.size(), const_cast<char*>(response.body.data()),  // NOLINT: MHD copies and does not write
      MHD_RESPMEM_MUST_COPY);
  if (out == nullptr) return MHD_NO;
  MHD_add_response_header(out, MHD_HTTP_HEADER_CONTENT_TYPE, response.content_type.c_str());
  const MHD_Result result = MHD_queue_response(connection, static_cast<unsigned>(response.status), out);
  MHD_destroy_response(out);
  return result;
}

MHD_Result take_argument(void* into, MHD_ValueKind, const char* name, const char* value) {
  static_cast<HttpRequest*>(into)->query[name] = value == nullptr ? "" : value;
  return MHD_YES;
}

const HttpEndpoint::Route* route_of(const HttpEndpoint::Routes& routes, std::string_view path) {
  if (const auto exact = routes.find(std::string(path)); exact != routes.end()) return &exact->second;
  for (const auto& [pattern, route] : routes)
    if (pattern.ends_with('*') && path.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1)))
      return &route;
  return nullptr;
}

MHD_Result answer(void* routes, MHD_Connection* connection, const char* url, const char* method, const char*,
                  const char*, size_t* body_size, void** context) {
  static int begun = 0;
  const std::string_view verb = method;
  const auto& known = *static_cast<const HttpEndpoint::Routes*>(routes);
  const HttpEndpoint::Route* found = route_of(known, url);
  const bool is_read = verb == "GET" || verb == "HEAD";
  if (!is_read && (found == nullptr || !found->takes_post || verb != "POST"))
    return reply(connection, {.status = 405, .body = "only GET is answered here\n"});
  if (!is_read) {  // called first with the headers, then with parts of the body, then to answer
    if (*context == nullptr) {
      *context = &begun;
      return MHD_YES;
    }
    if (*body_size > 0) {
      *body_size = 0;
      return MHD_YES;
    }
  }
  if (found != nullptr) {
    HttpRequest request;
    request.path = url;
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_argument, &request);
    return reply(connection, found->handler(request));
  }
  std::string paths;
  for (const auto& [path, route] : known) paths += " " + path;
  return reply(connection, {.status = 404, .body = "not found; there is" + paths + "\n"});
}

}  // namespace

struct HttpEndpoint::Impl {
  Routes routes;
  MHD_Daemon* daemon = nullptr;
  ~Impl() {
    if (daemon != nullptr) MHD_stop_daemon(daemon);
  }
};

HttpEndpoint::HttpEndpoint(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpEndpoint::~HttpEndpoint() = default;

Result<std::unique_ptr<HttpEndpoint>> HttpEndpoint::open(const std::string& address, uint16_t port, Routes routes) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &where.sin_addr) != 1)
    return Error{"bad_config", fmt::format("\"{}\" is not an IPv4 address to listen on", address)};
  auto impl = std::make_unique<Impl>();
  impl->routes = std::move(routes);
  errno = 0;
  impl->daemon =
      MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO, port, nullptr, nullptr, answer, &impl->routes,
                       MHD_OPTION_SOCK_ADDR, &where, MHD_OPTION_CONNECTION_TIMEOUT, 10U, MHD_OPTION_END);
  if (impl->daemon == nullptr)
    return Error{
        "port_in_use",
        fmt::format("could not listen on {}:{}: {}; set http.port: 0 takes a free one, and processes that share a "
                    "config may have ${{env:NAME}} there",
                    address, port, std::generic_category().message(errno))};
  return std::unique_ptr<HttpEndpoint>(new HttpEndpoint(std::move(impl)));
}

uint16_t HttpEndpoint::port() const {
  const auto* info = MHD_get_daemon_info(impl_->daemon, MHD_DAEMON_INFO_BIND_PORT);
  return info == nullptr ? uint16_t{0} : info->port;
}

}  // namespace tidewatch
