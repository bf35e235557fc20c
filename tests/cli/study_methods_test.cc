// anomalyvlm study --methods, as a user meets it.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "anomalyvlm/codec.h"
#include "cli/program.h"
#include "cli/run_folder.h"
#include "core/files.h"
#include "detector/products.h"

namespace anomalyvlm::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
namespace fs = std::filesystem;

constexpr std::uint64_t kCompared = 11;  // the product

class StudyMethods : public ::testing::Test {
 protected:
  // A user's own images: a folder of good ones, and one of a kind of defect with its masks.
  StudyMethods() {
    const auto write = [&](const std::string& name, const Image& image) {
      fs::create_directories((root_ / name).parent_path());
      write_png(root_ / name, image);
    };
    for (std::uint64_t i = 0; i < 5; ++i)
      write("good/" + std::to_string(i) + ".png", good_image(kCompared, i));
    for (std::uint64_t i = 0; i < 3; ++i) {
      const synthetic::Sample sample = product_sample(kCompared, 100 + i, false);
      write("hole/" + std::to_string(i) + ".png", sample.image);
      write("masks/hole/" + std::to_string(i) + ".png", truth_image(sample));
    }
  }
  // Without any published weights.
  Outcome study(std::vector<std::string> more) const {
    std::vector<std::string> all{"study", "--dataset", "folder", "--root", root_.string(),
                                 "--out", out_,        "--side", "64"};
    all.insert(all.end(), more.begin(), more.end());
    return run_program(all, {"ANOMALYVLM_MODELS=" + folder_ / "no_weights"});
  }
  json configuration_of(const std::string& method) const {
    return json::parse(read_file(out_ + "/methods/" + method + "/run.json"))["configuration"];
  }

  TemporaryFolder folder_;
  fs::path root_ = folder_.path() / "parts";
  std::string out_ = folder_ / "run";
};

TEST_F(StudyMethods, AllThatCanRunAreComparedOnTheSameImages) {
  const Outcome outcome = study({"--studies", "methods", "--references", "2"});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  for (const char* name : {"methods", "complexity"})
    for (const char* extension : {".csv", ".md", ".svg"})
      EXPECT_TRUE(fs::exists(out_ + "/" + name + extension)) << name << extension;
  EXPECT_FALSE(fs::exists(out_ + "/area.csv")) << "only this study was asked for";
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("winclip is left out. The weights "),
                    HasSubstr("'anomalyvlm models fetch clip-vit-b-16-plus-240 clip-vocabulary'")));
  const std::string table = read_file(out_ + "/methods.md");
  EXPECT_THAT(table,
              AllOf(HasSubstr("| parts | anomalyvlm |"), HasSubstr("|  | utad |"),
                    HasSubstr("|  | patchcore |"), HasSubstr("Left out, for what they need is not there: "),
                    HasSubstr("winclip"), HasSubstr("patchcore cannot do without good images")));
  EXPECT_THAT(judged_images(out_), SizeIs(6)) << "two good ones are references";
  EXPECT_EQ(judged_images(out_ + "/methods/utad"), judged_images(out_));
  EXPECT_EQ(judged_images(out_ + "/methods/patchcore"), judged_images(out_));
  EXPECT_FALSE(configuration_of("utad").contains("references"));
  EXPECT_EQ(configuration_of("patchcore")["references"]["parts"].size(), 2u);
  EXPECT_FALSE(fs::exists(out_ + "/methods/anomalyvlm")) << "the study's own run is its row";
  EXPECT_THAT(read_file(out_ + "/report.html"), AllOf(HasSubstr("Tables I and V"), HasSubstr("Table IV")));
  EXPECT_THAT(read_file(out_ + "/report.md"), HasSubstr("parameters, million"));

  const json machine = json::parse(read_file(out_ + "/machine.json"));
  const json encoder = json::parse(read_file(out_ + "/methods/utad/machine.json"));
  EXPECT_GT(machine["parameters"], encoder["parameters"]) << "UTAD reads nano's encoder alone";
  EXPECT_GT(encoder["parameters"], 1'000'000);
  EXPECT_EQ(machine["models"][0]["parameters"], machine["parameters"]);
  EXPECT_GT(machine["peak_memory_bytes"], 0);

  const json studies = json::parse(read_file(out_ + "/results.json"))["studies"];
  ASSERT_THAT(studies, SizeIs(2));
  EXPECT_EQ(studies[0]["name"], "methods");
  EXPECT_EQ(studies[1]["rows"].size(), studies[0]["rows"].size() + 1) << "with the paper's";
  const json own = json::parse(read_file(out_ + "/results.json"))["categories"][0]["pixel"];
  const json of_utad = json::parse(read_file(out_ + "/methods/utad/results.json"))["categories"][0];
  const json utad = of_utad["pixel"];
  EXPECT_EQ(studies[0]["rows"][0]["values"][0], own["max_f1"]);
  EXPECT_EQ(studies[0]["rows"][1]["label"], "utad");
  EXPECT_EQ(studies[0]["rows"][1]["values"],
            (json{utad["max_f1"], utad["ap"], utad["max_iou"], of_utad["image"]["auroc"]}));
  EXPECT_EQ(studies[1]["rows"][0]["values"][0], machine["parameters"].get<double>() / 1e6);

  const Outcome again = study({"--studies", "methods", "--references", "2"});
  EXPECT_EQ(again.exit, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("6 of 6 images are done already"));
}

