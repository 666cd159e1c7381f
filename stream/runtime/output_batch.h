#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stream/publish/wire_format.h"
#include "stream/runtime/effects.h"

namespace tidewatch {

/// One record to be appended.
struct Output {
  Stream stream;
  std::string key;
  std::string value;
  std::vector<Header> headers;
  bool is_everywhere = false;  ///< goes to every partition
};

/// Collects what a stage does until the runner commits it. The same class serves both runners.
class OutputBatch final : public Effects {
 public:
  /// `stage` is written into dead letters; payloads above `dead_letter_bytes` are cut. `format`: of dead letters.
  explicit OutputBatch(std::string stage, size_t dead_letter_bytes = size_t{64} * 1024,
                       WireFormat format = WireFormat::json);

  void emit(Stream stream, std::string_view key, std::string_view value, std::span<const Header> headers) override;
  void emit_everywhere(Stream stream, std::string_view key, std::string_view value) override;
  void dead_letter(const Record& record, const Error& reason, std::string_view part) override;
  void count(std::string_view name, std::string_view label, uint64_t by) override;

  const std::vector<Output>& outputs() const { return outputs_; }
  size_t bytes() const { return bytes_; }  ///< keys and values collected
  bool empty() const { return outputs_.empty(); }
  /// Counts by (name, label).
  const std::map<std::pair<std::string, std::string>, uint64_t>& counts() const { return counts_; }
  void clear();

 private:
  std::string stage_;
  size_t dead_letter_bytes_;
  WireFormat format_;
  std::vector<Output> outputs_;
  std::map<std::pair<std::string, std::string>, uint64_t> counts_;
  size_t bytes_ = 0;
};

/// Drops everything: what a replaying task is given, since its outputs were committed before.
class NoEffects final : public Effects {
 public:
  void emit(Stream, std::string_view, std::string_view, std::span<const Header>) override {}
  void emit_everywhere(Stream, std::string_view, std::string_view) override {}
  void dead_letter(const Record&, const Error&, std::string_view) override {}
  void count(std::string_view, std::string_view, uint64_t) override {}
};

}  // namespace tidewatch
