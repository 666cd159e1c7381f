#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "stream/notify/formats/format.h"

namespace tidewatch {

/// A request as a person reads it: address, headers and body.
inline std::string as_text(const Outgoing& request) {
  std::string out;
  if (const auto* post = std::get_if<HttpPost>(&request)) {
    out = "POST " + post->url + "\n";
    for (const auto& header : post->headers) out += header + "\n";
    return out + "\n" + nlohmann::json::parse(post->body).dump(1) + "\n";
  }
  const auto& mail = std::get<Mail>(request);
  out = mail.url + " as " + mail.user + (mail.needs_tls ? " with TLS" : "") + "\nfrom " + mail.from + "\n";
  for (const auto& to : mail.to) out += "to " + to + "\n";
  for (const auto& header : mail.headers) out += header + "\n";
  std::string text = mail.text;
  std::erase(text, '\r');
  return out + "\n" + text;
}

/// Expects the request to be that of a file of golden/; with TIDEWATCH_UPDATE_GOLDEN set it writes it there.
inline void expect_golden(const std::string& name, const Outgoing& request) {
  const std::string path = std::string(TIDEWATCH_SOURCE_DIR) + "/tests/unit/stream/notify/formats/golden/" + name;
  if (std::getenv("TIDEWATCH_UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << as_text(request);
  std::stringstream read;
  read << std::ifstream(path, std::ios::binary).rdbuf();
  EXPECT_EQ(read.str(), as_text(request)) << path << " differs; run this test with TIDEWATCH_UPDATE_GOLDEN=1";
}

}  // namespace tidewatch
