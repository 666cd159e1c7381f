# Headers of others that most sources read, parsed once: half of what a source of detectors/ costs is reading them, a sixth of
# others. No header of ours is among them, so a change of ours never makes everything anew. Sources still include what
# they use: `./dev lint` compiles them without these (not the tests).
set(standard_headers
  <algorithm> <array> <chrono> <cmath> <cstdint> <deque> <functional> <limits> <map> <memory> <numeric> <optional> <set>
  <span> <string> <string_view> <tuple> <unordered_map> <utility> <variant> <vector> <fmt/format.h>)
set(protobuf_headers
  <google/protobuf/extension_set.h> <google/protobuf/generated_enum_reflection.h>
  <google/protobuf/generated_message_reflection.h> <google/protobuf/generated_message_util.h>
  <google/protobuf/io/coded_stream.h> <google/protobuf/map_entry.h> <google/protobuf/map_field.h>
  <google/protobuf/message.h> <google/protobuf/repeated_field.h> <google/protobuf/timestamp.pb.h>
  <google/protobuf/unknown_field_set.h>)

# tidewatch_header_set(NAME LINK lib... HEADERS header...): what `tidewatch_precompile` takes by its name.
function(tidewatch_header_set name)
  cmake_parse_arguments(ARG "" "" "LINK;HEADERS" ${ARGN})
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/header_sets/${name}.cc CONTENT "")
  add_library(header_set_${name} OBJECT ${CMAKE_BINARY_DIR}/header_sets/${name}.cc)
  target_link_libraries(header_set_${name} PRIVATE ${ARG_LINK} tidewatch_warnings)  # they define macros as well
  target_precompile_headers(header_set_${name} PRIVATE ${ARG_HEADERS})
endfunction()

function(tidewatch_precompile target set)
  target_precompile_headers(${target} REUSE_FROM header_set_${set})
endfunction()

tidewatch_header_set(detectors LINK fmt::fmt Eigen3::Eigen HEADERS ${standard_headers} <Eigen/Core>)
tidewatch_header_set(engine LINK fmt::fmt protobuf::libprotobuf nlohmann_json::nlohmann_json
  HEADERS ${standard_headers} ${protobuf_headers} <nlohmann/json.hpp>)
tidewatch_header_set(tests LINK fmt::fmt protobuf::libprotobuf nlohmann_json::nlohmann_json GTest::gmock
  HEADERS ${standard_headers} ${protobuf_headers} <nlohmann/json.hpp> <gmock/gmock.h> <gtest/gtest.h>)
target_compile_options(header_set_tests PRIVATE ${test_compile_options})
