#pragma once
// Which images of a data set serve as references: good ones, which are not judged then.
#include <cstdint>
#include <vector>

#include "eval/data/layouts.h"

namespace anomalyvlm::eval {

// Of a category.
struct CategoryReferences {
  std::vector<Sample> samples;
  bool from_training =
      false;  // they are of the training split; else they were taken out of the judged images
};

// Draws `count` normal images of each category, by a generator of its own that gives the same on every
// machine: of those in `training` (the same data set's training split; it may lack categories or be empty)
// that are not judged, else of those in `dataset`, which loses them. Throws Error(kBadInput) where a category
// has too few.
std::vector<CategoryReferences> take_references(Dataset& dataset, const Dataset& training, std::size_t count,
                                                std::uint64_t seed);

// The training split of those categories of `dataset` that have one.
Dataset training_split(const std::string& layout, const std::filesystem::path& root, DatasetOptions options,
                       const Dataset& dataset);

}  // namespace anomalyvlm::eval
