#pragma once
// Boxes in COCO's form: {"images": [{"id", "file_name", "width", "height"}], "annotations": [{"image_id",
// "category_id", "bbox": [x, y, width, height]}], "categories": [{"id", "name"}]}. All else is passed over.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "anomalyvlm/image.h"

namespace anomalyvlm::eval {

struct CocoImage {
  std::string file;           // relative, with '/'; unique
  int width = 0, height = 0;  // pixels; 0: not said
  std::vector<Box> boxes;     // finite, with an area; inside the picture where its size is said
  std::string kind;           // the boxes' category, "mixed" of several, "defect" of none
};

// Throws Error(kBadInput) naming file and entry: names that lead elsewhere, boxes that are not numbers, have
// no area or lie outside, pictures that are missing or there twice.
std::vector<CocoImage> parse_coco(std::string_view text, const std::string& name);
std::vector<CocoImage> read_coco(const std::filesystem::path& file);  // at most 32 MiB; throws Error(kIo) too

// The part of the box inside width x height; of no area if there is none.
Box clipped(const Box& box, int width, int height);

}  // namespace anomalyvlm::eval
