#pragma once
// A ResNet as saliency estimator: Eq. 3 over its joined features.
#include <memory>
#include <span>

#include "models/resnet/dense_features.h"
#include "roles/joined_models.h"

namespace anomalyvlm {

// Sides of the squares that an image becomes for the network, as in the released code. 256 and 1024 give maps
// of 64 x 64 and 256 x 256 cells.
struct SaliencySizes {
  int side = 256;            // by OpenCV's linear filter
  int among_objects = 1024;  // by the same, where objects are compared with each other (kOtherObjects),
  int of_network = 1024;     // and from there by PIL's to this
};

// Const and usable from several threads.
class ResNetSaliency {
 public:
  explicit ResNetSaliency(std::shared_ptr<const DenseFeatures> features, SaliencySizes sizes = {})
      : features_(std::move(features)), sizes_(sizes) {}

  // Of the image's size; see SaliencyEstimator::saliency(). One object: every location is compared with the
  // whole image. Several: with its own object or with the others, as options.saliency_scope says; 0 outside
  // of all.
  FloatMap map(const Image& image, std::span<const InspectedObject> objects,
               const StageOptions& options) const;
  // The same in the network's cells.
  FloatMap cells(const Image& image, std::span<const InspectedObject> objects,
                 const StageOptions& options) const;

 private:
  FloatMap nearest_in_whole(const Tensor& input, const StageOptions& options) const;

  std::shared_ptr<const DenseFeatures> features_;
  SaliencySizes sizes_;
};

RoleOpener<SaliencyEstimator> resnet_saliency(ResNetSaliency network);

}  // namespace anomalyvlm
