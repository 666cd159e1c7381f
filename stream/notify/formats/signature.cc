#include "stream/notify/formats/signature.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace tidewatch {
namespace {

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // it ends with a zero
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(bytes), static_cast<int>(bytes.size()));
  out.resize(static_cast<size_t>(size));
  return out;
}

Result<std::string> signing_key(std::string_view secret) {
  constexpr std::string_view kPrefix = "whsec_";
  if (!secret.starts_with(kPrefix)) return std::string(secret);
  const std::string_view encoded = secret.substr(kPrefix.size());
  std::string out(encoded.size() / 4 * 3 + 1, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(encoded),
                                   static_cast<int>(encoded.size()));
  if (size <= 0) return Error{"bad_config", "what follows whsec_ in the secret is no base64"};
  out.resize(static_cast<size_t>(size));
  // The bytes that padding stands for are decoded, too.
  for (size_t end = encoded.size(); end > 0 && encoded[end - 1] == '=' && !out.empty(); --end) out.pop_back();
  return out;
}

std::string webhook_signature(std::string_view key, std::string_view id, int64_t unix_seconds, std::string_view body) {
  const std::string signed_content = fmt::format("{}.{}.{}", id, unix_seconds, body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const auto* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(signed_content),
                          signed_content.size(), digest.data(), &size);
  TW_CHECK(made != nullptr, "libcrypto has no SHA-256");
  return "v1," + base64({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace tidewatch
