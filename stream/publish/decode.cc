#include "stream/publish/decode.h"

#include <google/protobuf/util/json_util.h>

#include <string>

namespace tidewatch {

Status decode(std::string_view value, google::protobuf::Message& into) {
  if (!value.starts_with('{')) {
    if (into.ParseFromArray(value.data(), static_cast<int>(value.size()))) return ok_status();
    return Error{"bad_event", "is no protobuf of the schema"};
  }
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status = google::protobuf::util::JsonStringToMessage({value.data(), value.size()}, &into, options);
  if (status.ok()) return ok_status();
  return Error{"bad_event",
               "is no JSON of the schema: " + std::string(status.message().data(), status.message().size())};
}

}  // namespace tidewatch
