#pragma once
// Data sets of pictures with known defects: one description for all layouts. layouts.h lists the readers.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "anomalyvlm/image.h"

namespace anomalyvlm::eval {

enum class Label {
  kNormal,
  kAnomalous,
  kByMask,  // anomalous where its mask shows a pixel
};

// One picture and where its defects are. Neither mask nor boxes and kAnomalous: nobody marked where.
struct Sample {
  std::string id;    // its path below the root, with '/': "bottle/test/broken_large/000.png"; unique
  std::string kind;  // of defect, as the data set names it; "good" without
  Label label = Label::kNormal;
  std::filesystem::path image;
  std::filesystem::path mask;  // a picture; empty: none
  std::vector<Box> boxes;      // pixels of the image; only where there is no mask
};

struct Category {
  std::string name;             // "bottle"
  std::string group;            // "object", "texture", or empty: the means of the paper's tables
  std::vector<Sample> samples;  // sorted by id
};

struct Dataset {
  std::string name;      // "mvtec"
  std::string title;     // "MVTec AD"
  int mask_above = 127;  // a pixel of a mask is a defect where its grey level is above this
  std::vector<Category> categories;
};

// What is right for one picture.
struct Truth {
  bool anomalous = false;
  bool located = true;      // false: only `anomalous` is known, `mask` is empty
  bool from_boxes = false;  // the mask is filled boxes
  Mask mask;                // of side x side, or the picture's own size
  std::vector<Box> boxes;   // as marked, scaled like the mask; only from_boxes
};

// Reads the mask, if any, squashed to side x side by nearest neighbour as the released code does (side 0: the
// picture's own size, width x height). Throws Error(kBadInput) naming the file where mask and picture differ
// in size, kIo.
Truth load_truth(const Sample& sample, int mask_above, int width, int height, int side);

}  // namespace anomalyvlm::eval
