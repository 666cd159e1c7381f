#pragma once

#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>

namespace tidewatch::tap {

/// A message as protobuf's JSON mapping with the field names of the schema, but ids of traces and spans in hexadecimal
/// as everywhere else. A message with a number that JSON cannot hold, or with a text that is no UTF-8, becomes
/// {"unprintable": "<what>"}.
nlohmann::ordered_json message_json(const google::protobuf::Message& message);

}  // namespace tidewatch::tap
