#include "app/testset/test_run.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/files/byte_sink.h"
#include "app/files/span_file_reader.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;

Json json_of(const ItemRun& item) {
  Json out = {{"id", item.id}};
  if (item.error.empty())
    out["answer"] = item.answer;
  else
    out["error"] = item.error;
  out["seconds"] = item.seconds;
  if (item.usd > 0) out["usd"] = item.usd;
  for (const auto& [name, verdict] : item.verdicts) {
    Json& into = out["verdicts"][name];
    into = Json::object();
    if (verdict.passed) into["passed"] = *verdict.passed;
    if (verdict.score) into["score"] = *verdict.score;
    if (!verdict.why.empty()) into["why"] = verdict.why;
  }
  return out;
}

ItemRun item_of(const Json& value) {
  ItemRun out;
  out.id = value.at("id").get<std::string>();
  out.answer = value.value("answer", "");
  out.error = value.value("error", "");
  out.seconds = value.value("seconds", 0.0);
  out.usd = value.value("usd", 0.0);
  const Json verdicts = value.value("verdicts", Json::object());
  for (const auto& [name, verdict] : verdicts.items()) {
    RunVerdict& into = out.verdicts[name];
    if (verdict.contains("passed")) into.passed = verdict["passed"].get<bool>();
    if (verdict.contains("score")) into.score = verdict["score"].get<double>();
    into.why = verdict.value("why", "");
  }
  return out;
}

}  // namespace

Status write_test_run(const TestRun& run, const std::string& path) {
  auto file = open_byte_sink(path);
  if (!file) return file.error();
  const Json head = {{"tidewatch_run", kFormat}, {"testset", run.set},       {"version", run.version},
                     {"digest", run.digest},     {"model", run.model},       {"url", run.url},
                     {"at", rfc3339(run.at)},    {"items", run.items.size()}};
  const auto put = [&](const Json& line) {
    return (*file)->write(line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  };
  if (auto written = put(head); !written) return written;
  for (const ItemRun& item : run.items)
    if (auto written = put(json_of(item)); !written) return written;
  return (*file)->close();
}

Result<TestRun> read_test_run(const std::string& path) {
  auto file = SpanFileReader::open(path, FileFraming::lines);
  if (!file) return file.error();
  TestRun out;
  bool has_head = false;
  for (;;) {
    const auto record = file->next();
    if (!record) return Error{"bad_data", record.error().message};
    if (!*record) break;
    const Json value = Json::parse((*record)->payload, nullptr, false);
    try {
      if (!has_head) {
        if (!value.is_object() || value.value("tidewatch_run", Json()) != kFormat)
          return Error{"bad_data", fmt::format("{}: no run that `tidewatch evaluate --testset --out` wrote",
                                               file->position(**record))};
        out.set = value.value("testset", "");
        out.version = value.value("version", 0U);
        out.digest = value.value("digest", "");
        out.model = value.value("model", "");
        out.url = value.value("url", "");
        has_head = true;
        continue;
      }
      out.items.push_back(item_of(value));
    } catch (const Json::exception& e) {
      return Error{"bad_data", fmt::format("{}: {}", file->position(**record), e.what())};
    }
  }
  if (!has_head) return Error{"bad_data", fmt::format("{}: an empty file is no run", path)};
  return out;
}

}  // namespace tidewatch
