#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "detectors/core/result.h"
#include "detectors/core/time.h"
#include "tidewatch/v1/notice.pb.h"

namespace tidewatch {

/// Where a change was read, and when it was written.
struct NoticeSource {
  int32_t partition = 0;
  int64_t offset = 0;
  Timestamp appended_at{};
};

/// One message to one sink.
struct Delivery {
  std::string subject;  ///< id of the alert or incident
  std::string key;      ///< of the change: the same whenever it is sent again
  std::shared_ptr<const v1::Notice> notice;
  NoticeSource source;
  Timestamp since{};        ///< when the first change was written that the sink has not been told of
  bool is_first = true;     ///< the sink does not know that it fires
  bool is_missed = false;   ///< it is over before the sink could be told of it
  bool is_repeat = false;   ///< it was told already: a sink that forgets has to hear it again and again
  std::string reference{};  ///< what the format left behind when the sink was last told
};

/// What became of one.
struct Settled {
  enum class Kind : uint8_t {
    told,       ///< the sink has it
    refused,    ///< it never will: `error` says why
    withdrawn,  ///< it was not sent any more
    finished,   ///< what is over has been repeated for long enough
  };
  size_t sink = 0;
  Delivery delivery;
  Kind kind = Kind::told;
  Error error{};
  std::string reference{};
};

}  // namespace tidewatch
