#pragma once

#include <librdkafka/rdkafka.h>

#include <map>
#include <memory>
#include <string>

namespace tidewatch::kafka_test {

struct DestroyHandle {
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
};
using Handle = std::unique_ptr<rd_kafka_t, DestroyHandle>;

/// A producer handle (also good for admin requests); throws std::runtime_error when a property is not accepted.
Handle make_client(const std::string& brokers, const std::map<std::string, std::string>& properties = {});
/// A consumer that reads what it is assigned; joins no group unless properties name one.
Handle make_consumer(const std::string& brokers, const std::map<std::string, std::string>& properties = {});

struct TestRecord;
/// Hands one record to the producer; throws std::runtime_error when its queue does not take it.
void append(rd_kafka_t* producer, const std::string& topic, const TestRecord& record);

}  // namespace tidewatch::kafka_test
