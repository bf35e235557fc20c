// anomalyvlm detect, from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/detect_fixture.h"
#include "core/platform.h"

namespace anomalyvlm::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(Detect, WritesAllResultsOfTheImagesOwnSize) {
  const Outcome run = run_program({"detect", image_file("plate.png"), "--out", out_, "--write", "all"});
  ASSERT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("plate.png  score "));
  EXPECT_EQ(run.err, "");
  for (const char* name : {"plate.anomaly.tiff", "plate.anomaly.png", "plate.mask.png", "plate.overlay.png",
                           "plate.input.png", "plate.json"})
    EXPECT_TRUE(fs::exists(fs::path(out_) / name)) << name;
  const FloatMap map = read_tiff_f32(fs::path(out_) / "plate.anomaly.tiff");
  EXPECT_EQ(map.width, 160);
  EXPECT_EQ(map.height, 96);
  EXPECT_EQ(read_image(fs::path(out_) / "plate.input.png").rgb, read_image(folder_ / "plate.png").rgb);
}

TEST_F(Detect, ResizeSquashesForTheModelsOnly) {
  const Outcome run = run_program({"detect", image_file("plate.png"), "--out", out_, "--resize", "128"});
  ASSERT_EQ(run.exit, 0) << run.err;
  const auto json = nlohmann::json::parse(read_file(fs::path(out_) / "plate.json"));
  EXPECT_THAT(json.dump(), HasSubstr("128"));
  EXPECT_EQ(read_tiff_f32(fs::path(out_) / "plate.anomaly.tiff").width, 160);
}

TEST_F(Detect, FiguresRepeat) {
  const std::string file = image_file("plate.png");
  ASSERT_EQ(run_program({"detect", file, "--out", folder_ / "a", "--write", "anomaly.tiff"}).exit, 0);
  ASSERT_EQ(
      run_program({"detect", file, "--out", folder_ / "b", "--write", "anomaly.tiff", "--no-cache"}).exit, 0);
  EXPECT_EQ(read_file(folder_ / "a/plate.anomaly.tiff"), read_file(folder_ / "b/plate.anomaly.tiff"));
}

TEST_F(Detect, GoesOnPastABadFileAndSaysSo) {
  image_file("a.png");
  std::ofstream(folder_ / "b.png") << "not an image";
  image_file("c.png");
  const Outcome run = run_program({"detect", folder_.path().string(), "--out", out_});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("b.png"));
  EXPECT_THAT(run.err, HasSubstr("1 of 3 images could not be processed."));
  EXPECT_TRUE(fs::exists(fs::path(out_) / "a.json"));
  EXPECT_TRUE(fs::exists(fs::path(out_) / "c.json"));
  EXPECT_FALSE(fs::exists(fs::path(out_) / "b.json"));
}

TEST_F(Detect, TwoInputsOfOneNameAreAnErrorBeforeAnyWork) {
  fs::create_directories(folder_.path() / "sub");
  const Outcome run = run_program({"detect", image_file("a.png"), image_file("sub/a.png"), "--out", out_});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("both write"));
  EXPECT_FALSE(fs::exists(out_));
}

TEST_F(Detect, ASecondCallPassesOverTheFirstOnesResults) {
  image_file("a.png");
  const std::string folder = folder_.path().string();
  ASSERT_EQ(run_program({"detect", folder, "--out", folder}).exit, 0);
  const Outcome again = run_program({"detect", folder, "--out", folder});
  EXPECT_EQ(again.exit, 0) << again.err;
  EXPECT_THAT(again.out, Not(HasSubstr("overlay")));
}

TEST_F(Detect, ExplainShowsStagesAndCandidates) {
  const Outcome run = run_program({"detect", image_file("a.png"), "--out", out_, "--explain"});
  ASSERT_EQ(run.exit, 0) << run.err;
  for (const char* stage : {"propose", "refine", "filter", "saliency", "select", "fuse"})
    EXPECT_THAT(run.out, HasSubstr(stage));
  EXPECT_THAT(run.out, HasSubstr("sal. refined  named  outcome"));
}

TEST_F(Detect, PromptsComeFromFilesSentencesAndOptions) {
  const std::string file = image_file("a.png");
  std::ofstream(folder_ / "standard.txt") << "Scratch. At most five abnormal regions.";
  const Outcome run = run_program(
      {"detect", file, "--out", out_, "--prompt", folder_ / "standard.txt", "--max-regions", "1"});
  ASSERT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.out, ::testing::AnyOf(HasSubstr("1 region:"), HasSubstr("0 regions")));
}

TEST_F(Detect, UnknownPhrasesAreReported) {
  const Outcome run = run_program({"detect", image_file("a.png"), "--out", out_, "--standard", "Blorf."});
  EXPECT_EQ(run.exit, 0);
  EXPECT_THAT(run.err, HasSubstr("\"blorf\""));
}

struct Refusal {
  const char* what;
  std::vector<std::string> arguments;
  int exit;
  const char* says;
};

class Refuses : public ::testing::TestWithParam<Refusal> {};

TEST_P(Refuses, WithOneSentence) {
  const Outcome run = run_program(GetParam().arguments);
  EXPECT_EQ(run.exit, GetParam().exit) << run.err;
  EXPECT_THAT(run.err, ::testing::StartsWith("anomalyvlm: "));
  EXPECT_THAT(run.err, Not(HasSubstr("internal error")));
  EXPECT_THAT(run.err, HasSubstr(GetParam().says));
  EXPECT_EQ(run.out, "");
}

