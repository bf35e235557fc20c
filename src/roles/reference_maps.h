#pragma once
// What a comparison with references means for an image as a whole.
#include <optional>
#include <span>
#include <string>

#include "roles/reference_pool.h"

namespace anomalyvlm {

// On one grid over the image, made from the comparisons at all scales, of which each counts the same.
struct ReferenceMaps {
  // Distance to the nearest vector of the references: as a multiple of what is usual among them, and of what
  // is high (GridComparison). 0 or more.
  FloatMap of_usual, of_high;
  // How much of a defect the model sees in those places of the references that look the same, 0..1: what it
  // takes for a defect though it is normal. 0 where nothing looks the same.
  FloatMap false_alarms;
  // How well the references fit the image as a whole, 0..1: 0 if they are of another product.
  double trust = 0;
};
ReferenceMaps reference_maps(std::span<const GridComparison> scales, int width, int height);

// What to tell of an image that the references do not fit; nothing where they do.
std::optional<std::string> note_on_fit(const ReferenceMaps& maps);

// A model's map of defects beside references: without the false alarms, and with a share of the distance to
// them, where the references fit the image. 0..1.
FloatMap beside_references(const FloatMap& defect, const ReferenceMaps& maps);

// How much each place is a defect for being far from all references, 0..1: it begins well beyond the
// distances that are high among themselves; less where the references do not fit the image.
FloatMap unlike_references(const ReferenceMaps& maps);

// Eq. 3 with the references among the neighbours: the smaller of V and of the distance to the references, in
// units in which what is usual among them has the mean of V. of_usual: of any size.
FloatMap pooled_saliency(FloatMap saliency, const FloatMap& of_usual);

// The place of the references that the location (x, y), as shares of the image's size, is most like: by the
// finest scale.
ReferencePlace most_alike(const ReferencePool& pool, std::span<const GridComparison> scales, double x,
                          double y);

}  // namespace anomalyvlm
