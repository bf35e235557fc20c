#pragma once
// Fast noise: everything is cut, stretched or scaled from one fixed pool of normal deviates. Where the
// numbers make a product (Rng::variation), each image of it gets other noise of the same kind.
#include "train/synthetic/canvas.h"

namespace anomalyvlm::synthetic {

Map white(Rng& rng, cv::Size size);  // independent pixels, deviation 1
// Smooth noise with about `cells` lumps across the image's mean side (deviation about 0.6).
Map field(Rng& rng, cv::Size size, float cells);
// A sum of octaves, each of twice the frequency and `gain` times the strength; mean 0, deviation 1.
Map fractal(Rng& rng, cv::Size size, float cells, int octaves, float gain = 0.5f);
// White noise blurred by sigma pixels; mean 0, deviation 1.
Map grains(Rng& rng, cv::Size size, float sigma);
// Noise stretched `along` an angle and `across` it (pixels per lump), deviation about 1.
Map streaks(Rng& rng, cv::Size size, float angle, float along, float across);
// The same along circles round `centre`, as turning leaves them.
Map turned_streaks(Rng& rng, cv::Size size, Point centre, float along, float across);
void normalise(Map& a);  // to mean 0, deviation 1
Map normalised(Map a);   // the same, returned

// A cell pattern of about `count` cells over the image.
struct Cells {
  Map centre;       // pixels to the cell's seed point
  Map edge;         // pixels to the next border between cells
  cv::Mat1i label;  // cell numbers
  float width;      // mean cell width in pixels
};
Cells cells(Rng& rng, cv::Size size, float count, bool edges);

// Rotated coordinates in pixels with a slight smooth warp, 0 at the image's middle.
struct Coordinates {
  Map u, v;
};
Coordinates coordinates(Rng& rng, cv::Size size, float angle, float warp);

// An angle that is often along a side of the image.
float usual_angle(Rng& rng);

}  // namespace anomalyvlm::synthetic
