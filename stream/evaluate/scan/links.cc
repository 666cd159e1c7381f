#include "stream/evaluate/scan/links.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

namespace tidewatch {
namespace {

std::string host_of(std::string_view url) {
  static const RE2 kHost(R"((?i)^(?:https?:)?//(?:[^/?#@\s]*@)?(\[[0-9a-f:.]+\]|[^/?#:\s]+))");
  re2::StringPiece found;
  if (!RE2::PartialMatch({url.data(), url.size()}, kHost, &found)) return {};
  std::string out(found.data(), found.size());
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (out.starts_with("www.")) out.erase(0, 4);
  while (out.ends_with('.')) out.pop_back();
  return out;
}

}  // namespace

std::vector<Link> links_of(std::string_view text) {
  // Groups: Markdown's `!`, text and address; address of an image of HTML; a plain address.
  static const RE2 kLink(
      R"re((?i)(!?)\[([^\]\n]{0,300})\](?:\(\s*<?([^\s<>()]+(?:\([^\s()]*\)[^\s<>()]*)*)>?(?:\s+["'(][^)\n]*)?\)|:\s*<?([^\s<>]+)>?)|<img\b[^>]{0,300}?\bsrc\s*=\s*["']?([^\s"'>]+)|(https?://[^\s<>"'`)\]]+))re");
  std::vector<Link> out;
  const re2::StringPiece all(text.data(), text.size());
  std::array<re2::StringPiece, 7> groups;
  for (size_t at = 0; kLink.Match(all, at, all.size(), RE2::UNANCHORED, groups.data(), 7);) {
    at = static_cast<size_t>(groups[0].data() - text.data()) + groups[0].size();
    const auto* const address =
        std::find_if(groups.begin() + 3, groups.end(), [](const auto& group) { return group.data() != nullptr; });
    Link link;
    link.url = {address->data(), address->size()};
    if (address == groups.begin() + 6)  // the end of the sentence is not part of it
      while (link.url.ends_with('.') || link.url.ends_with(',') || link.url.ends_with(';') || link.url.ends_with(':') ||
             link.url.ends_with('!') || link.url.ends_with('?'))
        link.url.remove_suffix(1);
    link.text = {groups[2].data(), groups[2].size()};
    link.host = host_of(link.url);
    link.is_image = !groups[1].empty() || groups[5].data() != nullptr;
    // `[note]: text` is a definition only of an address.
    if (groups[4].data() != nullptr && link.host.empty()) continue;
    out.push_back(std::move(link));
  }
  return out;
}

}  // namespace tidewatch
