#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidewatch {

/// An address in a text.
struct Link {
  std::string_view url;
  std::string_view text;  ///< of a Markdown link
  std::string host;       ///< small, without `www.` and port; empty: no address of the web
  bool is_image = false;  ///< loaded without being clicked: `![…](…)`, `<img src=…>`
};

/// Addresses in order: Markdown links and images (inline, `<…>`, reference definitions), images of HTML, and plain ones
/// (http, https).
std::vector<Link> links_of(std::string_view text);

}  // namespace tidewatch
