#pragma once
// What the tests of references have in common: a detector, and images of one synthetic product.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include "anomalyvlm/detector.h"
#include "detector/products.h"
#include "detector/same_findings.h"
#include "references/bank.h"
#include "source_dir.h"

namespace anomalyvlm::test {

constexpr std::uint64_t kProduct = 7;

inline DetectorOptions options_with(std::optional<int> resize, std::optional<int> tile = {},
                                    const std::string& method = "anomalyvlm") {
  DetectorOptions options{.resize = resize, .tile = tile, .disk_cache = false, .data_folder = source_dir()};
  options.method = method;
  return options;
}

inline const Detector& nano64() {
  static const Detector detector(options_with(64));
  return detector;
}

inline Image defective() { return product_sample(kProduct, 50, false).image; }

inline bool same_rows(const Bank& a, const Bank& b) {
  if (a.rows().size() != b.rows().size()) return false;
  for (std::size_t s = 0; s < a.rows().size(); ++s) {
    const Tensor &x = a.rows()[s].vectors, &y = b.rows()[s].vectors;
    if (x.shape() != y.shape() || std::memcmp(x.raw(), y.raw(), x.bytes()) != 0) return false;
  }
  return true;
}

}  // namespace anomalyvlm::test
