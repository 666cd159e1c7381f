#include "alertmanager/alertmanager.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace tidewatch {
namespace {

constexpr const char* kProgram = "/usr/bin/prometheus-alertmanager";

int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(where);
  ::bind(socket, reinterpret_cast<sockaddr*>(&where), size);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&where), &size);
  ::close(socket);
  return ntohs(where.sin_port);
}

size_t append(char* data, size_t size, size_t count, void* into) {
  static_cast<std::string*>(into)->append(data, size * count);
  return size * count;
}

}  // namespace

bool Alertmanager::is_installed() { return std::filesystem::exists(kProgram); }

Alertmanager::Alertmanager(const std::string& notifies) {
  std::string pattern = std::filesystem::temp_directory_path() / "tidewatch-alertmanager-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder for Alertmanager");
  folder_ = pattern;
  address_ = "127.0.0.1:" + std::to_string(free_port());
  url_ = "http://" + address_;
  std::ofstream(folder_ / "alertmanager.yml") << R"(
route: {receiver: hook, group_by: [incident], group_wait: 3s, group_interval: 1s, repeat_interval: 1h}
receivers:
  - name: hook
    webhook_configs: [{url: ")" << notifies << R"(", send_resolved: true}]
)";
  start();
}

Alertmanager::~Alertmanager() {
  process_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Alertmanager::start() {
  process_.emplace(kProgram,
                   std::vector<std::string>{"--config.file=" + (folder_ / "alertmanager.yml").string(),
                                            "--storage.path=" + (folder_ / "data").string(),
                                            "--web.listen-address=" + address_, "--cluster.listen-address="},
                   (folder_ / "log").string());
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (get("/-/ready").empty()) {
    if (std::chrono::steady_clock::now() > until) throw std::runtime_error("Alertmanager is not ready: " + log());
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

void Alertmanager::stop() {
  process_->terminate();
  process_.reset();
}

std::string Alertmanager::get(const std::string& path) const {
  std::string out;
  CURL* easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, (url_ + path).c_str());
  curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &append);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &out);
  if (curl_easy_perform(easy) != CURLE_OK) out.clear();
  curl_easy_cleanup(easy);
  return out;
}

std::string Alertmanager::log() const {
  std::stringstream out;
  out << std::ifstream(folder_ / "log").rdbuf();
  return out.str();
}

}  // namespace tidewatch
