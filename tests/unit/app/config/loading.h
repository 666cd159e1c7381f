#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "app/config/config.h"

namespace tidewatch {

/// Variables and files that tests refer to.
inline Environment test_environment(std::map<std::string, std::string> variables = {},
                                    std::map<std::string, std::string> files = {}) {
  return {.variable = [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
          },
          .file = [files = std::move(files)](const std::string& path) -> Result<std::string> {
            const auto found = files.find(path);
            if (found == files.end()) return Error{"unreadable", "cannot be opened: No such file or directory"};
            return found->second;
          }};
}

inline LoadedConfig load(const std::string& yaml, const Environment& environment = test_environment()) {
  return load_config("tidewatch.yaml", yaml, environment);
}

/// Every error as a person reads it.
inline std::vector<std::string> errors_of(const LoadedConfig& loaded) {
  std::vector<std::string> out;
  for (const auto& error : loaded.errors) out.push_back(to_string(error));
  return out;
}
inline std::vector<std::string> errors_of(const std::string& yaml,
                                          const Environment& environment = test_environment()) {
  return errors_of(load(yaml, environment));
}

inline std::string source_file(const std::string& path) {
  std::ifstream in(std::string(TIDEWATCH_SOURCE_DIR) + "/" + path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

/// docs/examples/full.yaml and what it refers to.
inline std::string full_yaml() { return source_file("docs/examples/full.yaml"); }
inline Environment full_environment() {
  return test_environment({{"KAFKA_PASSWORD", "swordfish"},
                           {"HOSTNAME", "engine-3"},
                           {"JUDGE_KEY", "open-sesame"},
                           {"PAGERDUTY_KEY", "pd-key"},
                           {"SLACK_TOKEN", "xoxb-1"},
                           {"WEBHOOK_SECRET", "hush"},
                           {"SMTP_PASSWORD", "mail-pass"}},
                          {{"unsafe-phrases.yaml", source_file("docs/examples/unsafe-phrases.yaml")},
                           {"reference.jsonl", source_file("docs/examples/reference.jsonl")}});
}
inline LoadedConfig load_full() { return load_config("full.yaml", full_yaml(), full_environment()); }

}  // namespace tidewatch
