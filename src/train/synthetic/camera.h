#pragma once
// What a camera does to an image: framing, light fall-off, blur, noise, tone, compression.
#include "anomalyvlm/image.h"
#include "train/synthetic/canvas.h"

namespace anomalyvlm::synthetic {

struct Camera {
  bool grey = false;
  cv::Matx23f framing;  // from the final image's pixels to those it was drawn on
  bool framed = false;  // framing is not just the identity
  cv::Matx23f flips;    // framing that keeps every pixel
  float fall_off = 0;   // strength of uneven light
  bool vignette = false;
  float shrink = 1;  // resolution that was lost
  float blur = 0;    // pixels
  float noise = 0;   // deviation
  bool colour_noise = false;
  float automatic = 0;  // brings the bright parts to this value; 0: no
  float gamma = 1, exposure = 1, lift = 0;
  Colour cast{1, 1, 1};
  int quality = 100;  // of JPEG; 100: none
};

// It shows at least the square of `least_zoom` of what was drawn, up to a fifth less where it squeezes it.
Camera random_camera(Rng& rng, cv::Size size, double least_zoom = 0.66);
// The same camera again: the view has moved a little, the light and the focus are not quite the same.
Camera another_shot(Rng& rng, const Camera& camera, const Variation& variation, cv::Size size);
// How much of a small contrast is left by the camera's blur and resolution, 0..1, for a thing `width` pixels
// wide.
float transmission(const Camera& camera, float width);
// `clean` is drawn in the final image's frame already.
Image expose(Rng& rng, const Camera& camera, ColourImage img);
Map reframe(const Map& a, const cv::Matx23f& framing);
ColourImage reframe(const ColourImage& a, const cv::Matx23f& framing);

}  // namespace anomalyvlm::synthetic
