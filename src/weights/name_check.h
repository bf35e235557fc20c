#pragma once
// Checks that a weight file fits a model, and reports all mismatches at once.
#include <span>
#include <string>
#include <vector>

#include "weights/weights.h"

namespace anomalyvlm {

struct ExpectedTensor {
  std::string name;
  Shape shape;
};

// Throws one Error(kBadModel) that lists the missing, the misshapen and the unexpected tensors (the first 12
// of each, then a count). `ignorable` are patterns of names that may be there without being asked for: '*'
// stands for any run of characters, so "bert.pooler.*" is a prefix and "*.num_batches_tracked" an ending.
// `model` names the model in the text.
void check_names(const WeightFile& file, std::string_view model, std::span<const ExpectedTensor> expected,
                 std::span<const std::string> ignorable = {});

// Whether `name` matches `pattern` as above.
bool matches(std::string_view pattern, std::string_view name);

}  // namespace anomalyvlm
