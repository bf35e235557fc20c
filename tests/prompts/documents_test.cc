// What docs/PROMPTS.md shows is understood, and every file of prompts/ is a prompt.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "prompts/prompt_helpers.h"
#include "source_dir.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string read(const fs::path& file) {
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

// The blocks of one kind between lines of three backquotes.
std::vector<std::string> blocks(const std::string& page, const std::string& kind) {
  std::vector<std::string> found;
  std::istringstream lines(page);
  std::string line, open;
  while (std::getline(lines, line)) {
    if (line.starts_with("```")) {
      open = open.empty() ? line + " " : "";
      if (open == "```" + kind + " ") found.emplace_back();
    } else if (open == "```" + kind + " ") {
      found.back() += line + "\n";
    }
  }
  return found;
}

// --name value, the value perhaps in quotation marks; one a line.
HybridPrompt parse_options_block(const std::string& block) {
  std::vector<std::pair<std::string, std::string>> options;
  std::istringstream lines(block);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t space = line.find(' ');
    std::string value = line.substr(space + 1);
    if (value.starts_with('"')) value = value.substr(1, value.size() - 2);
    options.emplace_back(line.substr(2, space - 2), value);
  }
  return parse_prompt_options(options);
}

TEST(Documents, EveryExampleIsUnderstood) {
  const std::string page = read(test::source_dir() / "docs/PROMPTS.md");
  const auto sentences = blocks(page, "text"), toml = blocks(page, "toml"), options = blocks(page, "options");
  ASSERT_GE(sentences.size(), 7u);
  ASSERT_GE(toml.size(), 2u);
  ASSERT_GE(options.size(), 2u);
  for (const std::string& block : sentences) {
    EXPECT_NO_THROW(parse_prompt_text(block)) << block;
    std::istringstream lines(block);
    for (std::string line; std::getline(lines, line);) EXPECT_NO_THROW(parse_prompt_text(line)) << line;
  }
  for (const std::string& block : toml)
    EXPECT_NO_THROW(validate(parse_prompt_toml(block, "PROMPTS.md"))) << block;
  for (const std::string& block : options) EXPECT_NO_THROW(validate(parse_options_block(block))) << block;
  const HybridPrompt first = parse_prompt_text(sentences[0]);
  EXPECT_EQ(parse_prompt_toml(toml[0], "PROMPTS.md"), first);
  HybridPrompt by_options = parse_options_block(options[0]);
  EXPECT_EQ(by_options, first);
  for (Rule& rule : by_options.rules) rule.text.clear();
  EXPECT_THAT(page, HasSubstr(describe(by_options)));
  EXPECT_EQ(parse_prompt_text(sentences[1]), generic_prompt());
  EXPECT_THAT(page, HasSubstr(test::bad_prompt([] { parse_prompt_text("Anomalies are smaler than 5%."); })));
}

TEST(Documents, EveryOptionAndQuantityIsListed) {
  const std::string page = read(test::source_dir() / "docs/PROMPTS.md");
  for (const PromptOption& option : prompt_options())
    EXPECT_THAT(page, HasSubstr("`--" + std::string(option.name) + "`"));
}

// In the folders of data sets every category has a file, which tests/eval/data looks at; the index names all
// other files.
TEST(Documents, PromptFiles) {
  const fs::path prompts = test::source_dir() / "prompts";
  const std::string index = read(prompts / "README.md");
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(prompts)) {
    const fs::path below = fs::relative(entry.path(), prompts), folder = below.parent_path();
    if (entry.is_directory()) {
      EXPECT_THAT(index, HasSubstr(below.string() + "/"));
    }
    if (entry.path().extension() != ".toml") continue;
    ++files;
    const HybridPrompt prompt = load_prompt(entry.path());
    EXPECT_NO_THROW(validate(prompt)) << entry.path();
    EXPECT_FALSE(prompt.phrases.empty()) << entry.path();
    EXPECT_FALSE(prompt.rules.empty()) << entry.path();
    if (folder.empty() || folder == "examples") {
      EXPECT_THAT(index, HasSubstr(entry.path().filename().string()));
    }
  }
  EXPECT_GE(files, 40);
  EXPECT_EQ(load_prompt(prompts / "generic.toml"), generic_prompt());
}

}  // namespace
}  // namespace anomalyvlm
