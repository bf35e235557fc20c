// anomalyvlm calibrate as a user meets it.
#include <gmock/gmock.h>

#include <fmt/format.h>
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "anomalyvlm/prompt.h"
#include "cli/detect_fixture.h"
#include "core/platform.h"

namespace anomalyvlm::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

class Calibrate : public Detect {
 protected:
  // Four good images and three with a defect, of 96 x 80 pixels.
  Calibrate() {
    synthetic::Options options;
    options.width = 96;
    options.height = 80;
    options.min_visibility = 2;
    for (int i = 0; i < 7; ++i) {
      options.normal_share = i < 4 ? 1 : 0;
      const fs::path folder = folder_.path() / (i < 4 ? "good" : "bad");
      fs::create_directories(folder);
      write_png(folder / (std::to_string(i) + ".png"),
                synthetic::draw(static_cast<std::uint64_t>(70 + i), options).image);
    }
  }

  Outcome calibrate(std::vector<std::string> more = {}) const {
    std::vector<std::string> all{"calibrate", "--good", folder_ / "good"};
    all.insert(all.end(), more.begin(), more.end());
    return run_program(all);
  }
  json numbers() const { return json::parse(read_file(out_ + "/calibration.json")); }
};

TEST_F(Calibrate, ProposesALimitFromGoodImages) {
  const Outcome outcome = calibrate();
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("good           4 images"), HasSubstr("proposed: --limit "),
                                 HasSubstr("of 1000 to come"), HasSubstr("---- limit ")));
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("note: The limit is a rough guess, from only 4 good images"),
                                 HasSubstr("takes at least 99")));
  EXPECT_FALSE(fs::exists(out_));
}

TEST_F(Calibrate, ReplacesAnEarlierCalibrationAndNothingElse) {
  for (int i = 0; i < 2; ++i) EXPECT_EQ(calibrate({"--out", out_}).exit, 0);
  std::ofstream(out_ + "/calibration.csv") << "camera,fx,fy\n";
  const Outcome refused = calibrate({"--out", out_});
  EXPECT_EQ(refused.exit, 1);
  EXPECT_THAT(refused.err, HasSubstr("not of an earlier calibration"));
  EXPECT_EQ(read_file(out_ + "/calibration.csv"), "camera,fx,fy\n");
}

TEST_F(Calibrate, JudgesAsDetectDoes) {
  const Outcome outcome =
      calibrate({"--bad", folder_ / "bad", "--out", out_, "--resize", "128", "--phrases", "scratch, hole"});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("false alarms"), HasSubstr("missed"), HasSubstr("calibration.html")));
  for (const char* file : {"calibration.json", "calibration.csv", "calibration.html"})
    EXPECT_TRUE(fs::exists(out_ + "/" + file)) << file;
  const std::string image = folder_ / "bad/5.png";
  ASSERT_EQ(run_program({"detect", image, "--out", folder_ / "found", "--write", "json", "--resize", "128",
                         "--phrases", "scratch, hole"})
                .exit,
            0);
  const json found = json::parse(read_file(folder_ / "found/5.json"));
  EXPECT_THAT(read_file(out_ + "/calibration.csv"),
              HasSubstr("bad/5.png,defective," + found["image_score"].dump()));
}

