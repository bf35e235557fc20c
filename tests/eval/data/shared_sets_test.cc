// The readers on published images, where they lie beside the repository.
#include <map>

#include "eval/data/small_sets.h"
#include "source_dir.h"

namespace anomalyvlm::eval {
namespace {

namespace fs = std::filesystem;

// What open_dataset() gives, and how many anomalous images each kind has.
struct Counted {
  Dataset dataset;
  std::map<std::string, int> images, anomalous;
  int located = 0, from_boxes = 0, boxes = 0;
};

Counted count(const std::string& layout, const fs::path& root) {
  Counted result{open_dataset(layout, root), {}, {}};
  for (const Sample& sample : result.dataset.categories.at(0).samples) {
    const GroundTruth truth = ground_truth_of(result.dataset, sample, 64);
    ++result.images[sample.kind];
    if (truth.anomalous) ++result.anomalous[sample.kind];
    result.located += truth.located;
    result.from_boxes += truth.from_boxes;
    result.boxes += static_cast<int>(truth.boxes.size());
  }
  return result;
}

class SharedSets : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(data_)) GTEST_SKIP() << "there is no ../shared/data";
  }
  const fs::path data_ = test::source_dir() / "../shared/data";
};

using Counts = std::map<std::string, int>;

TEST_F(SharedSets, MagneticTiles) {
  const Counted found = count("mtd", data_ / "mtd");
  const Counts defects = {{"blowhole", 38}, {"break", 30}, {"crack", 18}, {"fray", 12}, {"uneven", 36}};
  Counts all = defects;
  all["good"] = 150;
  EXPECT_EQ(found.images, all);
  EXPECT_EQ(found.anomalous, defects) << "none of these masks is empty";
  EXPECT_EQ(found.located, 284);
}

TEST_F(SharedSets, Transistors) {
  const Counted found = count("folder", data_ / "transistor");
  EXPECT_EQ(found.dataset.categories[0].name, "transistor");
  const Counts defects = {{"bent_lead", 2}, {"cut_lead", 2}, {"damaged_case", 2}, {"misplaced", 2}};
  Counts all = defects;
  all["good"] = 8;
  EXPECT_EQ(found.images, all);
  EXPECT_EQ(found.anomalous, defects);
  EXPECT_EQ(found.located, 16);
  EXPECT_EQ(found.from_boxes, 0) << "masks win";
}

TEST_F(SharedSets, CircuitBoards) {
  const Counted found = count("folder", data_ / "pcb_boxes");
  EXPECT_EQ(found.images, (Counts{{"pcb_defect", 6}, {"good", 6}}));
  EXPECT_EQ(found.anomalous, (Counts{{"pcb_defect", 6}}));
  EXPECT_EQ(found.from_boxes, 6);
  EXPECT_EQ(found.boxes, 32);
}

}  // namespace
}  // namespace anomalyvlm::eval
