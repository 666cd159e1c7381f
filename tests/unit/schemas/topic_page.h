#pragma once

#include <google/protobuf/descriptor.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tidewatch {

/// A page of docs/topics.
class TopicPage {
 public:
  explicit TopicPage(std::string_view topic);  ///< fails the test when there is no such page

  /// Text of the section under the heading "## <name>", up to the next of the same level.
  std::string section(std::string_view name) const;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// Contents of the fenced blocks marked json.
std::vector<std::string> json_blocks(std::string_view markdown);

/// Names in backticks of the first column of a table: "`offsets[].topic`" and "`low`, `high`".
std::set<std::string> names_of_table(std::string_view markdown);

/// Names of all fields of a message as the tables write them: "offsets[]", "offsets[].topic", "cause.kind". Times are
/// not taken apart.
std::set<std::string> field_names(const google::protobuf::Descriptor& message, const std::string& prefix = {});

}  // namespace tidewatch
