#include <fmt/format.h>
#include <xxhash.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>

#include "app/config/config.h"
#include "app/config/tables.h"

namespace tidewatch {
namespace {

using config::Json;

/// Sections that may differ between processes that judge alike.
constexpr auto kNotJudging =
    std::to_array<std::string_view>({"kafka", "topics", "commit", "stall", "idle", "http", "log", "sinks"});

/// Writes the effective values as YAML, each with its origin.
class Printer {
 public:
  explicit Printer(const Config& config) : config_(config) {}

  std::string print(const Json& root) {
    map(root, "");
    return std::string(out_.c_str()) + "\n";
  }

 private:
  void map(const Json& values, const std::string& path) {
    out_ << YAML::BeginMap;
    for (const auto& [name, value] : values.items()) {
      out_ << YAML::Key << name << YAML::Value;
      print(value, path.empty() ? name : fmt::format("{}.{}", path, name));
    }
    out_ << YAML::EndMap;
  }

  void print(const Json& value, const std::string& path) {
    if (value.is_object() && !value.empty()) return map(value, path);
    if (value.is_object())
      out_ << YAML::Flow << YAML::BeginMap << YAML::EndMap;
    else if (value.is_array() && !is_short(value))
      return blocks(value, path);
    else if (value.is_array())
      flow(value, path);
    else
      scalar(value, path);
    out_ << YAML::Comment(origin(path));
  }

  static bool is_short(const Json& list) {
    return std::all_of(list.begin(), list.end(), [](const Json& item) { return !item.is_structured(); });
  }

  void blocks(const Json& list, const std::string& path) {
    out_ << YAML::BeginSeq;
    for (size_t i = 0; i < list.size(); ++i) {
      const bool has_name = list[i].is_object() && list[i].contains("name");
      print(list[i], has_name ? path + "." + list[i]["name"].get<std::string>() : fmt::format("{}[{}]", path, i));
    }
    out_ << YAML::EndSeq;
  }

  void flow(const Json& list, const std::string& path) {
    if (const auto* written = reference(path)) return text(*written);
    out_ << YAML::Flow << YAML::BeginSeq;
    for (size_t i = 0; i < list.size(); ++i) scalar(list[i], fmt::format("{}[{}]", path, i));
    out_ << YAML::EndSeq;
  }

  void scalar(const Json& value, const std::string& path) {
    if (const auto* written = reference(path)) return text(*written);
    text(value.is_string() ? value.get<std::string>() : value.dump());
  }

  void text(const std::string& value) { out_ << value; }

  const std::string* reference(const std::string& path) const {
    const auto found = config_.origins.find(path);
    return found == config_.origins.end() || found->second.reference.empty() ? nullptr : &found->second.reference;
  }

  std::string origin(const std::string& path) const {
    const auto found = config_.origins.find(path);
    if (found == config_.origins.end()) return "default";
    return fmt::format("{}:{}", config_.file, found->second.line);
  }

  const Config& config_;
  YAML::Emitter out_;
};

}  // namespace

std::string show_config(const Config& config) { return Printer(config).print(config::root_table().show(config)); }

std::string config_version(const Config& config) {
  Json judging = config::root_table().show(config);
  for (const auto name : kNotJudging) judging.erase(std::string(name));
  // Where nothing is judged by a model it does not matter how that would be reached.
  if (config.judge.rules.empty())
    for (const auto* section : {"judge", "judges"}) judging.erase(section);
  else
    for (const auto* credential : {"key", "headers"}) judging["judge"].erase(credential);
  const std::string text = judging.dump(-1, ' ', false, Json::error_handler_t::replace);
  return fmt::format("{:016x}", XXH3_64bits(text.data(), text.size())).substr(0, 12);
}

}  // namespace tidewatch
