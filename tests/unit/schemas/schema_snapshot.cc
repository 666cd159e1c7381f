#include "tests/unit/schemas/schema_snapshot.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.pb.h>

#include <sstream>

namespace tidewatch {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

std::string type_of(const FieldDescriptor& field) {
  if (field.is_map())
    return fmt::format("map<{},{}>", type_of(*field.message_type()->map_key()),
                       type_of(*field.message_type()->map_value()));
  if (field.message_type() != nullptr) return std::string(field.message_type()->full_name());
  if (field.enum_type() != nullptr) return std::string(field.enum_type()->full_name());
  return field.type_name();
}

std::string_view cardinality_of(const FieldDescriptor& field) {
  if (field.is_map()) return "map";
  if (field.is_repeated()) return "repeated";
  return field.has_optional_keyword() ? "optional" : "singular";
}

void add_message(const Descriptor& message, SchemaSnapshot& out) {
  if (message.options().map_entry()) return;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    out.emplace(field.full_name(), fmt::format("{} {} {}", field.number(), type_of(field), cardinality_of(field)));
  }
  for (int i = 0; i < message.nested_type_count(); ++i) add_message(*message.nested_type(i), out);
}

}  // namespace

SchemaSnapshot snapshot_of(const std::vector<const google::protobuf::FileDescriptor*>& files) {
  SchemaSnapshot out;
  for (const auto* file : files)
    for (int i = 0; i < file->message_type_count(); ++i) add_message(*file->message_type(i), out);
  return out;
}

std::string write_snapshot(const SchemaSnapshot& snapshot) {
  std::string out =
      "# Fields of the public messages that others rely on: number, type, cardinality. Lines are added by\n"
      "# TIDEWATCH_UPDATE_GOLDEN=1 and never changed: a changed line breaks somebody's reader.\n";
  for (const auto& [name, what] : snapshot) out += fmt::format("{} {}\n", name, what);
  return out;
}

SchemaSnapshot read_snapshot(std::string_view text) {
  SchemaSnapshot out;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    const size_t space = line.find(' ');
    if (line.empty() || line.front() == '#' || space == std::string::npos) continue;
    out.emplace(line.substr(0, space), line.substr(space + 1));
  }
  return out;
}

std::vector<std::string> breaking_changes(const SchemaSnapshot& committed, const SchemaSnapshot& now) {
  std::vector<std::string> out;
  for (const auto& [name, what] : committed) {
    const auto found = now.find(name);
    if (found == now.end())
      out.push_back(fmt::format("{} ({}) vanished or got another name", name, what));
    else if (found->second != what)
      out.push_back(fmt::format("{} was {} and is {}", name, what, found->second));
  }
  return out;
}

std::vector<std::string> additions(const SchemaSnapshot& committed, const SchemaSnapshot& now) {
  std::vector<std::string> out;
  for (const auto& [name, what] : now)
    if (!committed.contains(name)) out.push_back(name);
  return out;
}

}  // namespace tidewatch
