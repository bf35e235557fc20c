// anomalyvlm eval and study as a user meets them, on a small data set of synthetic images.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "anomalyvlm/codec.h"
#include "cli/program.h"
#include "cli/run_folder.h"
#include "core/platform.h"
#include "number.h"
#include "train/synthetic/synthetic.h"

namespace anomalyvlm::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr int kDefective = 6, kGood = 4;

class Eval : public ::testing::Test {
 protected:
  // The layout of MTD, with synthetic images of 96 x 80 pixels.
  Eval() {
    synthetic::Options options;
    options.width = 96;
    options.height = 80;
    for (int i = 0; i < kDefective + kGood; ++i) {
      options.normal_share = i < kDefective ? 0 : 1;
      const synthetic::Sample sample = synthetic::draw(static_cast<std::uint64_t>(50 + i), options);
      Mask truth{96, 80, std::vector<std::uint8_t>(96 * 80, 0)};
      for (const synthetic::DefectInstance& defect : sample.defects)
        for (std::size_t k = 0; k < truth.values.size(); ++k) truth.values[k] |= defect.mask.values[k];
      const fs::path folder = root_ / (i >= kDefective ? "MT_Free" : i % 2 ? "MT_Crack" : "MT_Fray") / "Imgs";
      fs::create_directories(folder);
      write_png(folder / ("exp_" + std::to_string(i) + ".jpg"), sample.image);
      write_png(folder / ("exp_" + std::to_string(i) + ".png"), truth);
    }
  }

  std::vector<std::string> command(const std::string& name, const std::string& out,
                                   std::vector<std::string> more = {}) const {
    std::vector<std::string> all{name,    "--dataset", "mtd",    "--root", root_.string(),
                                 "--out", out,         "--side", "96"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Outcome eval(const std::string& out, std::vector<std::string> more = {}) const {
    return run_program(command("eval", out, std::move(more)));
  }

  // results.json without what differs from run to run: times, and how it was called.
  static json results(const std::string& out) {
    json all = json::parse(read_file(out + "/results.json"));
    all.erase("stages");
    for (const char* line : {"command", "images at the same time"}) all["configuration"].erase(line);
    for (json& category : all["categories"]) category.erase("detect");
    return all;
  }

  TemporaryFolder folder_;
  fs::path root_ = folder_.path() / "a data set";
  std::string out_ = folder_ / "run";
};

TEST_F(Eval, GivesFiguresAndReports) {
  const Outcome outcome = eval(out_);
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("max-F1"), HasSubstr("\nmtd "), HasSubstr("  crack"),
                                 HasSubstr("  fray"), HasSubstr("report.html")));
  for (const char* file :
       {"results.json", "results.csv", "images.csv", "report.md", "report.html", "run.json", "machine.json"})
    EXPECT_TRUE(fs::exists(out_ + "/" + file)) << file;
  const json category = results(out_)["categories"][0];
  EXPECT_EQ(category["images"], kDefective + kGood);
  EXPECT_EQ(category["anomalous"], kDefective);
  EXPECT_TRUE(category["pixel"]["max_f1"].is_number());
  EXPECT_EQ(judged_images(out_).size(), static_cast<std::size_t>(kDefective + kGood));
}

// The options of detect that a report names give the run's maps.
TEST_F(Eval, TellsHowDetectGivesTheSame) {
  const Outcome outcome = eval(out_, {"--max-regions", "3"});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("anomalyvlm detect IMAGES --resize 96 --prompt "),
                                 HasSubstr(" --threshold "), HasSubstr("At the limit of the best image F1")));
  EXPECT_THAT(outcome.err,
              HasSubstr("anomalyvlm: note: Thresholds and limits are of images squashed to 96 x 96"));
  const std::string image = root_ / "MT_Fray/Imgs/exp_0.jpg";
  ASSERT_EQ(run_program({"detect", image, "--out", folder_ / "found", "--write", "json", "--resize", "96",
                         "--prompt", out_ + "/prompts/mtd.toml"})
                .exit,
            0);
  const double found = json::parse(read_file(folder_ / "found/exp_0.json"))["image_score"];
  std::istringstream rows(read_file(out_ + "/images.csv"));
  double run = -1;
  for (std::string row; std::getline(rows, row);)
    if (row.starts_with("MT_Fray/Imgs/exp_0.jpg,mtd,fray,1,")) run = test::number(row.substr(34));
  EXPECT_NEAR(run, found, 0.05);
}

