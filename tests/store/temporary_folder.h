#pragma once
// A temporary folder for each test, removed at the end.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/platform.h"

namespace anomalyvlm::store {

class InFolder : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path put(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return folder_ / name;
  }
  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("anomalyvlm-store-" + std::to_string(process_id()));
};

}  // namespace anomalyvlm::store
