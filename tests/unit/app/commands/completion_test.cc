#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "app/commands.h"
#include "app/completion/command_tree.h"

namespace tidewatch::completion {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Command tree() {
  CLI::App root;
  Chosen chosen;
  register_commands(root, chosen);
  return command_tree(root);
}

std::string written(const std::string& name, const std::string& content) {
  const std::string path = testing::TempDir() + "/" + name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

/// Output and success of a shell command.
std::pair<std::string, bool> shell(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string out;
  std::array<char, 4096> piece{};
  for (size_t size = 0; (size = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;) out.append(piece.data(), size);
  const int status = ::pclose(pipe);
  return {out, WIFEXITED(status) && WEXITSTATUS(status) == 0};
}

bool is_installed(const std::string& program) { return shell("command -v " + program).second; }

/// What bash offers after these words, the last of which is being written.
std::string offered(const std::string& words) {
  const auto script = written("tidewatch.bash", bash_script(tree()));
  const auto test = written("complete.bash", fmt::format("set -u\nsource '{}'\nCOMP_WORDS=(tidewatch {})\n"
                                                         "COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n_tidewatch\n"
                                                         "echo \"${{COMPREPLY[*]}}\"\n",
                                                         script, words));
  const auto [out, is_good] = shell(fmt::format("cd '{}' && bash '{}' 2>&1", testing::TempDir(), test));
  EXPECT_TRUE(is_good) << out;
  return out;
}

TEST(BashCompletion, OffersCommandsTheirOptionsAndTheirValues) {
  EXPECT_EQ(offered("back"), "backtest\n");
  EXPECT_EQ(offered("config d"), "docs\n");
  EXPECT_EQ(offered("gen --scenario quiet-w"), "quiet-week\n");
  EXPECT_EQ(offered("config show --c"), "--config\n");
  EXPECT_EQ(offered("doctor --fi"), "--fix\n");
  EXPECT_EQ(offered("tap qual"), "quality-scores\n");
  EXPECT_EQ(offered("run --stages ''"), "alert assemble detect evaluate notify observe session\n");
  EXPECT_EQ(offered("gen --format = b"), "binpb\n");
  EXPECT_EQ(offered("gen --format = "), "jsonl binpb\n");
  EXPECT_EQ(offered("gen --seed ''"), "\n");
  EXPECT_EQ(offered("gen --scenario model"), "model-update\n");
  EXPECT_EQ(offered("gen --bro"), "--brokers\n");
}

TEST(BashCompletion, OffersFilesAlsoForTheSecondOfMany) {
  written("some-spans.jsonl", "");
  EXPECT_EQ(offered("backtest --spans some-sp"), "some-spans.jsonl\n");
  EXPECT_EQ(offered("backtest --spans first.jsonl some-sp"), "some-spans.jsonl\n");
  EXPECT_EQ(offered("backtest --spans first.jsonl --ou"), "--out\n");
}

TEST(BashCompletion, DoesNotTakeTheValueOfAnOptionForACommand) {
  EXPECT_EQ(offered("run --instance config --sta"), "--stages\n");
}

TEST(ZshCompletion, IsGoodSyntaxAndSaysWhatEachThingIs) {
  const std::string script = zsh_script(tree());
  EXPECT_THAT(script, HasSubstr("'(-c --config)'{-c,--config}'[config file]:value:_files'"));
  EXPECT_THAT(script, HasSubstr("config) _tidewatch_config ;;"));
  EXPECT_THAT(script, HasSubstr("value:(jsonl binpb)'"));
  if (!is_installed("zsh")) return;
  const auto file = written("_tidewatch", script);
  EXPECT_TRUE(shell("zsh -n '" + file + "' 2>&1").second) << shell("zsh -n '" + file + "' 2>&1").first;
}

TEST(FishCompletion, IsGoodSyntaxAndOffersCommands) {
  const std::string script = fish_script(tree());
  EXPECT_THAT(script, HasSubstr("complete -c tidewatch -n '__fish_use_subcommand' -a backtest -d "));
  EXPECT_THAT(script, HasSubstr("-n '__fish_seen_subcommand_from doctor' -l fix -d "));
  EXPECT_THAT(script, HasSubstr("-l format -r -a 'jsonl binpb' "));
  if (!is_installed("fish")) return;
  const auto file = written("tidewatch.fish", script);
  EXPECT_TRUE(shell("fish -n '" + file + "' 2>&1").second);
  EXPECT_THAT(shell("fish -c 'source " + file + "; complete -C \"tidewatch back\"' 2>&1").first,
              HasSubstr("backtest\t"));
}

TEST(CommandTree, HasEveryCommandOfTheProgram) {
  std::string names;
  for (const auto& command : tree().commands) names += command.path.back() + " ";
  for (const char* name :
       {"run", "backtest", "detect", "gen", "validate", "config", "doctor", "tap", "version", "completion"})
    EXPECT_THAT(names, HasSubstr(std::string(name) + " "));
}

}  // namespace
}  // namespace tidewatch::completion