TEST_F(Eval, OfUtadTellsHowDetectGivesTheSame) {
  const Outcome outcome = eval(out_, {"--method", "utad"});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("anomalyvlm detect IMAGES --method utad --resize 96 --prompt "));
  const Outcome found =
      run_program({"detect", root_ / "MT_Fray/Imgs/exp_0.jpg", "--out", folder_ / "found", "--write", "json",
                   "--method", "utad", "--resize", "96", "--prompt", out_ + "/prompts/mtd.toml"});
  ASSERT_EQ(found.exit, 0) << found.err;
  const json result = json::parse(read_file(folder_ / "found/exp_0.json"));
  EXPECT_EQ(result["method"], "utad");
  EXPECT_EQ(result["resize"], 96);
  EXPECT_THAT(read_file(out_ + "/images.csv"), HasSubstr(fmt::format("MT_Fray/Imgs/exp_0.jpg,mtd,fray,1,{},",
                                                                     result["image_score"].get<double>())));
}

TEST_F(Eval, AScoreLimitGivesVerdicts) {
  ASSERT_EQ(eval(out_).exit, 0);
  const Outcome outcome = eval(out_, {"--score-limit", "0.5"});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("10 of 10 images are done already")) << "it is the same run";
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("---- limit 0.5 ----"), HasSubstr("At the limit: Of 4 good images")));
  EXPECT_THAT(read_file(out_ + "/images.csv"), HasSubstr(",0.5,"));
  const json configuration = json::parse(read_file(out_ + "/results.json"))["configuration"];
  EXPECT_THAT(configuration["command"].get<std::string>(), ::testing::Not(HasSubstr("--score-limit")));
  EXPECT_THAT(configuration["report"].get<std::string>(), HasSubstr("--score-limit 0.5"));
  write_file_atomically(folder_.path() / "part.toml", std::string("max_regions = 5\nlimit = 0.25\n"));
  ASSERT_EQ(eval(out_ + "2", {"--prompt", folder_ / "part.toml"}).exit, 0);
  EXPECT_EQ(results(out_ + "2")["categories"][0]["limit"]["value"], 0.25);
  EXPECT_EQ(eval(out_, {"--score-limit", "-1"}).exit, 2);
}

TEST_F(Eval, WhatWasReplacedIsDoneAgain) {
  ASSERT_EQ(eval(out_).exit, 0);
  fs::copy_file(root_ / "MT_Free/Imgs/exp_6.jpg", root_ / "MT_Free/Imgs/exp_8.jpg",
                fs::copy_options::overwrite_existing);
  const Outcome outcome = eval(out_);
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("exp_8.jpg' is run again: the image was changed"),
                                 HasSubstr("9 of 10 images are done already")));
  ASSERT_EQ(eval(out_ + "2").exit, 0);
  EXPECT_EQ(results(out_)["categories"], results(out_ + "2")["categories"]);
}

TEST_F(Eval, SeveralAtOnceGiveTheSame) {
  ASSERT_EQ(eval(out_).exit, 0);
  ASSERT_EQ(eval(out_ + "2", {"--jobs", "3"}).exit, 0);
  EXPECT_EQ(results(out_), results(out_ + "2"));
  EXPECT_EQ(judged_images(out_), judged_images(out_ + "2"));
}

TEST_F(Eval, ARunThatIsKilledGoesOnWithoutLosingOrDoublingAnImage) {
  ASSERT_EQ(eval(out_).exit, 0);
  const std::string killed = out_ + "-killed";
  std::mt19937 random(7);
  int kills = 0;
  for (bool done = false; !done;) {
    const pid_t process = start_program(command("eval", killed), folder_.path());
    if (kills < 12) {
      const auto wait = std::chrono::milliseconds(150 + random() % 900);
      std::this_thread::sleep_for(wait);
      ::kill(process, SIGKILL);
    }
    const Outcome outcome = finish_program(process, folder_.path());
    if (outcome.exit == 128 + SIGKILL) {
      ++kills;
      continue;
    }
    ASSERT_EQ(outcome.exit, 0) << outcome.err;
    done = true;
  }
  EXPECT_GT(kills, 0);
  EXPECT_EQ(judged_images(killed), judged_images(out_));
  EXPECT_EQ(results(killed), results(out_));
}

TEST_F(Eval, AFinishedRunIsOnlyJudgedAgain) {
  ASSERT_EQ(eval(out_).exit, 0);
  const std::string lines = read_file(out_ + "/results.jsonl");
  const Outcome again = eval(out_);
  EXPECT_EQ(again.exit, 0);
  EXPECT_THAT(again.err, HasSubstr("10 of 10 images are done already"));
  EXPECT_EQ(read_file(out_ + "/results.jsonl"), lines);
}

TEST_F(Eval, AnotherProcessOrAnotherRunIsRefused) {
  const pid_t first = start_program(command("eval", out_), folder_.path());
  while (!fs::exists(out_ + "/run.json")) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const Outcome second = eval(out_);
  EXPECT_EQ(second.exit, 1);
  EXPECT_THAT(second.err, HasSubstr("Another process works on the run"));
  EXPECT_EQ(finish_program(first, folder_.path()).exit, 0);
  const Outcome other = eval(out_, {"--max-regions", "2"});
  EXPECT_EQ(other.exit, 1);
  EXPECT_THAT(other.err, HasSubstr("holds a run that differs in its prompt"));
}

