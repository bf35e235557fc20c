// anomalyvlm eval with references, as a user meets it.
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

constexpr std::uint64_t kJudgedProduct = 7;

class EvalReferences : public ::testing::Test {
 protected:
  // MVTec AD's layout: a category with a training split and one without.
  EvalReferences() {
    const auto write = [&](const std::string& name, const Image& image) {
      fs::create_directories((root_ / name).parent_path());
      write_png(root_ / name, image);
    };
    for (const std::string category : {"bottle", "screw"})
      for (std::uint64_t i = 0; i < 8; ++i) {
        const std::string number = "00" + std::to_string(i);
        if (category == "bottle")
          write(category + "/train/good/" + number + ".png", good_image(kJudgedProduct, i));
        if (i < 5) write(category + "/test/good/" + number + ".png", good_image(kJudgedProduct, 100 + i));
        if (i >= 3) continue;
        const synthetic::Sample sample = product_sample(kJudgedProduct, 200 + i, false);
        write(category + "/test/hole/" + number + ".png", sample.image);
        write(category + "/ground_truth/hole/" + number + "_mask.png", truth_image(sample));
      }
  }
  Outcome eval(const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> all{"eval",  "--dataset", "mvtec",  "--root", root_.string(),
                                 "--out", out,         "--side", "64"};
    all.insert(all.end(), more.begin(), more.end());
    return run_program(all);
  }

  TemporaryFolder folder_;
  fs::path root_ = folder_.path() / "set";
  std::string out_ = folder_ / "run";
};

TEST_F(EvalReferences, AreNamedAndNotJudged) {
  const Outcome outcome = eval(out_, {"--references", "2"});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(judged_images(out_), SizeIs(8 + 6)) << "of the screws two good ones are references";
  const std::string report = read_file(out_ + "/report.md");
  EXPECT_THAT(report, AllOf(HasSubstr("from the training split"), HasSubstr("from the good images"),
                            HasSubstr("anomalyvlm detect IMAGES --resize 64 --references GOOD --prompt ")));
  const std::string run = read_file(out_ + "/run.json");
  const json references = json::parse(run)["configuration"]["references"];
  ASSERT_THAT(references["bottle"], SizeIs(2));
  ASSERT_THAT(references["screw"], SizeIs(2));
  for (const std::string id : references["bottle"]) {
    EXPECT_THAT(id, HasSubstr("bottle/train/good/"));
    EXPECT_THAT(report, HasSubstr(id));
  }
  for (const std::string id : references["screw"]) {
    EXPECT_THAT(judged_images(out_), Not(::testing::Contains(id)));
    EXPECT_THAT(report, HasSubstr(id));
  }
}

TEST_F(EvalReferences, AreLeftOutToCompareRuns) {
  ASSERT_EQ(eval(out_, {"--references", "2", "--seed", "3"}).exit, 0);
  ASSERT_EQ(eval(out_ + "2", {"--leave-out-references", "2", "--seed", "3"}).exit, 0);
  EXPECT_EQ(judged_images(out_), judged_images(out_ + "2"));
  EXPECT_THAT(read_file(out_ + "2/report.md"), HasSubstr("left out"));
  ASSERT_EQ(eval(out_ + "3").exit, 0);
  EXPECT_THAT(judged_images(out_ + "3"), SizeIs(16));
  EXPECT_EQ(eval(out_ + "4", {"--references", "2", "--leave-out-references", "2"}).exit, 2);
}

TEST_F(EvalReferences, ARunWithOthersIsRefused) {
  ASSERT_EQ(eval(out_, {"--references", "2"}).exit, 0);
  const Outcome same = eval(out_, {"--references", "2"});
  EXPECT_EQ(same.exit, 0);
  EXPECT_THAT(same.err, HasSubstr("14 of 14 images are done already"));
  for (const std::vector<std::string>& others :
       std::vector<std::vector<std::string>>{{"--references", "2", "--seed", "9"},
                                             {"--references", "3"},
                                             {"--leave-out-references", "2"},
                                             {}}) {
    const Outcome refused = eval(out_, others);
    EXPECT_EQ(refused.exit, 1) << (others.empty() ? "none" : others[0]);
    EXPECT_THAT(refused.err, HasSubstr("holds a run that differs"));
  }
}

TEST_F(EvalReferences, PatchCore) {
  const Outcome outcome = eval(out_, {"--method", "patchcore", "--references", "3"});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  const json results = json::parse(read_file(out_ + "/results.json"));
  EXPECT_GT(results["categories"][0]["image"]["auroc"].get<double>(), 0.4);
  const Outcome none = eval(out_ + "2", {"--method", "patchcore"});
  EXPECT_EQ(none.exit, 1);
  EXPECT_THAT(none.err, HasSubstr("--references"));
}

TEST_F(EvalReferences, TooMany) {
  const Outcome outcome = eval(out_, {"--references", "6"});
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.err, HasSubstr("The category 'screw' has 0 good images in its training split and 5"));
  EXPECT_FALSE(fs::exists(out_));
  EXPECT_EQ(eval(out_, {"--references", "0"}).exit, 2);
}

TEST_F(EvalReferences, AreDescribedAsAsked) {
  ASSERT_EQ(eval(out_, {"--references", "1", "--variations", "--rotations", "2"}).exit, 0);
  const json run = json::parse(read_file(out_ + "/run.json"))["configuration"];
  EXPECT_EQ(run["variations"], true);
  EXPECT_EQ(run["rotations"], 2);
  EXPECT_THAT(
      read_file(out_ + "/report.md"),
      AllOf(HasSubstr("described with --rotations 2 --variations"), HasSubstr("--references GOOD.avref"),
            HasSubstr("reference build GOOD --out GOOD.avref --rotations 2 --variations --resize 64")));
  const Outcome other = eval(out_, {"--references", "1", "--variations"});
  EXPECT_EQ(other.exit, 1);
  EXPECT_THAT(other.err, HasSubstr("holds a run that differs"));
  EXPECT_EQ(eval(out_ + "2", {"--variations"}).exit, 2) << "of no references";
}

}  // namespace
}  // namespace anomalyvlm::test
