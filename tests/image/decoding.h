#pragma once
// Decoding inside tests: the image with what was said of it, or why it was refused.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "anomalyvlm/codec.h"
#include "anomalyvlm/error.h"
#include "image/fixtures.h"

namespace anomalyvlm::test {

inline Image decode(const Bytes& bytes, std::vector<std::string>* warnings = nullptr) {
  ReadInfo info;
  Image image = decode_image(bytes, "test", {}, &info);
  if (warnings) *warnings = info.warnings;
  return image;
}

// The reason, which must name the file; "(loaded)" if there is none.
inline std::string refusal(const Bytes& bytes, const ReadOptions& options = {}) {
  try {
    decode_image(bytes, "test", options);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
    EXPECT_NE(std::string(error.what()).find("'test'"), std::string::npos) << error.what();
    return error.what();
  }
  return "(loaded)";
}

}  // namespace anomalyvlm::test
