#include "stream/notify/formats/email_format.h"

#include <date/date.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "stream/notify/formats/signature.h"
#include "stream/notify/formats/wording.h"

namespace tidewatch {
namespace {

constexpr size_t kSubject = 200;
constexpr size_t kEncodedBytes = 42;  ///< of text in a word of at most 75 characters

/// Of the part behind the `@` of the sender.
std::string message_id(const std::string& name, const std::string& from) {
  const size_t at = from.find('@');
  return fmt::format("<{}@{}>", name, at == std::string::npos ? "tidewatch" : from.substr(at + 1));
}

/// What may stand in a Message-ID.
std::string as_id(std::string key) {
  std::replace(key.begin(), key.end(), '/', '.');
  return key;
}

/// Lines as mail has them.
std::string with_crlf(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\r') continue;
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

}  // namespace

std::string encoded_header(const std::string& given) {
  std::string text = given;
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return text;
  std::string out;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.size(), at + kEncodedBytes);
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    out += fmt::format("{}=?utf-8?B?{}?=", out.empty() ? "" : "\r\n ", base64(text.substr(at, end - at)));
    at = end;
  }
  return out;
}

std::set<std::string> EmailFormat::transitions() const { return {"escalated", "reopened", "unsuppressed"}; }

Outgoing EmailFormat::request(std::span<const Delivery> deliveries, Timestamp now) const {
  const Delivery& delivery = deliveries.front();
  const v1::Incident& incident = delivery.notice->incident();
  const std::string thread = message_id("incident." + incident.id(), options().from);
  const bool is_reply = !delivery.is_first;
  std::string text = fmt::format("{}: {}\n\n", what_happened(delivery), incident.title());
  if (!incident.why().empty()) text += incident.why() + "\n\n";
  for (const auto& [name, fact] : facts(incident)) text += fmt::format("{}: {}\n", name, fact);
  if (const std::string page = link(*delivery.notice); !page.empty()) text += fmt::format("\n{}\n", page);
  text += fmt::format("\nIncident {}\n", incident.id());
  Mail out;
  out.url = options().url;
  out.user = options().user;
  out.password = options().password;
  out.needs_tls = options().starttls && options().url.starts_with("smtp://");
  out.from = options().from;
  out.to = options().to;
  out.text = with_crlf(text);
  const std::string severity = incident.severity() == "page" ? "PAGE" : incident.severity();
  out.headers = {"Date: " + date::format("%a, %d %b %Y %T +0000", std::chrono::floor<std::chrono::seconds>(now)),
                 "From: " + options().from, fmt::format("To: {}", fmt::join(options().to, ", ")),
                 // The same in a thread, since some programs sort by it.
                 "Subject: " + encoded_header(fmt::format("{}[Tidewatch] [{}] {}", is_reply ? "Re: " : "", severity,
                                                          shortened(incident.title(), kSubject))),
                 "Message-ID: " + (is_reply ? message_id(as_id(delivery.key), options().from) : thread),
                 "Auto-Submitted: auto-generated"};
  if (is_reply) {
    out.headers.push_back("In-Reply-To: " + thread);
    out.headers.push_back("References: " + thread);
  }
  return out;
}

Answer EmailFormat::answer(const TransferOutcome& outcome) const {
  if (outcome.fault.empty()) return {};
  Answer out;
  const bool is_final = outcome.status >= 500 && outcome.status < 600;
  out.kind = is_final ? Answer::Kind::refused : Answer::Kind::failed;
  out.error = {outcome.status > 0 && is_final ? fmt::format("smtp_{}", outcome.status) : outcome.fault, outcome.detail};
  return out;
}

}  // namespace tidewatch
