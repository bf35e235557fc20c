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
  kByMask,  // anomalous if its mask, which it has, shows a pixel
};

// One picture and where its defects are. Neither mask nor boxes and kAnomalous: nobody marked where.
struct Sample {
  std::string id;    // its path below the root, with '/': "bottle/test/broken_large/000.png"; unique
  std::string kind;  // of defect, as the data set names it; "good" without. kByMask: if there is one
  Label label = Label::kNormal;
  std::filesystem::path image;
  std::filesystem::path mask;             // a picture; empty: none
  std::vector<Box> boxes;                 // pixels of the image; only where there is no mask
  int boxes_width = 0, boxes_height = 0;  // of the image that they were drawn on; 0: not said
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
  bool located = true;      // false: only `anomalous` is known, `mask` has no pixels at all
  bool from_boxes = false;  // the mask is filled boxes
  Mask mask;                // of side x side, or the picture's own size
  std::vector<Box> boxes;   // as marked, scaled like the mask; only from_boxes
};

// Reads the mask, if any, squashed to side x side by nearest neighbour as the released code does (side 0: the
// picture's own size, width x height). Whether there is a defect is judged before that: what is lost in the
// squash stays anomalous. An anomalous picture with an empty mask is not located. Throws Error(kBadInput)
// naming the file where mask or boxes and picture differ in size, or where a normal picture's mask shows a
// defect; kIo.
Truth load_truth(const Sample& sample, int mask_above, int width, int height, int side);

}  // namespace anomalyvlm::eval
