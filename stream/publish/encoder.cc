#include "stream/publish/encoder.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver_util.h>

#include <cmath>
#include <memory>
#include <vector>

#include "detectors/core/check.h"

namespace tidewatch {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr const char* kTypePrefix = "type.googleapis.com";

/// Map fields have no order of their own; only deterministic serialisation sorts them.
std::string to_protobuf(const Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    TW_CHECK(message.SerializeToCodedStream(&coded), "a message of our own schema cannot be serialised");
  }
  return bytes;
}

/// As MessageToJsonString does it, but from deterministic bytes.
std::string to_json(const Message& message) {
  static const std::unique_ptr<google::protobuf::util::TypeResolver> resolver(
      google::protobuf::util::NewTypeResolverForDescriptorPool(kTypePrefix, DescriptorPool::generated_pool()));
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status = google::protobuf::util::BinaryToJsonString(
      resolver.get(), fmt::format("{}/{}", kTypePrefix, message.GetDescriptor()->full_name()), to_protobuf(message),
      &json, options);
  TW_CHECK(status.ok(), status.ToString());
  return json;
}

bool is_finite(const Message& message, const FieldDescriptor& field, int index) {
  const auto& reflection = *message.GetReflection();
  const bool repeated = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return std::isfinite(repeated ? reflection.GetRepeatedDouble(message, &field, index)
                                    : reflection.GetDouble(message, &field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return std::isfinite(repeated ? reflection.GetRepeatedFloat(message, &field, index)
                                    : reflection.GetFloat(message, &field));
    default:
      return true;
  }
}

bool can_hold_a_number(const FieldDescriptor& field) {
  const auto type = field.cpp_type();
  return type == FieldDescriptor::CPPTYPE_MESSAGE || type == FieldDescriptor::CPPTYPE_DOUBLE ||
         type == FieldDescriptor::CPPTYPE_FLOAT;
}

}  // namespace

std::optional<std::string> non_finite_field(const Message& message) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!can_hold_a_number(*field)) continue;
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const auto name = [&] { return field->is_repeated() ? fmt::format("{}[{}]", field->name(), i) : field->name(); };
      if (!is_finite(message, *field, i)) return name();
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
      const Message& inner = field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                                  : reflection.GetMessage(message, field);
      if (const auto found = non_finite_field(inner)) return name() + "." + *found;
    }
  }
  return std::nullopt;
}

std::string encode(const Message& message, WireFormat format) {
  const auto bad = non_finite_field(message);
  TW_CHECK(!bad, fmt::format("{}.{} is not a finite number", message.GetDescriptor()->name(), *bad));
  return format == WireFormat::json ? to_json(message) : to_protobuf(message);
}

std::string content_type(WireFormat format) {
  return format == WireFormat::json ? "application/json" : "application/protobuf";
}

}  // namespace tidewatch
