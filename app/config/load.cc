#include <fmt/format.h>

#include "app/config/config.h"
#include "app/config/format/document.h"
#include "app/config/tables.h"

namespace tidewatch {
namespace {

void read_all(config::Reader& reader, const YAML::Node& document, Config& config) try {
  config::root_table().read(reader, {document, ""}, config);
  config::complete(config, reader);
} catch (const YAML::Exception& error) {
  reader.error(error.mark, "", "not YAML: " + error.msg);
}

}  // namespace

std::string to_string(const ConfigError& error) {
  std::string out = error.file;
  if (error.line > 0) out += fmt::format(":{}:{}", error.line, error.column);
  if (!error.path.empty()) out += ": " + error.path;
  return out + ": " + error.message;
}

LoadedConfig load_config(std::string_view file_name, std::string_view yaml, const Environment& environment) {
  LoadedConfig out;
  out.config.file = std::string(file_name);
  config::Reader reader(out.config.file, environment, out.config.origins);
  auto document = config::parse_document(yaml);
  if (const auto* error = std::get_if<config::DocumentError>(&document))
    reader.error(error->mark, "", error->message);
  else
    read_all(reader, std::get<YAML::Node>(document), out.config);
  out.errors = reader.take_errors();
  if (out.ok()) out.config.detect.config_version = config_version(out.config);
  return out;
}

LoadedConfig config::load_node(std::string_view file_name, const YAML::Node& node, const Environment& environment) {
  LoadedConfig out;
  out.config.file = std::string(file_name);
  Reader reader(out.config.file, environment, out.config.origins);
  read_all(reader, node, out.config);
  out.errors = reader.take_errors();
  if (out.ok()) out.config.detect.config_version = config_version(out.config);
  return out;
}

LoadedConfig load_config_file(const std::string& path) {
  const auto text = read_whole_file(path, kMaxConfigBytes);
  if (text) return load_config(path, *text, process_environment(path));
  LoadedConfig out;
  out.errors.push_back({path, 0, 0, "", text.error().message});
  return out;
}

Config default_config() { return load_config("defaults", "", process_environment("")).config; }

}  // namespace tidewatch
