#pragma once
// Annotations in COCO's form: {"images": [{"id", "file_name", "width", "height"}], "annotations":
// [{"image_id", "category_id", "segmentation", "bbox": [x, y, width, height]}], "categories": [{"id",
// "name"}]}. A segmentation is a list of outlines or an object with run lengths ("counts", "size") as numbers
// or as compressed text; where there is none, the box counts. Everything else is ignored.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "eval/data/marks.h"

namespace anomalyvlm::eval {

struct CocoImage {
  std::string file;           // relative, with '/'; unique
  int width = 0, height = 0;  // pixels; 0: not said
  std::vector<Mark> marks;    // boxes are finite, with an area; inside the image where its size is said
  bool annotated = false;     // perhaps without any mark, which a note reports
  std::string kind;           // the annotations' category, "mixed" of several, "defect" of none
};

struct CocoList {
  std::vector<CocoImage> images;
  std::vector<std::string> notes;
};

// Throws Error(kBadInput) naming file and entry: names that lead elsewhere, marks that are not numbers, have
// no area or lie outside, images that are missing or there twice.
CocoList parse_coco(std::string_view text, const std::string& name);
CocoList read_coco(const std::filesystem::path& file);  // at most 128 MiB; throws Error(kIo) too

}  // namespace anomalyvlm::eval
