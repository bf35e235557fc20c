#pragma once
// A folder with synthetic images, and one for results.
#include <gtest/gtest.h>

#include "anomalyvlm/codec.h"
#include "cli/program.h"
#include "train/synthetic/synthetic.h"

namespace anomalyvlm::test {

class Detect : public ::testing::Test {
 protected:
  std::string image_file(const std::string& name, std::uint64_t seed = 3, int width = 160, int height = 96) {
    synthetic::Options options;
    options.width = width;
    options.height = height;
    write_png(folder_ / name, synthetic::draw(seed, options).image);
    return folder_ / name;
  }

  TemporaryFolder folder_;
  std::string out_ = folder_ / "out";
};

}  // namespace anomalyvlm::test
