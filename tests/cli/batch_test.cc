// Batches: verdicts and exit codes, the table of a batch, folders in folders, standard input, ignored areas.
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/detect_fixture.h"
#include "core/platform.h"
#include "image/fixtures.h"
#include "source_dir.h"

namespace anomalyvlm::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Batch : public Detect {
 protected:
  Outcome detect(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "detect");
    arguments.insert(arguments.end(), {"--out", out_, "--write", "json"});
    return run_program(arguments);
  }
  json result(const std::string& name) const { return json::parse(read_file(fs::path(out_) / name)); }
  // A grey plate with a black dot; its score is far above 0.3.
  std::string plate(const std::string& name, int width = 160, int height = 120) const {
    Image image{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height * 3, 140)};
    for (int y = 50; y < 62; ++y)
      for (int x = 40; x < 52; ++x) std::fill_n(image.row(y) + 3 * x, 3, std::uint8_t{10});
    write_png(folder_ / name, image);
    return folder_ / name;
  }
  // A plate with a fine weave; its score is 0.
  std::string clean(const std::string& name) const {
    Image image{160, 120, std::vector<std::uint8_t>(160 * 120 * 3, 140)};
    for (int y = 0; y < 120; ++y)
      for (int x = y % 2; x < 160; x += 2) std::fill_n(image.row(y) + 3 * x, 3, std::uint8_t{100});
    write_png(folder_ / name, image);
    return folder_ / name;
  }
  std::string black(const std::string& name) const {
    write_png(folder_ / name, Image{160, 120, std::vector<std::uint8_t>(160 * 120 * 3, 2)});
    return folder_ / name;
  }
  std::string file(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
};

TEST_F(Batch, AVerdictSaysWhatIsNotOk) {
  const std::string bad = plate("bad.png"), good = clean("good.png");
  const Outcome both = detect({bad, good, "--limit", "0.3"});
  EXPECT_EQ(both.exit, 3) << both.err;
  EXPECT_THAT(both.out,
              AllOf(HasSubstr("  not OK (limit 0.3)  1 region"), HasSubstr("  OK (limit 0.3)  0 regions")));
  EXPECT_EQ(result("bad.json").at("verdict"), "not OK");
  EXPECT_EQ(result("good.json").at("verdict"), "OK");
  EXPECT_EQ(result("good.json").at("limit"), 0.3);
  EXPECT_EQ(detect({good, "--score-limit", "0.3"}).exit, 0);
  EXPECT_EQ(detect({bad, "--limit", "0.3", "--no-verdict-exit"}).exit, 0);
  EXPECT_EQ(detect({bad, folder_ / "missing.png", "--limit", "0.3"}).exit, 1) << "a failure is stronger";
  const Outcome high = detect({bad, "--limit", "50"});
  EXPECT_EQ(high.exit, 0);
  EXPECT_THAT(high.out, AllOf(HasSubstr("  OK (limit 50)  0 regions;"), HasSubstr(" below the limit")));
}

TEST_F(Batch, TheOptionIsStrongerThanThePromptsLimit) {
  const std::string bad = plate("bad.png"), prompt = file("p.toml", "phrases = [\"defect\"]\nlimit = 0.3\n");
  EXPECT_EQ(detect({bad, "--prompt", prompt}).exit, 3);
  EXPECT_EQ(detect({bad, "--prompt", prompt, "--limit", "50"}).exit, 0);
  EXPECT_EQ(detect({bad, "--limit", "-1"}).exit, 2);
  const Outcome zero = detect({bad, "--limit", "0"});
  EXPECT_EQ(zero.exit, 2);
  EXPECT_THAT(zero.err, AllOf(HasSubstr("--limit"), HasSubstr("a number above 0")));
}

TEST_F(Batch, StandardInputIsOneThing) {
  const Outcome both = detect({"-", "--prompt", "-"});
  EXPECT_EQ(both.exit, 2);
  EXPECT_THAT(both.err, HasSubstr("the image or the prompt, not both"));
}

TEST_F(Batch, ResultsSayWhatWasAskedFor) {
  const std::string image = plate("bad.png");
  ASSERT_EQ(detect({image, "--standard",
                    "Reject scratches longer than 60 px or wider than 3 px. No more than two dents. Nothing "
                    "else counts."})
                .exit,
            0);
  const auto prompt = result("bad.json").at("prompt");
  EXPECT_EQ(prompt.at("criteria").dump(), "[[0],[1]]");
  EXPECT_EQ(prompt.at("kind_limits").dump(), R"([{"max_regions":2,"phrases":["dents"]}])");
  EXPECT_EQ(prompt.at("only_named"), true);
  const auto has_note = [&](const std::vector<std::string>& arguments) {
    EXPECT_EQ(detect(arguments).exit, 0);
    return result("bad.json").at("notes").dump().find("names only") != std::string::npos;
  };
  EXPECT_TRUE(has_note({image, "--phrases", "scratch"}));
  EXPECT_FALSE(has_note({image, "--phrases", "scratch", "--max-regions", "0"}));
  EXPECT_FALSE(has_note({image}));
}

