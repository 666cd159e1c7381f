#include "app/config/format/table.h"

#include <fmt/format.h>

namespace tidewatch::config {

void report_unknown(Reader& reader, const Entry& entry, const std::vector<std::string_view>& names,
                    const std::vector<std::pair<std::string, std::string>>& refused) {
  for (const auto& [name, reason] : refused)
    if (name == entry.key) return reader.error(entry.mark, entry.value.path, reason);
  const auto near = nearest_name(entry.key, names);
  reader.error(entry.mark, entry.value.path,
               near.empty() ? "unknown key" : fmt::format("unknown key; did you mean \"{}\"?", near));
}

}  // namespace tidewatch::config
