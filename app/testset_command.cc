#include "app/testset_command.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "app/config_argument.h"
#include "app/exit_code.h"
#include "app/progress.h"
#include "app/testset/convert_test_set.h"
#include "app/testset/create_test_set.h"

namespace tidewatch {
namespace {

struct CreateArguments {
  std::string config;
  BacktestFiles files;
  std::string reviews;
  std::string name;
  std::string previous;
  std::string out;
  size_t size = 0;
};

struct FileArguments {
  std::string file;
  std::string name;
  std::string shape;
  std::string out;
};

/// "shop" of "sets/shop.v2.jsonl.gz".
std::string name_from(const std::string& path) {
  const std::string file = std::filesystem::path(path).filename().string();
  return file.substr(0, file.find('.'));
}

void print_written(const TestSet& set, const std::string& path) {
  fmt::print("{} version {}, {} items, written to {}\n", set.name, set.version, set.items.size(), path);
}

void print(const CreateReport& report) {
  fmt::print("{} of {} requests chosen", report.sample.chosen + report.sample.reported_late, report.sample.requests);
  if (report.sample.over_budget > 0) fmt::print(", {} left out by the budget", report.sample.over_budget);
  if (report.over_size > 0) fmt::print(", {} left out by --size", report.over_size);
  fmt::print("\n");
  if (report.reviewed + report.missing > 0)
    fmt::print("{} reviewed answers found, {} not in the files\n", report.reviewed, report.missing);
  if (report.unread_reviews > 0) fmt::print("{} reviews could not be read, or name no trace\n", report.unread_reviews);
  if (report.without_answer > 0)
    fmt::print("{} had no question or no answer recorded (docs/ingest.md says how content gets in)\n",
               report.without_answer);
  if (report.known > 0) fmt::print("{} asked what another item asks\n", report.known);
  if (report.sample.unreadable > 0)
    fmt::print("{} unreadable and left out; `tidewatch backtest` on the same files says why\n",
               report.sample.unreadable);
  fmt::print("{} items added\n", report.added);
}

Exit create(const CreateArguments& arguments) {
  auto config = config_or_report(arguments.config);
  if (!config) return Exit::bad_config;
  config->observe.read_at = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  CreateRequest request{std::move(*config), arguments.files, arguments.reviews, arguments.name, arguments.size, {}};
  if (!request.config.assemble.sampling.is_on() && request.reviews.empty())
    return fail_with({"bad_data",
                      "nothing would be chosen: the config samples nothing (as in sampling: {random: 5%}), and there "
                      "are no --reviews"});
  if (!arguments.previous.empty()) {
    auto previous = read_test_set(arguments.previous);
    if (!previous) return fail_with(previous.error());
    request.previous = std::move(*previous);
    if (request.name.empty()) request.name = request.previous->name;
  }
  if (request.name.empty()) request.name = name_from(arguments.out);
  Result<CreateReport> report = CreateReport();
  {
    Progress bar("choosing");
    report = create_test_set(request, [&](double done) { bar.update(done); });
  }
  if (!report) return fail_with(report.error());
  print(*report);
  if (report->set.items.empty()) return fail_with({"bad_data", "no item: the test set would be empty"});
  if (auto written = write_test_set(report->set, arguments.out); !written) return fail_with(written.error());
  print_written(report->set, arguments.out);
  return Exit::ok;
}

Exit import(const FileArguments& arguments) {
  auto imported = import_test_set(arguments.file);
  if (!imported) return fail_with(imported.error());
  if (!arguments.name.empty()) imported->set.name = arguments.name;
  if (imported->set.name.empty()) imported->set.name = name_from(arguments.out);
  if (auto written = write_test_set(imported->set, arguments.out); !written) return fail_with(written.error());
  print_written(imported->set, arguments.out);
  return Exit::ok;
}

Exit export_to(const FileArguments& arguments) {
  const auto set = read_test_set(arguments.file);
  if (!set) return fail_with(set.error());
  const SetShape shape = arguments.shape == "langfuse" ? SetShape::langfuse : SetShape::openai_evals;
  if (auto written = export_test_set(*set, shape, arguments.out); !written) return fail_with(written.error());
  fmt::print("{} items written to {}\n", set->items.size(), arguments.out);
  return Exit::ok;
}

Exit show(const FileArguments& arguments) {
  const auto set = read_test_set(arguments.file);
  if (!set) return fail_with(set.error());
  std::map<std::string, size_t> tags;
  std::map<std::string, size_t> endpoints;
  size_t with_ideal = 0;
  double stands_for = 0;
  for (const TestItem& item : set->items) {
    for (const std::string& tag : item.tags) ++tags[tag];
    if (const auto endpoint = item.labels.find("endpoint"); endpoint != item.labels.end())
      ++endpoints[endpoint->second];
    with_ideal += item.ideals.empty() ? 0 : 1;
    stands_for += item.weight;
  }
  fmt::print("{} version {}: {} items, {} of them with an ideal answer; digest {}\n", set->name, set->version,
             set->items.size(), with_ideal, set->digest());
  fmt::print("stands for {:.0f} requests of production\n", stands_for);
  for (const auto& [tag, count] : tags) fmt::print("{:>7} {}\n", count, tag);
  for (const auto& [endpoint, count] : endpoints) fmt::print("{:>7} at {}\n", count, endpoint);
  return Exit::ok;
}

void register_create(CLI::App& testset, Chosen& chosen) {
  auto* command = testset.add_subcommand("create", "Make a test set of what production was asked");
  auto arguments = std::make_shared<CreateArguments>();
  command
      ->add_option(
          "--config", arguments->config,
          "config file: its `sampling` says who is chosen, its `validators` whose answers are tagged as failed")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--spans", arguments->files.spans,
                   "traces: OTLP JSON lines or length-delimited protobuf (.binpb), .gz and .zst of either")
      ->required()
      ->type_name("FILE");
  command->add_option("--logs", arguments->files.logs, "OTLP log records, in the same forms")->type_name("FILE");
  command
      ->add_option("--feedback", arguments->files.feedback,
                   "feedback events, one JSON value per line: what users report is taken")
      ->type_name("FILE");
  command
      ->add_option("--reviews", arguments->reviews,
                   "evaluations by people, one JSON value per line (docs/topics/llm.evaluations.md): every answer that "
                   "has one is taken")
      ->type_name("FILE");
  command->add_option("--size", arguments->size, "most items that are chosen by chance; default: all that are");
  command->add_option("--name", arguments->name, "of the test set; default: of --previous, or of the file");
  command->add_option("--previous", arguments->previous, "a test set whose next version this is: its items stay")
      ->type_name("FILE");
  command->add_option("--out", arguments->out, "test set to write")->required()->type_name("FILE");
  command->callback([arguments, &chosen] { chosen.run = [arguments] { return create(*arguments); }; });
}

}  // namespace

