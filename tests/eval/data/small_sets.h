#pragma once
// Miniature data sets in a temporary folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "anomalyvlm/codec.h"
#include "core/platform.h"
#include "errors.h"
#include "eval/data/layouts.h"
#include "temporary_folder.h"

namespace anomalyvlm::eval {

class DataFolder : public ::testing::Test {
 protected:
  // A file, with the folders above it.
  void write(const std::string& name, const std::string& text = "") const {
    std::filesystem::create_directories((root_ / name).parent_path());
    write_file_atomically(root_ / name, text);
  }
  // An image, whatever its name ends with: readers of layouts do not open it, and decoders look inside.
  void write_image(const std::string& name, int width = 6, int height = 4) const {
    std::filesystem::create_directories((root_ / name).parent_path());
    write_png(
        root_ / name,
        Image{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height * 3, 99)});
  }
  // A mask of a grey level in its upper left corner of this size, black elsewhere.
  void mask(const std::string& name, int marked = 2, std::uint8_t level = 255, int width = 6,
            int height = 4) const {
    std::filesystem::create_directories((root_ / name).parent_path());
    FloatMap map{width, height, std::vector<float>(static_cast<std::size_t>(width) * height)};
    for (int y = 0; y < marked; ++y)
      for (int x = 0; x < marked; ++x) map.at(x, y) = level;
    write_png_gray8(root_ / name, map, 0, 255);
  }

  Dataset open(const std::string& layout, const DatasetOptions& options = {}) const {
    return open_dataset(layout, root_, options);
  }
  std::string error(const std::string& layout, const DatasetOptions& options = {}) const {
    return test::error_of(ErrorKind::kBadInput, [&] { open_dataset(layout, root_, options); });
  }

  const test::TemporaryFolder folder_;
  const std::filesystem::path root_ = folder_.path();
};

inline std::vector<std::string> names_of(const Dataset& dataset) {
  std::vector<std::string> names;
  for (const Category& category : dataset.categories) names.push_back(category.name);
  return names;
}

inline std::vector<std::string> ids_of(const Dataset& dataset) {
  std::vector<std::string> ids;
  for (const Category& category : dataset.categories)
    for (const Sample& sample : category.samples) ids.push_back(sample.id);
  return ids;
}

inline GroundTruth ground_truth_of(const Dataset& dataset, const Sample& sample, int side = 0) {
  const Image image = read_image(sample.image);
  return load_ground_truth(sample, dataset.mask_rule, image.width, image.height, side);
}

}  // namespace anomalyvlm::eval
