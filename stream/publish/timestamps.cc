#include "stream/publish/timestamps.h"

#include <google/protobuf/util/time_util.h>

namespace tidewatch {

google::protobuf::Timestamp to_proto(Timestamp time) {
  return google::protobuf::util::TimeUtil::NanosecondsToTimestamp(time.time_since_epoch().count());
}

Timestamp from_proto(const google::protobuf::Timestamp& time) {
  using std::chrono::duration_cast;
  using std::chrono::seconds;
  if (time.seconds() <= duration_cast<seconds>(kMinTimestamp.time_since_epoch()).count()) return kMinTimestamp;
  if (time.seconds() >= duration_cast<seconds>(kMaxTimestamp.time_since_epoch()).count()) return kMaxTimestamp;
  return Timestamp(Duration(google::protobuf::util::TimeUtil::TimestampToNanoseconds(time)));
}

std::string rfc3339(Timestamp time) { return google::protobuf::util::TimeUtil::ToString(to_proto(time)); }

}  // namespace tidewatch