TEST_F(StudyMethods, ThePeakMemoryIsThatOfTheRunNotOfWhatStartedIt) {
  constexpr std::size_t kMuch = 1'500'000'000;
  const std::string much(kMuch, 'x');  // a page that is written to is in memory
  const Outcome outcome = study({"--studies", "stages"});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_LT(json::parse(read_file(out_ + "/machine.json"))["peak_memory_bytes"], kMuch) << much.back();
}

TEST_F(StudyMethods, WithoutReferencesThoseThatNeedThemAreLeftOut) {
  const Outcome outcome = study({"--studies", "methods"});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.err,
              HasSubstr("patchcore is left out. The method patchcore compares images with good ones: "
                        "give --references N"));
  EXPECT_FALSE(fs::exists(out_ + "/methods/patchcore"));
  EXPECT_THAT(read_file(out_ + "/methods.csv"), Not(HasSubstr("patchcore")));
}

TEST_F(StudyMethods, ImagesThatAreLeftOutAreTheReferencesOfThoseThatNeedSome) {
  const Outcome outcome =
      study({"--methods", "patchcore", "--studies", "stages", "--leave-out-references", "2"});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_TRUE(fs::exists(out_ + "/stages.csv"));
  EXPECT_EQ(judged_images(out_ + "/methods/patchcore"), judged_images(out_));
  EXPECT_THAT(read_file(out_ + "/methods.md"),
              HasSubstr("2 good images of each category were given to patchcore as"));
}

TEST_F(StudyMethods, WhatAnotherMethodDoesNotHaveIsNotGivenToIt) {
  const Outcome outcome =
      study({"--methods", "utad", "--studies", "stages", "--profile", "paper", "--phrases", "hole",
             "--object", "part", "--score-limit", "0.5", "--max-area", "40%"});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  const json configuration = configuration_of("utad");
  EXPECT_EQ(configuration["detector"]["profile"], "utad");
  const std::string prompt = configuration["prompts"]["parts"][0];
  EXPECT_THAT(prompt, AllOf(Not(HasSubstr("hole")), HasSubstr("40")));
  const json results = json::parse(read_file(out_ + "/methods/utad/results.json"));
  EXPECT_EQ(results["categories"][0]["limit"]["given"], false);
}

TEST_F(StudyMethods, AnotherMethodsRunIsComparedWithTheUsualOne) {
  const Outcome outcome = study({"--method", "utad", "--methods", "utad,anomalyvlm", "--studies", "stages"});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_TRUE(fs::exists(out_ + "/methods/anomalyvlm/results.json"));
  EXPECT_FALSE(fs::exists(out_ + "/methods/utad"));
  EXPECT_EQ(configuration_of("anomalyvlm")["detector"]["profile"], "nano");
}

TEST_F(StudyMethods, WhatCannotBeComparedIsSaidBeforeAnythingIsRun) {
  const auto refused = [&](const std::string& methods, int exit) {
    const Outcome outcome = study({"--methods", methods});
    EXPECT_EQ(outcome.exit, exit) << outcome.err;
    EXPECT_FALSE(fs::exists(out_)) << methods;
    return outcome.err;
  };
  EXPECT_THAT(refused("utad,winclip", 1),
              HasSubstr("The weights clip-vit-b-16-plus-240, clip-vocabulary are not there: run 'anomalyvlm "
                        "models fetch "));
  EXPECT_THAT(refused("patchcore", 2),
              HasSubstr("The method patchcore compares images with good ones: give"));
  EXPECT_THAT(refused("utat", 2), HasSubstr("did you mean utad?"));
  EXPECT_THAT(refused("utad,anomalyvlm,utad", 2), HasSubstr("--methods names utad twice."));
  EXPECT_THAT(refused("", 2), HasSubstr("choose from anomalyvlm, utad"));
  const Outcome piped = study({"--methods", "utad", "--prompt", "-"});
  EXPECT_EQ(piped.exit, 2);
  EXPECT_THAT(piped.err, HasSubstr("standard input can be read only once"));
}

}  // namespace
}  // namespace anomalyvlm::test
