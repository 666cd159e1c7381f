#include "stream/outbound/transfers.h"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <utility>

#include "detectors/core/check.h"

namespace tidewatch {
namespace {

void start_curl_once() {
  static std::once_flag once;
  std::call_once(once, [] { TW_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "libcurl cannot start"); });
}

long in_ms(Duration time) {  // NOLINT(google-runtime-int): curl's type
  return std::max<long>(1, std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

std::string fault_of(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return {};
    case CURLE_OPERATION_TIMEDOUT:
      return "timed_out";
    case CURLE_WRITE_ERROR:  // our own writer had enough
    case CURLE_FILESIZE_EXCEEDED:
      return "too_large";
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2_STREAM:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WEIRD_SERVER_REPLY:
      return "broken_off";
    default:
      return "unreachable";
  }
}

}  // namespace

struct Transfers::Impl {
  struct Transfer {
    uint64_t id = 0;
    HttpPost post;  ///< or `mail`
    Mail mail;
    size_t max_bytes = 0;
    std::string body;
    curl_slist* headers = nullptr;
    curl_slist* recipients = nullptr;
    curl_mime* mime = nullptr;
    CURL* easy = nullptr;
    ~Transfer() {
      curl_slist_free_all(headers);
      curl_slist_free_all(recipients);
      curl_mime_free(mime);
      curl_easy_cleanup(easy);
    }
  };
  CURLM* multi = nullptr;
  std::map<CURL*, std::unique_ptr<Transfer>> transfers;

  ~Impl() {
    for (const auto& [easy, transfer] : transfers) curl_multi_remove_handle(multi, easy);
    transfers.clear();
    curl_multi_cleanup(multi);
  }

  std::unique_ptr<Transfer> begin(uint64_t id, Duration connect_timeout, Duration timeout);
  void add(std::unique_ptr<Transfer> transfer);

  static size_t on_bytes(char* data, size_t size, size_t count, void* transfer) {
    auto& into = *static_cast<Transfer*>(transfer);
    if (into.body.size() + size * count > into.max_bytes) return 0;
    into.body.append(data, size * count);
    return size * count;
  }

  TransferOutcome outcome(Transfer& transfer, CURLcode code) {
    TransferOutcome out;
    out.id = transfer.id;
    long status = 0;  // NOLINT(google-runtime-int): curl's type
    curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    out.status = static_cast<int>(status);
    out.fault = fault_of(code);
    if (code != CURLE_OK) out.detail = curl_easy_strerror(code);
    curl_off_t seconds = 0;
    if (curl_easy_getinfo(transfer.easy, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK && seconds > 0)
      out.retry_after = std::chrono::seconds(std::min<curl_off_t>(seconds, 86'400));
    curl_off_t connected = 0;
    curl_easy_getinfo(transfer.easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
    out.was_sent = connected > 0;
    out.body = std::move(transfer.body);
    return out;
  }
};

Transfers::Transfers() : impl_(std::make_unique<Impl>()) {
  start_curl_once();
  impl_->multi = curl_multi_init();
  TW_CHECK(impl_->multi != nullptr, "libcurl has no memory");
}

Transfers::~Transfers() = default;

size_t Transfers::size() const { return impl_->transfers.size(); }

std::unique_ptr<Transfers::Impl::Transfer> Transfers::Impl::begin(uint64_t id, Duration connect_timeout,
                                                                  Duration timeout) {
  auto transfer = std::make_unique<Transfer>();
  transfer->id = id;
  CURL* easy = curl_easy_init();
  TW_CHECK(easy != nullptr, "libcurl has no memory");
  transfer->easy = easy;
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, in_ms(connect_timeout));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, in_ms(timeout));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Impl::on_bytes);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer.get());
  return transfer;
}

void Transfers::Impl::add(std::unique_ptr<Transfer> transfer) {
  CURL* easy = transfer->easy;
  transfers.emplace(easy, std::move(transfer));
  curl_multi_add_handle(multi, easy);
}

void Transfers::start(uint64_t id, HttpPost post) {
  auto transfer = impl_->begin(id, post.connect_timeout, post.timeout);
  transfer->post = std::move(post);
  const HttpPost& given = transfer->post;
  transfer->max_bytes = given.max_bytes;
  for (const std::string& header : given.headers)
    transfer->headers = curl_slist_append(transfer->headers, header.c_str());
  CURL* easy = transfer->easy;
  curl_easy_setopt(easy, CURLOPT_URL, given.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(given.body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, given.body.c_str());
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "tidewatch");
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(given.max_bytes));
  impl_->add(std::move(transfer));
}

void Transfers::start(uint64_t id, Mail mail) {
  auto transfer = impl_->begin(id, mail.connect_timeout, mail.timeout);
  transfer->mail = std::move(mail);
  const Mail& given = transfer->mail;
  CURL* easy = transfer->easy;
  for (const std::string& to : given.to) transfer->recipients = curl_slist_append(transfer->recipients, to.c_str());
  for (const std::string& header : given.headers)
    transfer->headers = curl_slist_append(transfer->headers, header.c_str());
  transfer->mime = curl_mime_init(easy);
  curl_mimepart* part = curl_mime_addpart(transfer->mime);
  curl_mime_data(part, given.text.data(), given.text.size());
  curl_mime_type(part, "text/plain; charset=utf-8");
  curl_mime_encoder(part, "quoted-printable");
  curl_easy_setopt(easy, CURLOPT_URL, given.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  const long use_tls = given.needs_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY;  // NOLINT(google-runtime-int): curl's type
  curl_easy_setopt(easy, CURLOPT_USE_SSL, use_tls);
  if (!given.user.empty()) {
    curl_easy_setopt(easy, CURLOPT_USERNAME, given.user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, given.password.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_MAIL_FROM, given.from.c_str());
  curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, transfer->recipients);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
  curl_easy_setopt(easy, CURLOPT_MIMEPOST, transfer->mime);
  impl_->add(std::move(transfer));
}

std::vector<TransferOutcome> Transfers::poll(Duration wait) {
  int running = 0;
  curl_multi_perform(impl_->multi, &running);
  const bool has_ended = static_cast<size_t>(running) < impl_->transfers.size();
  if (!has_ended && wait > Duration::zero()) {
    curl_multi_poll(impl_->multi, nullptr, 0, static_cast<int>(in_ms(wait)), nullptr);
    curl_multi_perform(impl_->multi, &running);
  }
  std::vector<TransferOutcome> out;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(impl_->multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const auto at = impl_->transfers.find(message->easy_handle);
    out.push_back(impl_->outcome(*at->second, message->data.result));
    curl_multi_remove_handle(impl_->multi, at->first);
    impl_->transfers.erase(at);
  }
  return out;
}

}  // namespace tidewatch
