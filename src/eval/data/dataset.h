#pragma once
// Data sets of images with known defects: one description for all layouts. layouts.h lists the readers.
#include <filesystem>
#include <string>
#include <vector>

#include "anomalyvlm/image.h"
#include "eval/data/marks.h"
#include "image/mask_levels.h"

namespace anomalyvlm::eval {

enum class Label {
  kNormal,
  kAnomalous,
  kByMask,  // anomalous if its masks, which it has, show a pixel
};

// One image and where its defects are. kAnomalous with neither masks nor marks: without location annotations.
struct Sample {
  std::string id;    // its path below the root, with '/': "bottle/test/broken_large/000.png"; unique
  std::string kind;  // of defect, as the data set names it; "good" without. kByMask: if there is one
  Label label = Label::kNormal;
  std::filesystem::path image;
  std::vector<std::filesystem::path> masks;  // images; what any of them shows is a defect
  std::vector<Mark> marks;                   // in pixels of the image; only where there is no mask
  int marks_width = 0, marks_height = 0;     // of the image that they were drawn on; 0: not said
  // The EXIF orientation that turns masks and marks made on the stored pixels to the upright image; 1: they
  // were made on the upright image.
  int turn = 1;
};

struct Category {
  std::string name;             // "bottle"
  std::string group;            // "object", "texture", or empty: the means of the paper's tables
  std::vector<Sample> samples;  // sorted by id
};

// Which levels of a mask (0..255, of the brightest channel) are a defect.
struct MaskRule {
  int above = kMaskAbove;      // all above this
  std::vector<int> also = {};  // and these

  bool operator==(const MaskRule&) const = default;
};
Mask apply(const MaskRule& rule, const MaskLevels& levels);

struct Dataset {
  std::string name;   // "mvtec"
  std::string title;  // "MVTec AD"
  MaskRule mask_rule = {};
  std::vector<Category> categories = {};
  std::vector<std::string> notes = {};  // sentences on what was decided or skipped, for the reports
};

// The ground truth of one image.
struct GroundTruth {
  bool anomalous = false;
  bool located = true;      // false: only `anomalous` is known, `mask` has no pixels at all
  bool from_boxes = false;  // some of the mask is filled boxes
  Mask mask;                // of side x side, or the image's own size
  std::vector<Box> boxes;   // around each mark, scaled like the mask; only from_boxes
};

// Reads the masks, if any, squashed to side x side by nearest neighbour as the released code does (side 0:
// the image's own size, width x height). Whether there is a defect is judged before that: what is lost in the
// squash stays anomalous. An anomalous image with empty masks is not located. Throws Error(kBadInput) naming
// the file where masks or marks and image differ in size, or where a normal image's mask shows a defect; kIo.
GroundTruth load_ground_truth(const Sample& sample, const MaskRule& rule, int width, int height, int side);

}  // namespace anomalyvlm::eval
