#include "stream/evaluate/scan/citations.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "stream/evaluate/scan/code_blocks.h"
#include "stream/evaluate/scan/links.h"

namespace tidewatch {
namespace {

/// A citation with where it stands, for the order.
struct Placed {
  size_t at;
  Citation citation;
};

class Reader {
 public:
  explicit Reader(std::string_view answer) : answer_(answer), prose_(without_code(answer)) {}

  std::vector<Citation> run() {
    add_links();
    add_sources();
    add_brackets();
    std::stable_sort(found_.begin(), found_.end(), [](const Placed& a, const Placed& b) { return a.at < b.at; });
    std::vector<Citation> out;
    out.reserve(found_.size());
    for (const Placed& placed : found_) out.push_back(placed.citation);
    return out;
  }

 private:
  /// The same place of the answer, whose views outlive this.
  std::string_view of_answer(size_t at, size_t size) const { return answer_.substr(at, size); }
  size_t place(const char* in_prose) const { return static_cast<size_t>(in_prose - prose_.data()); }
  void taken(size_t at, size_t size) { std::fill_n(prose_.begin() + static_cast<std::ptrdiff_t>(at), size, ' '); }

  void add(size_t at, Citation::Kind kind, std::string_view value, std::string_view title = {}) {
    found_.push_back({at, {kind, value, title}});
  }

  void add_links() {
    for (const Link& link : links_of(prose_)) {
      const size_t at = place(link.url.data());
      const std::string_view url = of_answer(at, link.url.size());
      const bool is_path = link.host.empty();
      const bool has_text = link.text.data() != nullptr;
      const size_t text_at = has_text ? place(link.text.data()) : at;
      if (!link.is_image && !url.starts_with('#') && !url.starts_with("mailto:") && !url.starts_with("tel:") &&
          !(is_path && !has_text))
        add(at, Citation::Kind::address, url, has_text ? of_answer(text_at, link.text.size()) : std::string_view());
      taken(text_at, at + link.url.size() - text_at);
    }
  }

  void add_sources() {
    static const RE2 kSource(
        R"((?im)^[ \t>*_-]*(?:sources?|references?|quellen?|kilder?|kilde|fuentes?|参考|出典)[*_]{0,2}[ \t]*[:：][*_]{0,2}[ \t]*([^\n]+))");
    const re2::StringPiece all(prose_);
    std::array<re2::StringPiece, 2> groups;
    for (size_t at = 0; kSource.Match(all, at, all.size(), RE2::UNANCHORED, groups.data(), 2);) {
      at = place(groups[0].data()) + groups[0].size();
      size_t begin = place(groups[1].data());
      size_t size = groups[1].size();
      while (size > 0 && std::string_view(" \t\r.*_;,").find(prose_[begin + size - 1]) != std::string_view::npos)
        --size;
      // Citations of another form count as that.
      const std::string_view rest(prose_.data() + begin, size);
      if (size == 0 || rest.find('[') != std::string_view::npos || rest.find("](") != std::string_view::npos ||
          rest.find_first_not_of(" ()<>") == std::string_view::npos)
        continue;
      if (answer_.substr(begin, size) != rest) continue;  // an address was taken out of it
      add(begin, Citation::Kind::source, of_answer(begin, size));
    }
  }

  void add_brackets() {
    static const RE2 kBrackets(R"((?:\[\^?([^\[\]\n]{1,80})\]|【([^【】\n]{1,80})】))");
    const re2::StringPiece all(prose_);
    std::array<re2::StringPiece, 3> groups;
    for (size_t at = 0; kBrackets.Match(all, at, all.size(), RE2::UNANCHORED, groups.data(), 3);) {
      at = place(groups[0].data()) + groups[0].size();
      const re2::StringPiece& content = groups[1].data() != nullptr ? groups[1] : groups[2];
      bracket(of_answer(place(content.data()), content.size()));
    }
  }

  void bracket(std::string_view content) {
    const auto at = static_cast<size_t>(content.data() - answer_.data());
    static const RE2 kNumbers(R"(\s*[0-9]{1,3}\s*(?:[,;]\s*[0-9]{1,3}\s*|[-–]\s*[0-9]{1,3}\s*)*)");
    static const RE2 kDagger(R"(([0-9]{1,3})(?::[0-9]+)?†[^†]*)");
    static const RE2 kName(R"([A-Za-z0-9_.\-/:#]*[A-Za-z0-9])");
    const re2::StringPiece all(content.data(), content.size());
    re2::StringPiece number;
    if (RE2::FullMatch(all, kNumbers))
      numbers(at, content);
    else if (RE2::FullMatch(all, kDagger, &number))
      add(at, Citation::Kind::number, {number.data(), number.size()});
    else if (content.size() > 1 && RE2::FullMatch(all, kName) &&
             content.find_first_of("0123456789._-/:#") != std::string_view::npos)
      add(at, Citation::Kind::name, content);
  }

  void numbers(size_t at, std::string_view list) {
    static const RE2 kItem(R"(([0-9]{1,3})(?:\s*[-–]\s*([0-9]{1,3}))?)");
    const re2::StringPiece all(list.data(), list.size());
    std::array<re2::StringPiece, 3> groups;
    for (size_t from = 0; kItem.Match(all, from, all.size(), RE2::UNANCHORED, groups.data(), 3);) {
      from = static_cast<size_t>(groups[0].data() - list.data()) + groups[0].size();
      add(at, Citation::Kind::number, {groups[1].data(), groups[1].size()});
      // Of a range both ends are cited: what is between them is there when they are.
      if (groups[2].data() != nullptr) add(at, Citation::Kind::number, {groups[2].data(), groups[2].size()});
    }
  }

  std::string_view answer_;
  std::string prose_;  ///< the answer without code and what was read already, byte for byte at the same places
  std::vector<Placed> found_;
};

}  // namespace

std::vector<Citation> citations_of(std::string_view answer) { return Reader(answer).run(); }

}  // namespace tidewatch