// An image that is among the references is judged by the other ones.
TEST_F(Calibrate, WithReferences) {
  const std::string good = folder_ / "good", bank = folder_ / "part.avref";
  ASSERT_EQ(run_program({"reference", "build", good, "--out", bank, "--resize", "64"}).exit, 0);
  const Outcome outcome =
      calibrate({"--bad", folder_ / "bad", "--references", bank, "--resize", "64", "--out", out_});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("proposed: --limit "), HasSubstr(" --references " + bank),
                                 HasSubstr("judge with: anomalyvlm detect IMAGES --resize 64 --references " +
                                           bank + " --limit ")));
  EXPECT_THAT(read_file(out_ + "/calibration.json"), HasSubstr("\"references\""));
  // The same scores as the bank's own, which are of each image beside the others.
  const std::string info = run_program({"reference", "info", bank}).out;
  std::vector<double> scores;
  std::ifstream table(out_ + "/calibration.csv");
  for (std::string line; std::getline(table, line);)
    if (line.find(",good,") != std::string::npos) {
      line.erase(0, line.find(",good,") + 6);
      scores.push_back(json::parse(line.substr(0, line.find(','))).get<double>());
    }
  ASSERT_EQ(scores.size(), 4U);
  std::sort(scores.begin(), scores.end());
  EXPECT_THAT(info,
              HasSubstr(fmt::format("of 4 good images: {:.3f} to {:.3f}", scores.front(), scores.back())));
  const Outcome folder =
      calibrate({"--references", good, "--resize", "64", "--write", folder_ / "part.toml"});
  ASSERT_EQ(folder.exit, 0) << folder.err;
  EXPECT_THAT(folder.out, HasSubstr(" --references " + good + " --prompt "));
  const Outcome size = calibrate({"--references", bank, "--resize", "96"});
  EXPECT_EQ(size.exit, 1);
  EXPECT_THAT(size.err, HasSubstr("were seen squashed to 64 x 64"));
  const Outcome alone = run_program(
      {"calibrate", "--good", good + "/0.png", "--references", good + "/0.png", "--resize", "64"});
  EXPECT_EQ(alone.exit, 1);
  EXPECT_THAT(alone.err, HasSubstr("There is no other reference that"));
}

TEST_F(Calibrate, AMethodThatNeedsReferencesSaysSoOnce) {
  const Outcome outcome = calibrate({"--method", "patchcore", "--resize", "64"});
  EXPECT_EQ(outcome.exit, 2);
  EXPECT_EQ(outcome.err,
            "anomalyvlm: The method patchcore compares images with good ones: give --references.\n");
}

TEST_F(Calibrate, WritesTheLimitIntoAPrompt) {
  const fs::path prompt = folder_ / "part.toml";
  const std::string text =
      "# my part\nphrases = [\"scratch\", \"hole\"]  # two\n\n[[rule]]\narea = \"< 40%\"\n";
  write_file_atomically(prompt, text);
  const Outcome outcome = calibrate({"--bad", folder_ / "bad", "--write", prompt.string(), "--out", out_});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  const std::string written = read_file(prompt);
  EXPECT_THAT(written, AllOf(HasSubstr("# my part\n"), HasSubstr("# two\nlimit = "), HasSubstr("[[rule]]")));
  EXPECT_EQ(load_prompt(prompt).limit, numbers()["limit"].get<double>());
  EXPECT_THAT(read_file(out_ + "/calibration.html"), HasSubstr("scratch"));
  // Once more, over the limit that is there now.
  ASSERT_EQ(calibrate({"--write", prompt.string(), "--out", out_}).exit, 0);
  EXPECT_EQ(load_prompt(prompt).limit, numbers()["limit"].get<double>());
  const Outcome other = calibrate({"--write", prompt.string(), "--max-regions", "1"});
  EXPECT_EQ(other.exit, 1);
  EXPECT_THAT(other.err, HasSubstr("another prompt than that in"));
  EXPECT_THAT(outcome.out, HasSubstr("judge with: anomalyvlm detect IMAGES --prompt " + prompt.string()));
  const Outcome fresh = calibrate({"--write", folder_ / "new.toml", "--phrases", "hole", "--resize", "128"});
  ASSERT_EQ(fresh.exit, 0) << fresh.err;
  EXPECT_THAT(fresh.out, HasSubstr("detect IMAGES --resize 128 --prompt "));
  EXPECT_EQ(load_prompt(folder_ / "new.toml").phrases, std::vector<std::string>{"hole"});
  EXPECT_TRUE(load_prompt(folder_ / "new.toml").limit);
}

TEST_F(Calibrate, WhatIsWrongIsSaidBeforeAnyWork) {
  EXPECT_EQ(run_program({"calibrate"}).exit, 2);
  EXPECT_EQ(calibrate({"--false-alarms", "120%"}).exit, 2);
  const fs::path sentences = folder_ / "part.txt";
  write_file_atomically(sentences, std::string("Scratches."));
  const Outcome english = calibrate({"--write", sentences.string()});
  EXPECT_EQ(english.exit, 1);
  EXPECT_THAT(english.err, AllOf(HasSubstr("TOML"), HasSubstr("prompt check")));
  EXPECT_EQ(read_file(sentences), "Scratches.");
  const Outcome both = calibrate({"--bad", folder_ / "good/1.png"});
  EXPECT_EQ(both.exit, 1);
  EXPECT_THAT(both.err, HasSubstr("among the good images and among the bad ones"));
  EXPECT_EQ(calibrate({"--bad", folder_ / "nowhere"}).exit, 1);
}

