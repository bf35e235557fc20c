#pragma once
// Synthetic products, and references of them.
#include <algorithm>
#include <string>
#include <vector>

#include "anomalyvlm/references.h"
#include "train/synthetic/synthetic.h"

namespace anomalyvlm::test {

inline synthetic::Sample product_sample(std::uint64_t product, std::uint64_t image, bool good, int width = 96,
                                        int height = 80) {
  synthetic::Options options;
  options.width = width;
  options.height = height;
  options.normal_share = good ? 1 : 0;
  options.min_visibility = 3;
  return synthetic::draw_product(product, image, options);
}

// Its defects, white where they are plain to see: as data sets have them.
inline Image truth_image(const synthetic::Sample& sample) {
  Image truth{sample.image.width, sample.image.height, {}};
  for (const float value : sample.defect_map.values)
    truth.rgb.insert(truth.rgb.end(), 3, value > 0.5F ? 255 : 0);
  return truth;
}

inline Image good_image(std::uint64_t product, std::uint64_t image, int width = 96, int height = 80) {
  return product_sample(product, image, true, width, height).image;
}

inline ReferenceInput input_of(const std::string& name, const Image& image) {
  return {.name = name, .load = [image] { return image; }};
}

// "good_00.png", ...
inline std::vector<ReferenceInput> good_inputs(std::uint64_t product, int count, int width = 96,
                                               int height = 80) {
  std::vector<ReferenceInput> inputs;
  for (int i = 0; i < count; ++i) {
    std::string name = "good_00.png";
    name[5] = static_cast<char>('0' + i / 10);
    name[6] = static_cast<char>('0' + i % 10);
    inputs.push_back(input_of(name, good_image(product, static_cast<std::uint64_t>(i), width, height)));
  }
  return inputs;
}

}  // namespace anomalyvlm::test