INSTANTIATE_TEST_SUITE_P(
    Arguments, Refuses,
    ::testing::Values(
        Refusal{"missing file", {"detect", "/no/such.png"}, 1, "'/no/such.png': No such file"},
        Refusal{
            "sentence", {"detect", "/no/such.png", "--standard", "Anomalies are smaller than many."}, 2, "^"},
        Refusal{"model", {"detect", "x.png", "--model", "huge"}, 2, "no model \"huge\""},
        Refusal{"mistyped model", {"detect", "x", "--model", "nanno"}, 2, "did you mean nano?"},
        Refusal{"missing folder", {"detect", "/no/such/"}, 1, "There is no folder '/no/such/'."},
        Refusal{"limit", {"detect", "x", "--limit", "0"}, 2, "a number above 0"},
        Refusal{"side of eval", {"eval", "--side", "5"}, 2, "whole number from 16 to 8192"},
        Refusal{"option", {"detect", "x.png", "--frobnicate"}, 2, "--frobnicate"},
        Refusal{"threads", {"detect", "x.png", "--threads", "0"}, 2, "whole number from 1 to 1024"},
        Refusal{"too many threads", {"detect", "x.png", "--threads", "100000"}, 2, "--threads"},
        Refusal{"threads of info", {"info", "--threads", "100000"}, 2, "--threads"},
        Refusal{"size", {"detect", "x.png", "--resize", "100000"}, 2, "--resize"},
        Refusal{"threshold", {"detect", "x.png", "--threshold", "nan"}, 2, "\"nan\" is not valid"},
        Refusal{"scale", {"detect", "x.png", "--full-scale", "-1"}, 2, "a number of 0 or more"},
        Refusal{"results", {"detect", "x.png", "--write", "json,banana"}, 2, "\"banana\" is not a result"},
        Refusal{"command", {"detekt", "x.png"}, 2, "no command \"detekt\"; did you mean detect?"},
        Refusal{"other command", {"xyzzy"}, 2, "no command \"xyzzy\"; there are detect, "},
        Refusal{"command below", {"models", "fech"}, 2, "did you mean fetch?"},
        Refusal{"no command below", {"models"}, 2, "'anomalyvlm models' needs a command; there are list"},
        Refusal{"command of help", {"help", "modls"}, 2, "did you mean models?"},
        Refusal{"mistyped option", {"detect", "x", "--treshold=1"}, 2, "did you mean --threshold?"},
        Refusal{"one dash", {"detect", "x", "-threshold", "1"}, 2, "did you mean --threshold?"},
        Refusal{"mistyped value", {"detect", "x", "--precision", "f23"}, 2, "did you mean f32?"},
        Refusal{"small tile", {"detect", "x", "--tile", "16"}, 2, "whole number from 32 to 8192 (pixels; a"},
        Refusal{"side of one", {"detect", "x", "--resize", "1"}, 2, "from 2 to 8192"},
        Refusal{"rule", {"detect", "x", "--max-area", "banana"}, 2, "banana"},
        Refusal{"no image", {"detect"}, 2, "IMAGE is required"},
        Refusal{"device", {"detect", "/dev/null", "--out", "/tmp", "--device", "gpu7"}, 2, "no device"},
        Refusal{"unknown weights", {"models", "fetch", "nosuch"}, 2, "\"nosuch\""},
        Refusal{"quiet and verbose", {"info", "-q", "-v"}, 2, "excludes"},
        Refusal{"log that is none", {"info", "--log", "/no/such/log"}, 1, "cannot write"},
        Refusal{"nothing", {}, 2, "needs a command"}),
    [](const auto& info) {
      std::string name = info.param.what;
      for (char& c : name) c = c == ' ' ? '_' : c;
      return name;
    });

TEST_F(Detect, ADataFolderWithoutModelsIsOneSentence) {
  const Outcome run =
      run_program({"detect", image_file("a.png"), "--out", out_}, {"ANOMALYVLM_DATA=/nowhere"});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("ANOMALYVLM_DATA is '/nowhere'"));
}

TEST_F(Detect, AnUnwritableCacheIsNoError) {
  const Outcome run =
      run_program({"detect", image_file("a.png"), "--out", out_}, {"ANOMALYVLM_CACHE=/proc/nothing"});
  EXPECT_EQ(run.exit, 0) << run.err;
}

TEST(Info, NamesWhatIsHere) {
  const Outcome run = run_program({"info"});
  ASSERT_EQ(run.exit, 0) << run.err;
  for (const char* word : {"engine", "OpenVINO", "kernel", "saliency", "threads", "cache", "nano"})
    EXPECT_THAT(run.out, HasSubstr(word));
}

TEST(Prompt, CheckPrintsHowItWasUnderstood) {
  const TemporaryFolder folder;
  std::ofstream(folder / "p.txt") << "Cracks. Cracks are longer than 20 px.";
  const Outcome run = run_program({"prompt", "check", folder / "p.txt"});
  ASSERT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("length > 20 px"));
}

TEST(Prompt, CheckPointsAtTheWord) {
  const TemporaryFolder folder;
  std::ofstream(folder / "p.txt") << "Anomalies are smaller than many.";
  const Outcome run = run_program({"prompt", "check", folder / "p.txt"});
  EXPECT_EQ(run.exit, 2);
  EXPECT_THAT(run.err, HasSubstr("many"));
  EXPECT_THAT(run.err, HasSubstr("^"));
}

}  // namespace
}  // namespace anomalyvlm::test
