// detect --mutual, and references that are few or odd, as a user meets them.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "anomalyvlm/codec.h"
#include "cli/program.h"
#include "core/files.h"
#include "detector/products.h"
#include "source_dir.h"

namespace anomalyvlm::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class MutualBatch : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kBatchProduct = 7;

  // A folder of good images of a product, and defective ones.
  std::string batch(int good, int defective) const {
    fs::create_directories(folder_.path() / "shots");
    for (int i = 0; i < good + defective; ++i)
      write_png(folder_.path() / "shots" / fmt::format("{}_{}.png", i < good ? "good" : "defective", i),
                product_sample(kBatchProduct, static_cast<std::uint64_t>(i), i < good).image);
    return folder_ / "shots";
  }
  Outcome detect(const std::string& images, std::vector<std::string> more,
                 const std::string& out = "out") const {
    std::vector<std::string> all{"detect", images,    "--out", folder_ / out, "--resize",
                                 "64",     "--write", "json",  "--overwrite"};
    all.insert(all.end(), more.begin(), more.end());
    return run_program(all);
  }
  double score(const std::string& name) const {
    return json::parse(read_file(folder_.path() / "out" / (name + ".json")))["image_score"].get<double>();
  }

  TemporaryFolder folder_;
};

// Each of the six images shows a notch that is taken for a defect alone; one has a defect.
TEST_F(MutualBatch, IsComparedWithItself) {
  const std::string examples = source_dir() / "examples/references";
  const Outcome mutual = run_program({"detect", examples + "/good", examples + "/shots", "--mutual",
                                      "--write", "json", "--out", folder_ / "out"});
  ASSERT_EQ(mutual.exit, 0) << mutual.err;
  for (const char* good : {"slot_0", "slot_1", "slot_2", "slot_3", "slot_good"})
    EXPECT_LT(score(good), 0.5) << good;
  EXPECT_GT(score("slot_defect"), 1);
  EXPECT_THAT(read_file(folder_.path() / "out/slot_good.json"), HasSubstr("looks like reference slot_"));
}

TEST_F(MutualBatch, OfFewImagesSaysLittle) {
  const Outcome few = detect(batch(3, 0), {"--mutual"});
  EXPECT_EQ(few.exit, 0) << few.err;
  EXPECT_THAT(few.err, HasSubstr("Only 3 images are compared with each other (--mutual); 8 or more"));
  const Outcome one = detect(folder_ / "shots/good_0.png", {"--mutual"});
  EXPECT_EQ(one.exit, 2);
  EXPECT_THAT(one.err, HasSubstr("give several"));
  EXPECT_EQ(detect(folder_ / "shots", {"--mutual", "--references", folder_ / "shots"}).exit, 2);
  const Outcome limit = detect(folder_ / "shots", {"--mutual", "--false-alarms", "5%"});
  EXPECT_NE(limit.exit, 0) << "there are no scores of good images";
}

TEST_F(MutualBatch, AnUnreadableImageEndsOnlyItself) {
  const std::string images = batch(3, 0);
  write_file_atomically(fs::path(images) / "broken.png", std::string("no image"));
  write_png(fs::path(images) / "twice.png", good_image(kBatchProduct, 0));
  write_png(fs::path(images) / "wide.png", good_image(kBatchProduct, 9, 200, 50));
  const Outcome outcome = detect(images, {"--mutual"});
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("broken.png"), HasSubstr("1 of 6 images could not be processed")));
  EXPECT_EQ(names_in(folder_ / "out").size(), 5U);
}

TEST_F(MutualBatch, ReferencesOfNoImagesAndOfDifferentSizes) {
  const std::string images = batch(2, 1);
  fs::create_directories(folder_.path() / "empty");
  const Outcome empty = detect(images, {"--references", folder_ / "empty"});
  EXPECT_NE(empty.exit, 0);
  EXPECT_THAT(empty.err, HasSubstr("empty"));
  write_png(fs::path(images) / "wide.png", good_image(kBatchProduct, 9, 200, 50));
  write_png(fs::path(images) / "tiny.png", good_image(kBatchProduct, 9, 40, 33));
  const Outcome sizes = detect(folder_ / "shots/defective_2.png", {"--references", images});
  EXPECT_EQ(sizes.exit, 0) << sizes.err;
  EXPECT_EQ(detect(images, {"--references", folder_ / "shots/good_0.png"}).exit, 0);
}

}  // namespace
}  // namespace anomalyvlm::test