TEST_F(Eval, AnUnreadableImageIsNamedAndTheRestCounts) {
  write_file_atomically(root_ / "MT_Free/Imgs/exp_7.jpg", std::string("not an image"));
  const Outcome outcome = eval(out_);
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.err, HasSubstr("exp_7.jpg"));
  EXPECT_EQ(results(out_)["categories"][0]["images"], kDefective + kGood - 1);
  EXPECT_EQ(results(out_)["failures"].size(), 1u);
}

TEST_F(Eval, ALimitTakesSomeOfEachKind) {
  ASSERT_EQ(eval(out_, {"--limit", "5"}).exit, 0);
  EXPECT_EQ(judged_images(out_).size(), 5u);
}

TEST_F(Eval, WrongArgumentsAreSaid) {
  const Outcome unknown = run_program({"eval", "--dataset", "imagenet", "--root", root_, "--out", out_});
  EXPECT_EQ(unknown.exit, 2);
  EXPECT_THAT(unknown.err, HasSubstr("There is no layout 'imagenet' of data sets; there are: mvtec, visa"));
  const Outcome coco = run_program({"eval", "--dataset", "coco", "--root", root_, "--out", out_});
  EXPECT_EQ(coco.exit, 2);
  EXPECT_THAT(coco.err, AllOf(HasSubstr("The layout 'folder' reads COCO's annotations"),
                              Not(HasSubstr("did you mean"))));
  EXPECT_EQ(run_program({"eval", "--dataset", "mtd", "--out", out_}).exit, 2);
  const Outcome missing =
      run_program({"eval", "--dataset", "mtd", "--root", folder_ / "nowhere", "--out", out_});
  EXPECT_EQ(missing.exit, 1);
  EXPECT_THAT(missing.err, HasSubstr("nowhere"));
  const Outcome layout = run_program({"eval", "--dataset", "visa", "--root", root_, "--out", out_});
  EXPECT_EQ(layout.exit, 1);
  EXPECT_THAT(layout.err, HasSubstr("split_csv"));
  EXPECT_FALSE(fs::exists(out_)) << "nothing is made for a run that cannot be";
  EXPECT_EQ(eval(out_, {"--split", "some"}).exit, 2);
  EXPECT_EQ(eval(out_, {"--limit", "-1"}).exit, 2);
  EXPECT_THAT(eval(out_, {"--prompts", folder_ / "packs"}).err, HasSubstr("packs/mtd' is not a folder"));
  EXPECT_FALSE(fs::exists(out_));
  write_file_atomically(fs::path(out_), std::string("a file"));
  EXPECT_EQ(eval(out_).exit, 1);
}

TEST_F(Eval, StudiesWriteTablesAndPlots) {
  const Outcome outcome = run_program(command("study", out_, {"--models", "nano"}));
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  for (const char* name : {"phrases", "saliency", "area", "number", "stages", "backbones"})
    for (const char* extension : {".csv", ".md", ".svg"})
      EXPECT_TRUE(fs::exists(out_ + "/" + name + extension)) << name;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("Table II"), HasSubstr("Fig. 5"), HasSubstr("Table IV")));
  EXPECT_THAT(read_file(out_ + "/report.html"), AllOf(HasSubstr("Table III"), HasSubstr("Fig. 6")));
  const Outcome fewer = run_program(command("study", out_, {"--studies", "number"}));
  EXPECT_EQ(fewer.exit, 0) << fewer.err;
  EXPECT_THAT(fewer.err, HasSubstr("10 of 10 images are done already"));
  EXPECT_EQ(eval(out_).exit, 0) << "takes what the study has, too";
  const Outcome one = run_program(command("study", out_ + "2", {"--studies", "number"}));
  ASSERT_EQ(one.exit, 0) << one.err;
  EXPECT_TRUE(fs::exists(out_ + "2/number.svg"));
  EXPECT_FALSE(fs::exists(out_ + "2/area.svg"));
  EXPECT_EQ(run_program(command("study", out_, {"--studies", "colour"})).exit, 2);
}

TEST_F(Eval, ModelsAreComparedThoughAnImageIsUnreadable) {
  write_file_atomically(root_ / "MT_Free/Imgs/exp_7.jpg", std::string("not an image"));
  const Outcome outcome =
      run_program(command("study", out_, {"--studies", "stages", "--models", "nano", "--profile", "paper"}));
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.out, HasSubstr("Table IV"));
  EXPECT_EQ(json::parse(read_file(out_ + "/models/nano/run.json"))["configuration"]["detector"]["profile"],
            "paper");
}

TEST_F(Eval, LargeImagesGoInTiles) {
  const Outcome outcome = run_program(
      {"eval", "--dataset", "mtd", "--root", root_.string(), "--out", out_, "--tile", "48", "--limit", "3"});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(read_file(out_ + "/report.md"), HasSubstr("48 x 48"));
}

}  // namespace
}  // namespace anomalyvlm::test