TEST_F(Calibrate, AnUnreadableImageIsNamedAndNothingIsWrittenIntoThePrompt) {
  write_file_atomically(folder_.path() / "good/9.png", std::string("no image"));
  const fs::path prompt = folder_ / "part.toml";
  write_file_atomically(prompt, std::string("max_regions = 3\n"));
  const Outcome outcome = calibrate({"--write", prompt.string()});
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("9.png"), HasSubstr("1 of 5 images could not be used; the limit was not")));
  EXPECT_THAT(outcome.out, HasSubstr("proposed: --limit "));
  EXPECT_EQ(read_file(prompt), "max_regions = 3\n");
}

TEST_F(Calibrate, TakesNoMasksForImages) {
  for (const char* name : {"good/0_mask.png", "good/masks/0.png"}) {
    fs::create_directories(fs::path(folder_ / name).parent_path());
    write_png(folder_ / name, Mask{96, 80, std::vector<std::uint8_t>(96 * 80)});
  }
  const Outcome outcome = calibrate({"--recursive"});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("good           4 images"));
  EXPECT_THAT(outcome.err, HasSubstr("as masks: '0_mask.png', 'masks/'"));
}

class WideCalibrate : public Calibrate {
 protected:
  // A grey plate with a dark spot, of 16-bit values up to `most`.
  void wide(const std::string& name, int most) const {
    constexpr int kWidth = 96, kHeight = 80;
    std::string text = "P2 96 80 65535\n";
    for (int i = 0; i < kWidth * kHeight; ++i) {
      const int x = i % kWidth - 40, y = i / kWidth - 40;
      text += std::to_string(i == 0 ? most : x * x + y * y < 64 ? most / 8 : most * 3 / 4) + " ";
    }
    write_file_atomically(folder_.path() / "good" / name, text);
  }
};

TEST_F(WideCalibrate, ReadsAllImagesAlikeAndSaysHow) {
  wide("a.pgm", 1001);
  wide("b.pgm", 4001);
  const Outcome outcome = calibrate({"--out", out_});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("so they are read as 12-bit"));
  const std::string limit = numbers()["limit"].dump();
  EXPECT_THAT(outcome.out, HasSubstr("proposed: --limit " + limit + " --bits 12\n"));
  EXPECT_EQ(numbers()["settings"]["16-bit images"], "--bits 12");
  ASSERT_EQ(run_program({"detect", folder_ / "good/a.pgm", "--out", folder_ / "found", "--write", "json",
                         "--bits", "12"})
                .exit,
            0);
  const json found = json::parse(read_file(folder_ / "found/a.json"));
  EXPECT_GT(found["image_score"], 0.1);
  EXPECT_THAT(read_file(out_ + "/calibration.csv"),
              HasSubstr("good/a.pgm,good," + found["image_score"].dump()));
}

TEST_F(WideCalibrate, TakesTheBitsThatAreSaid) {
  wide("a.pgm", 1001);
  const std::string prompt = folder_ / "part.toml";
  const Outcome outcome = calibrate({"--bits", "11", "--write", prompt});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr(" --bits 11\n"), HasSubstr("detect IMAGES --bits 11 --prompt " + prompt)));
  const Outcome few = calibrate({"--bits", "9"});
  EXPECT_EQ(few.exit, 1);
  EXPECT_THAT(few.err, AllOf(HasSubstr("a.pgm"), HasSubstr("which 9 bits do not hold")));
  EXPECT_EQ(calibrate({"--bits", "20"}).exit, 2);
}

TEST_F(WideCalibrate, TellsWhatReadingTold) {
  write_file_atomically(folder_.path() / "good/two.pgm", std::string("P2 2 2 255\n1 2 3 4\nP2 1 1 255\n1\n"));
  EXPECT_THAT(calibrate().err, HasSubstr("two.pgm"));
}

}  // namespace
}  // namespace anomalyvlm::test
