#include "app/testset/create_test_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "app/files/span_file_reader.h"
#include "detectors/sketch/bottom_k.h"
#include "stream/assemble/sampler.h"
#include "stream/evaluate/evaluation_event.h"
#include "stream/evaluate/trace_texts.h"
#include "stream/evaluate/validators/evidence.h"
#include "stream/ingest/evaluation.h"
#include "stream/ingest/mapping/hex.h"

namespace tidewatch {
namespace {

/// Verdicts of people by raw trace id: "fail_helpful".
using Reviews = std::map<std::string, std::set<std::string>>;

Result<Reviews> read_reviews(const CreateRequest& request, CreateReport& report) {
  Reviews out;
  if (request.reviews.empty()) return out;
  auto file = SpanFileReader::open(request.reviews, FileFraming::lines);
  if (!file) return file.error();
  for (;;) {
    const auto record = file->next();
    if (!record) {
      ++report.unread_reviews;
      continue;
    }
    if (!*record) break;
    const auto found = parse_evaluations((*record)->payload, kMaxTimestamp, request.config.observe.score_ranges);
    if (!found) {
      ++report.unread_reviews;
      continue;
    }
    report.unread_reviews += found->bad.size();
    for (const auto& [target, facts] : found->evaluations) {
      if (target.kind != EventTarget::Kind::trace) {
        ++report.unread_reviews;
        continue;
      }
      auto& tags = out[target.id];
      if (facts.has_passed()) tags.insert(fmt::format("{}_{}", facts.passed() ? "pass" : "fail", facts.name()));
    }
  }
  return out;
}

TestItem item_of(const AnsweredTexts& texts, const std::string& trace_id) {
  TestItem out;
  if (!texts.details.instructions.empty()) out.messages.push_back({"system", masked(texts.details.instructions)});
  out.messages.push_back({"user", masked(texts.question)});
  for (const std::string& document : texts.documents) out.documents.push_back(masked(document));
  out.schema = texts.schema;
  out.answer = masked(texts.answer.value_or(""));
  out.trace_id = to_hex(trace_id);
  out.id = content_id(out);
  return out;
}

void add_tag(TestItem& item, const std::string& tag) {
  if (std::find(item.tags.begin(), item.tags.end(), tag) == item.tags.end()) item.tags.push_back(tag);
}

/// Collects items, each question once.
class Collector {
 public:
  Collector(CreateReport& report, const Reviews& reviews) : report_(report), reviews_(reviews) {
    for (size_t i = 0; i < report.set.items.size(); ++i) index_of_.emplace(report.set.items[i].id, i);
    from_before_ = report.set.items.size();
  }

  void add(TestItem item, const std::string& trace_id) {
    if (const auto review = reviews_.find(trace_id); review != reviews_.end()) {
      add_tag(item, "reviewed");
      for (const std::string& verdict : review->second) add_tag(item, verdict);
    }
    const auto [at, is_new] = index_of_.emplace(item.id, report_.set.items.size());
    if (is_new) {
      ++report_.added;
      report_.set.items.push_back(std::move(item));
      return;
    }
    ++report_.known;
    TestItem& there = report_.set.items[at->second];
    for (const std::string& tag : item.tags) add_tag(there, tag);
    if (at->second >= from_before_) there.weight += item.weight;  // the past of a version does not change
  }

 private:
  CreateReport& report_;
  const Reviews& reviews_;
  std::map<std::string, size_t> index_of_;
  size_t from_before_ = 0;
};

bool is_sought_out(const SampledRequest& sampled) {
  return std::any_of(sampled.as.begin(), sampled.as.end(), [](const ChosenRequest& as) {
    const auto& targets = as.request.targets();
    return std::find(targets.begin(), targets.end(), Sampler::kReported) != targets.end();
  });
}

/// Of the sample the `size` of lowest rank, by ranks that had no part in choosing it.
std::set<const SampledRequest*> kept_of_sample(const std::vector<const SampledRequest*>& sample, size_t size) {
  std::vector<const SampledRequest*> by_rank = sample;
  constexpr uint64_t kSalt = 3;
  const auto rank = [](const SampledRequest* one) { return sampling_rank(one->as.front().request.trace_id(), kSalt); };
  std::sort(by_rank.begin(), by_rank.end(), [&](const auto* a, const auto* b) { return rank(a) < rank(b); });
  if (size > 0 && by_rank.size() > size) by_rank.resize(size);
  return {by_rank.begin(), by_rank.end()};
}

}  // namespace

Result<CreateReport> create_test_set(const CreateRequest& request, const std::function<void(double)>& on_progress) {
  CreateReport report;
  if (request.previous) {
    report.set = *request.previous;
    ++report.set.version;
  }
  report.set.name = request.name;
  const auto validators = RuleValidators::make(request.config.validators);
  if (!validators) return validators.error();
  const auto reviews = read_reviews(request, report);
  if (!reviews) return reviews.error();
  std::set<std::string> besides;
  for (const auto& [id, verdicts] : *reviews) besides.insert(id);
  auto read = read_sample(request.config, request.files, besides, on_progress);
  if (!read) return read.error();
  report.sample = read->counts;

  const auto is_usable = [&](const std::optional<AnsweredTexts>& texts) {
    const bool is_there = texts && !texts->question.empty();
    report.without_answer += is_there ? 0 : 1;
    return is_there;
  };
  std::vector<const SampledRequest*> sample;
  for (const SampledRequest& one : read->requests)
    if (is_usable(one.texts)) sample.push_back(&one);
  const auto is_reported = [](const SampledRequest* one) { return is_sought_out(*one); };
  std::vector<const SampledRequest*> by_chance;
  std::copy_if(sample.begin(), sample.end(), std::back_inserter(by_chance), std::not_fn(is_reported));
  const auto kept = kept_of_sample(by_chance, request.size);
  report.over_size = by_chance.size() - kept.size();
  const double stands_for = kept.empty() ? 1 : static_cast<double>(by_chance.size()) / static_cast<double>(kept.size());

  Collector collector(report, *reviews);
  std::set<std::string> taken;
  for (const SampledRequest* one : sample) {
    const v1::EvalRequest& chosen = one->as.front().request;
    const bool is_by_chance = !is_reported(one);
    if (is_by_chance && !kept.contains(one)) continue;
    TestItem item = item_of(*one->texts, chosen.trace_id());
    item.labels = labels_of(chosen);
    for (const char* person : {"user", "session"}) item.labels.erase(person);
    item.weight = 0;
    for (const ChosenRequest& as : one->as)
      if (as.probability) item.weight = (is_by_chance ? stands_for : 1) / *as.probability;
    if (is_by_chance) add_tag(item, "sampled");
    for (const std::string& target : chosen.targets()) add_tag(item, target);
    for (const auto& [rule, found] : validators->check(reviewed(*one->texts), labels_of(chosen)))
      if (found.has_failed()) add_tag(item, "failed_" + rule->name);
    taken.insert(chosen.trace_id());
    collector.add(std::move(item), chosen.trace_id());
  }
  for (const auto& [id, texts] : read->besides) {
    ++(texts ? report.reviewed : report.missing);
    if (taken.contains(id) || !texts || !is_usable(texts)) continue;
    TestItem item = item_of(*texts, id);
    item.weight = 0;
    collector.add(std::move(item), id);
  }
  return report;
}

}  // namespace tidewatch
