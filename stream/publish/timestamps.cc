#include "stream/publish/timestamps.h"

#include <google/protobuf/util/time_util.h>

namespace tidewatch {

google::protobuf::Timestamp to_proto(Timestamp time) {
  return google::protobuf::util::TimeUtil::NanosecondsToTimestamp(time.time_since_epoch().count());
}

std::string rfc3339(Timestamp time) { return google::protobuf::util::TimeUtil::ToString(to_proto(time)); }

}  // namespace tidewatch
