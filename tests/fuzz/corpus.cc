#include "tests/fuzz/corpus.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <protozero/pbf_writer.hpp>
#include <set>

#include "tests/sim/otlp_traffic.h"

namespace tidewatch::fuzz {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

namespace {

/// What stands in a page's blocks of JSON.
std::vector<std::string> examples_of(const std::string& page) {
  const std::string text = read_file(fs::path(TIDEWATCH_SOURCE_DIR) / "docs/topics" / (page + ".md"));
  constexpr std::string_view kBegin = "```json\n";
  std::vector<std::string> out;
  for (size_t at = 0; (at = text.find(kBegin, at)) != std::string::npos;) {
    at += kBegin.size();
    const size_t end = text.find("```", at);
    out.push_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

std::string field(uint32_t number, const std::string& bytes) {
  std::string out;
  protozero::pbf_writer(out).add_message(number, bytes);
  return out;
}

/// A span with an attribute that is a list of a list of ... in OTLP protobuf.
std::string nested_protobuf(int depth) {
  std::string value = field(1, "innermost");                          // string_value
  for (int i = 0; i < depth; ++i) value = field(5, field(1, value));  // array_value.values
  std::string span;
  protozero::pbf_writer writer(span);
  writer.add_bytes(1, std::string(16, 'a'));
  writer.add_bytes(2, std::string(8, 'b'));
  writer.add_fixed64(7, 1'700'000'000'000'000'000);
  writer.add_fixed64(8, 1'700'000'001'000'000'000);
  writer.add_message(9, field(1, "gen_ai.input.messages") + field(2, value));
  return field(1, field(2, field(2, span)));
}

std::string nested_json(int depth) {
  std::string value = R"({"stringValue":"innermost"})";
  std::string open;
  std::string close;
  for (int i = 0; i < depth; ++i) {
    open += R"({"arrayValue":{"values":[)";
    close += "]}}";
  }
  return R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c",)"
         R"("spanId":"eee19b7ec3c1b174","startTimeUnixNano":"1700000000000000000",)"
         R"("endTimeUnixNano":"1700000001000000000","attributes":[{"key":"gen_ai.input.messages","value":)" +
         open + value + close + "}]}]}]}]}";
}

std::vector<Message> gather() {
  std::vector<Message> out;
  // A dozen of each kind, so that what is rare (votes, log records) is damaged as often as spans are.
  std::map<std::pair<Stream, bool>, int> taken;
  for (const auto& sent : otlp_traffic(1, {.flow = {}}))
    if (++taken[{sent.stream, sent.value.starts_with('{')}] <= 12) out.push_back({sent.stream, sent.value});
  const std::pair<Stream, const char*> pages[] = {{Stream::traces, "otlp_spans"},
                                                  {Stream::logs, "otlp_logs"},
                                                  {Stream::feedback, "llm.feedback"},
                                                  {Stream::evaluations, "llm.evaluations"}};
  for (const auto& [stream, page] : pages)
    for (auto& example : examples_of(page)) out.push_back({stream, std::move(example)});
  const fs::path captures = fs::path(TIDEWATCH_SHARED_DIR) / "samples/otlp";
  if (fs::exists(captures)) {
    std::set<fs::path> files;  // in the same order everywhere
    for (const auto& file : fs::directory_iterator(captures))
      if (file.is_regular_file()) files.insert(file.path());
    for (const auto& file : files) out.push_back({Stream::traces, read_file(file)});
  }
  for (const int depth : {31, 33, 5'000}) {
    out.push_back({Stream::traces, nested_protobuf(depth)});
    out.push_back({Stream::traces, nested_json(depth)});
  }
  return out;
}

}  // namespace

const std::vector<Message>& corpus() {
  static const std::vector<Message> all = gather();
  return all;
}

}  // namespace tidewatch::fuzz