TEST_F(Batch, ATableHasARowForEachImage) {
  const std::string csv = folder_ / "results.csv", formula = plate("=1+1.png");
  const fs::path started_in = fs::current_path();
  fs::current_path(folder_.path());
  const Outcome run =
      detect({"=1+1.png", clean("a,b.png"), folder_ / "missing.png", "--limit", "0.3", "--csv", csv});
  fs::current_path(started_in);
  EXPECT_EQ(run.exit, 1);
  const std::string text = read_file(csv);
  EXPECT_THAT(text, StartsWith("file,verdict,score,regions,phrase,region_score,x0,y0,x1,y1,error\r\n"
                               "'=1+1.png,not OK,"));
  EXPECT_THAT(text, HasSubstr("a,b.png\",OK,0,0,,,,,,,\r\n"));
  EXPECT_THAT(text, HasSubstr("missing.png,,,,,,,,,,"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
  EXPECT_EQ(detect({formula, "--csv", csv}).exit, 0) << "its own table is replaced";
  const std::string before = read_file(formula);
  for (const std::string& path : {formula, out_ + "/=1+1.json", out_ + "/../out/=1+1.json"})
    EXPECT_EQ(detect({formula, "--csv", path, "--overwrite"}).exit, 1) << "neither an image nor a result";
  EXPECT_EQ(read_file(formula), before);
  const std::string theirs = file("labels.csv", "file,label\r\n");
  for (const std::string& path : {theirs, formula, folder_ / "no/such/folder.csv"})
    EXPECT_EQ(detect({formula, "--csv", path}).exit, 1);
  EXPECT_EQ(read_file(theirs), "file,label\r\n");
}

// A covered lens must not pass for a good part.
TEST_F(Batch, AFrameWithoutContentIsNotOk) {
  const std::string csv = folder_ / "results.csv";
  const Outcome run =
      detect({black("a.png"), clean("b.png"), black("c.png"), "--limit", "0.3", "--csv", csv});
  EXPECT_EQ(run.exit, 3) << run.err;
  EXPECT_THAT(run.out,
              AllOf(HasSubstr("a.png  score 0.000  not OK (limit 0.3)  no content: it is black;  0 regions"),
                    HasSubstr("b.png  score 0.000  OK (limit 0.3)  0 regions"),
                    HasSubstr("c.png  score 0.000  not OK (limit 0.3)  no content: it is black;")));
  EXPECT_THAT(run.err, AllOf(HasSubstr("2 of 3 images have no content that could be inspected, '"),
                             HasSubstr("such images are not OK")));
  EXPECT_THAT(read_file(csv), AllOf(HasSubstr("a.png,not OK,0,0,,,,,,,no content: it is black\r\n"),
                                    HasSubstr("b.png,OK,0,0,,,,,,,\r\n")));
  EXPECT_EQ(result("a.json").at("verdict"), "not OK");
  EXPECT_EQ(result("a.json").at("no_content"), "it is black");
  EXPECT_TRUE(result("b.json").at("no_content").is_null());
  const Outcome without = detect({folder_ / "a.png"});
  EXPECT_EQ(without.exit, 0) << "no limit, no verdict";
  EXPECT_THAT(without.out, HasSubstr("a.png  score 0.000  no content: it is black;"));
}

// What gives the image its score is seen first, whatever it is called.
TEST_F(Batch, TheStrongestRegionIsToldFirst) {
  const std::string leather = source_dir() / "examples/images/leather.png", csv = folder_ / "results.csv";
  const Outcome run = detect({leather, "--phrases", "scratch", "--csv", csv});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.out, ContainsRegex("score 1\\.25[0-9]  [0-9]+ regions: defect \\(not named\\) 1\\.25, "));
  EXPECT_THAT(run.out, HasSubstr("scratch 0.2"));
  EXPECT_THAT(read_file(csv), HasSubstr(",defect (not named),1.25"));
}

TEST_F(Batch, FilesOfOthersAreNotReplaced) {
  const std::string image = plate("a.png"), labels = file("a.json", "{\"shapes\": []}");
  const Outcome run = run_program({"detect", image, "--out", folder_.path().string()});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, AllOf(HasSubstr(labels), HasSubstr("--overwrite")));
  EXPECT_EQ(read_file(labels), "{\"shapes\": []}");
  EXPECT_THAT(names_in(folder_.path()), ElementsAre("a.json", "a.png"));
  EXPECT_EQ(run_program({"detect", image, "--out", folder_.path().string(), "--overwrite"}).exit, 0);
  EXPECT_THAT(read_file(labels), HasSubstr("anomalyvlm.detection"));
  EXPECT_EQ(run_program({"detect", image, "--out", folder_.path().string()}).exit, 0);
}

