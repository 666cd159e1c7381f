#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tidewatch {

/// A credential in a text.
struct Secret {
  std::string_view kind;  ///< "AWS access key", "private key", "password": a constant
  size_t begin = 0;       ///< bytes
  size_t size = 0;        ///< bytes
};

struct SecretScanOptions {
  double min_entropy = 3.5;    ///< bits a character, of what is assigned to a name like `api_key`
  size_t min_characters = 16;  ///< of the same
};

/// Mean information of a character of the text by its own frequencies (Shannon), bits: 0 for "aaaa", 4 for random
/// hexadecimal digits, towards 6 for random base64.
double entropy_of(std::string_view text);

/// Finds credentials by the forms that their issuers document (AWS, GitHub, GitLab, Slack, Google, OpenAI, Anthropic,
/// Stripe, Hugging Face, npm, SendGrid), JSON Web Tokens whose header is JSON with an algorithm, PEM private keys with
/// their content, passwords in addresses, and values of high entropy assigned to names of secrets. Placeholders
/// (`YOUR_API_KEY`, `xxxx`, `<token>`, `${TOKEN}`) are none. Safe to share between threads.
class SecretScan {
 public:
  explicit SecretScan(const SecretScanOptions& options = {});
  ~SecretScan();
  /// In the order of the text, without overlaps.
  std::vector<Secret> find(std::string_view text) const;

 private:
  struct Patterns;
  SecretScanOptions options_;
  std::unique_ptr<const Patterns> patterns_;
};

}  // namespace tidewatch