void register_testset(CLI::App& root, Chosen& chosen) {
  auto* testset = root.add_subcommand("testset", "Make test sets of production, and exchange them with others");
  testset->require_subcommand(1);
  register_create(*testset, chosen);

  const auto of_file = [&](const char* name, const char* about, Exit (*run)(const FileArguments&)) {
    auto* command = testset->add_subcommand(name, about);
    auto arguments = std::make_shared<FileArguments>();
    command->callback([arguments, run, &chosen] { chosen.run = [arguments, run] { return run(*arguments); }; });
    return std::pair(command, arguments);
  };
  {
    const auto [command, arguments] =
        of_file("import", "Read items of OpenAI evals, Langfuse, or a test set that was changed by hand", import);
    command->add_option("file", arguments->file, "JSON lines, or a document with a list")
        ->required()
        ->type_name("FILE");
    command->add_option("--name", arguments->name, "of the test set; default: what the file says, or its name");
    command->add_option("--out", arguments->out, "test set to write")->required()->type_name("FILE");
  }
  {
    const auto [command, arguments] = of_file("export", "Write a test set for others", export_to);
    command->add_option("file", arguments->file, "test set")->required()->type_name("FILE");
    command->add_option("--shape", arguments->shape, "openai-evals or langfuse")
        ->required()
        ->check(CLI::IsMember({"openai-evals", "langfuse"}));
    command->add_option("--out", arguments->out, "file to write, one item a line")->required()->type_name("FILE");
  }
  const auto [command, arguments] = of_file("show", "Say what is in a test set", show);
  command->add_option("file", arguments->file, "test set")->required()->type_name("FILE");
}

}  // namespace tidewatch