TEST_F(Batch, WhatIsPassedOverIsTold) {
  fs::create_directories(folder_ / "shots/inner");
  plate("shots/a.png");
  plate("shots/inner/b.png");
  file("shots/c.gif", "GIF89a");
  file("shots/notes.txt", "notes");
  const Outcome run = detect({folder_ / "shots"});
  EXPECT_EQ(run.exit, 0);
  EXPECT_THAT(run.err,
              AllOf(HasSubstr("Skipped"), HasSubstr("2 files"), HasSubstr("c.gif"), HasSubstr("1 subfolder"),
                    HasSubstr("--recursive"), HasSubstr("GIF is not read; convert it to PNG.")));
  EXPECT_EQ(detect({folder_ / "shots", "--quiet"}).err, "");
}

TEST_F(Batch, MasksAreNotJudged) {
  fs::create_directories(folder_ / "shots/ground_truth");
  for (const char* name : {"shots/a.png", "shots/a_mask.png", "shots/b_mask.png", "shots/ground_truth/a.png"})
    plate(name);
  file("shots/Thumbs.db", "x");
  const Outcome run = detect({folder_ / "shots", "-r"});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(names_in(out_), ElementsAre("a.json", "b_mask.json"));
  EXPECT_THAT(run.err, AllOf(HasSubstr("as masks: 'a_mask.png', 'ground_truth/'"), Not(HasSubstr("Thumbs"))));
  EXPECT_EQ(detect({folder_ / "shots/a_mask.png", folder_ / "shots/ground_truth"}).exit, 0);
  EXPECT_THAT(names_in(out_), ElementsAre("a.json", "a_mask.json", "b_mask.json"));
}

TEST_F(Batch, ImagesOfDifferentBitsAreTold) {
  for (const auto& [name, most] : {std::pair{"a.pgm", 1000}, {"b.pgm", 4001}}) {
    std::string text = "P2 64 64 65535\n";
    for (int i = 0; i < 64 * 64; ++i) text += std::to_string(most - i % 64) + " ";
    file(name, text);
  }
  const std::vector<std::string> both = {folder_ / "a.pgm", folder_ / "b.pgm"};
  const Outcome run = detect(both);
  EXPECT_THAT(run.err, AllOf(HasSubstr("read as 10-bit or 12-bit"), HasSubstr("say --bits 12")));
  EXPECT_THAT(detect({both[0], both[1], "--bits", "12"}).err, Not(HasSubstr("bit")));
}

TEST_F(Batch, FoldersInFoldersAreMirrored) {
  fs::create_directories(folder_ / "shots/inner/deep");
  for (const char* name : {"shots/a.png", "shots/inner/a.png", "shots/inner/deep/c.png"}) plate(name);
  fs::create_directory_symlink("..", folder_ / "shots/inner/up");
  out_ = folder_ / "shots/out";
  for (int i = 0; i < 2; ++i) {  // the second call passes over the results
    const Outcome run = detect({folder_ / "shots", "-r"});
    EXPECT_EQ(run.exit, 0) << run.err;
    EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 3);
  }
  for (const char* name : {"a.json", "inner/a.json", "inner/deep/c.json"})
    EXPECT_TRUE(fs::exists(fs::path(out_) / name)) << name;
}

TEST_F(Batch, AnImageComesFromStandardInput) {
  const std::string image = plate("a.png");
  const auto from = [&](const std::string& input) {
    return run_program({"detect", "-", "--out", out_, "--write", "json"},
                       {{}, [input] { ::dup2(::open(input.c_str(), O_RDONLY), 0); }});
  };
  const Outcome run = from(image);
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_EQ(result("stdin.json").at("input"), "-");
  EXPECT_EQ(result("stdin.json").at("image").at("width"), 160);
  const Outcome empty = from("/dev/null");
  EXPECT_EQ(empty.exit, 1);
  EXPECT_THAT(empty.err, HasSubstr("Standard input is empty"));
}

