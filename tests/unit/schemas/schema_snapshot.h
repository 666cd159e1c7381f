#pragma once

#include <google/protobuf/descriptor.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tidewatch {

/// What readers of a schema rely on: for each "message.field" its number, type and cardinality ("3 string singular").
/// Singular fields without presence, `optional`, `repeated` and `map` are told apart.
using SchemaSnapshot = std::map<std::string, std::string>;

/// Of all messages of the files, nested ones included.
SchemaSnapshot snapshot_of(const std::vector<const google::protobuf::FileDescriptor*>& files);

/// One field a line, ordered by name; lines that start with '#' and empty ones do not count.
std::string write_snapshot(const SchemaSnapshot& snapshot);
SchemaSnapshot read_snapshot(std::string_view text);

/// Sentences on what `now` breaks for those who rely on `committed`: a field that vanished (or got another name), or
/// has another number, type or cardinality. New fields break nothing.
std::vector<std::string> breaking_changes(const SchemaSnapshot& committed, const SchemaSnapshot& now);

/// Names of `now` that `committed` lacks.
std::vector<std::string> additions(const SchemaSnapshot& committed, const SchemaSnapshot& now);

}  // namespace tidewatch
