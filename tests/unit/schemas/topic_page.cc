#include "tests/unit/schemas/topic_page.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace tidewatch {

TopicPage::TopicPage(std::string_view topic) {
  const std::string path = std::string(TIDEWATCH_SOURCE_DIR) + "/docs/topics/" + std::string(topic) + ".md";
  std::ifstream file(path);
  EXPECT_TRUE(file) << "no page " << path;
  std::stringstream text;
  text << file.rdbuf();
  text_ = text.str();
}

std::string TopicPage::section(std::string_view name) const {
  const std::string heading = "\n## " + std::string(name) + "\n";
  const size_t start = text_.find(heading);
  if (start == std::string::npos) {
    ADD_FAILURE() << "no section " << name;
    return {};
  }
  const size_t body = start + heading.size();
  return text_.substr(body, text_.find("\n## ", body) - body);
}

std::vector<std::string> json_blocks(std::string_view markdown) {
  constexpr std::string_view kOpen = "```json\n";
  std::vector<std::string> out;
  for (size_t at = markdown.find(kOpen); at != std::string_view::npos; at = markdown.find(kOpen, at)) {
    at += kOpen.size();
    const size_t end = markdown.find("\n```", at);
    out.emplace_back(markdown.substr(at, end - at));
  }
  return out;
}

std::set<std::string> names_of_table(std::string_view markdown) {
  std::set<std::string> out;
  std::istringstream lines{std::string(markdown)};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    const std::string column = line.substr(0, line.find(" |", 2));
    for (size_t open = column.find('`'); open != std::string::npos;) {
      const size_t close = column.find('`', open + 1);
      out.insert(column.substr(open + 1, close - open - 1));
      open = close == std::string::npos ? close : column.find('`', close + 1);
    }
  }
  return out;
}

std::set<std::string> field_names(const google::protobuf::Descriptor& message, const std::string& prefix) {
  std::set<std::string> out;
  for (int i = 0; i < message.field_count(); ++i) {
    const auto& field = *message.field(i);
    const bool is_list = field.is_repeated() && !field.is_map();
    const std::string name = prefix + field.name() + (is_list ? "[]" : "");
    out.insert(name);
    if (field.is_map() || field.message_type() == nullptr) continue;
    if (field.message_type()->file()->package() != message.file()->package()) continue;
    out.merge(field_names(*field.message_type(), name + "."));
  }
  return out;
}

}  // namespace tidewatch
