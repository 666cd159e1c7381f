#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "detectors/sketch/aggregate.h"
#include "tidewatch/v1/partial.pb.h"

namespace tidewatch {

/// Aggregates by entity, pane and measure ("service=shop@1700000040000000000/votes"), merged over partials: the same
/// whatever the batches and partitions were.
class MergedPartials {
 public:
  void add(std::string_view entity, std::string_view bytes) {
    v1::Partial partial;
    ASSERT_TRUE(partial.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    for (const auto& row : partial.measures()) {
      auto part = Aggregate::deserialize(row.aggregate());
      ASSERT_TRUE(part.ok());
      const std::string name =
          std::string(entity) + "@" + std::to_string(partial.pane_start_unix_nano()) + "/" + row.measure();
      if (const auto known = cells_.find(name); known != cells_.end())
        known->second.merge(*part);
      else
        cells_.emplace(name, std::move(*part));
    }
  }
  std::map<std::string, std::string> bytes() const {
    std::map<std::string, std::string> out;
    for (const auto& [name, cell] : cells_) out.emplace(name, cell.serialize());
    return out;
  }

 private:
  std::map<std::string, Aggregate> cells_;
};

}  // namespace tidewatch