TEST_F(Batch, AnomaliesInAnIgnoredAreaDoNotCount) {
  const std::string image = plate("a.png");
  Image white{160, 120, std::vector<std::uint8_t>(160 * 120 * 3, 255)};
  write_png(folder_ / "white.png", white);
  const Outcome run = detect({image, "--ignore-mask", folder_ / "white.png", "--limit", "0.3"});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("score 0.000  OK"));
  EXPECT_EQ(result("a.json").at("ignored_area"), 160 * 120);
  write_file_atomically(folder_ / "alpha.png",  // nothing is painted
                        make_png(160, 120, Bytes(160 * 120 * 2, 0), {.color_type = 4}));
  EXPECT_EQ(detect({image, "--ignore-mask", folder_ / "alpha.png"}).exit, 0);
  EXPECT_EQ(result("a.json").at("ignored_area"), 0);
  Bytes painted;
  for (int i = 0; i < 160 * 120; ++i)
    painted.insert(painted.end(), {0, static_cast<std::uint8_t>(i < 800 ? 255 : 0)});
  write_file_atomically(folder_ / "alpha.png", make_png(160, 120, painted, {.color_type = 4}));
  EXPECT_EQ(detect({image, "--ignore-mask", folder_ / "alpha.png"}).exit, 0);
  EXPECT_EQ(result("a.json").at("ignored_area"), 800) << "painted in alpha alone";
  const Outcome other = detect({plate("wide.png", 200, 120), "--ignore-mask", folder_ / "white.png"});
  EXPECT_EQ(other.exit, 1);
  EXPECT_THAT(other.err, HasSubstr("of one size"));
  white.rgb.assign(white.rgb.size(), 1);
  write_png(folder_ / "one.png", white);
  EXPECT_THAT(detect({image, "--ignore-mask", folder_ / "one.png"}).err, HasSubstr("no white pixels"));
}

TEST(Prompt, FilesThatComeWithTheProgramAreFoundByName) {
  for (const char* name : {"generic", "generic.toml", "mvtec/bottle", "examples/screw.toml", "screw",
                           "prompts/generic.toml", "prompts/mvtec/bottle"})
    EXPECT_EQ(run_program({"prompt", "check", name}).exit, 0) << name;
  const Outcome run = run_program({"prompt", "check", "nosuch"});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("no prompt file 'nosuch'"));
  for (const char* name : {"mvtec/botle", "prompts/mvtec/botle.toml"})
    EXPECT_THAT(run_program({"prompt", "check", name}).err, HasSubstr("did you mean mvtec/bottle?"));
}

TEST(Help, IsThereForEachCommand) {
  const std::string whole = run_program({"help"}).out;
  EXPECT_EQ(whole, run_program({"--help"}).out);
  EXPECT_THAT(whole, AllOf(HasSubstr("\n  calibrate "), HasSubstr("Examples:")));
  EXPECT_THAT(run_program({"help", "detect"}).out, AllOf(HasSubstr("--limit"), HasSubstr("Exit: ")));
  EXPECT_THAT(run_program({"help", "models", "fetch"}).out, HasSubstr("--mirror"));
  const std::vector<std::vector<std::string>> commands = {{"detect"},
                                                          {"calibrate"},
                                                          {"eval"},
                                                          {"study"},
                                                          {"prompt"},
                                                          {"prompt", "check"},
                                                          {"prompt", "kinds"},
                                                          {"cache"},
                                                          {"cache", "clear"},
                                                          {"info"},
                                                          {"models"},
                                                          {"models", "list"},
                                                          {"models", "verify"},
                                                          {"models", "fetch"},
                                                          {"models", "info"},
                                                          {"models", "convert"},
                                                          {"models", "random"}};
  for (const std::vector<std::string>& command : commands) {
    std::vector<std::string> asked{"help"};
    asked.insert(asked.end(), command.begin(), command.end());
    const Outcome help = run_program(asked);
    EXPECT_EQ(help.exit, 0);
    const std::size_t examples = help.out.find("Examples:");
    ASSERT_NE(examples, std::string::npos) << command.back();
    const std::string shown = help.out.substr(examples), word = "\n  anomalyvlm " + command.front();
    EXPECT_NE(shown.find(word, shown.find(word) + 1), std::string::npos)
        << command.back() << ": two examples";
    EXPECT_THAT(shown, HasSubstr("  anomalyvlm " + fmt::format("{}", fmt::join(command, " "))));
  }
}

}  // namespace
}  // namespace anomalyvlm::test
