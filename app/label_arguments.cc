#include "app/label_arguments.h"

#include <fmt/format.h>

namespace tidewatch {

Status label_arguments(const std::vector<std::string>& arguments, Labels& into) {
  for (const std::string& label : arguments) {
    const size_t at = label.find('=');
    if (at == 0 || at == std::string::npos || at + 1 == label.size())
      return Error{"usage", fmt::format("--label {}: is not NAME=VALUE, as in service=shop", label)};
    into.set(label.substr(0, at), label.substr(at + 1));
  }
  return ok_status();
}

}  // namespace tidewatch
