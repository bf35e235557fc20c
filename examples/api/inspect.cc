// Finds defects in an image as a camera delivers it: BGR pixels in memory, with a row stride.
#include <anomalyvlm/detector.h>
#include <anomalyvlm/results.h>

#include <cstdint>
#include <iostream>
#include <vector>

int main() try {
  using namespace anomalyvlm;
  // Stands for the camera: a grey plate of 320 x 240 pixels with a dark dot; rows of 1024 bytes.
  constexpr int kWidth = 320, kHeight = 240, kStride = 1024;
  std::vector<std::uint8_t> buffer(kStride * kHeight);
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < 3 * kWidth; ++x) {
      const int dx = x / 3 - 200, dy = y - 90;
      const int grain = (x / 3 * 7919 + y * 104729) % 13;
      buffer[y * kStride + x] = static_cast<std::uint8_t>(dx * dx + dy * dy < 80 ? 40 + grain : 150 + grain);
    }

  const Detector detector;  // the embedded model, on the CPU
  const HybridPrompt prompt = parse_prompt_text(
      "Defect. Anomalies are smaller than 5% of the image. At most three abnormal regions.");
  const Detection found =
      detector.detect({buffer.data(), kWidth, kHeight, PixelFormat::kBgr8, kStride}, prompt);

  std::cout << "image score " << found.image_score << "\n";
  for (std::size_t i = 0; i < found.kept; ++i) {
    const Candidate& c = found.candidates[i];
    std::cout << c.phrase << " at " << c.box.x0 << ", " << c.box.y0 << " .. " << c.box.x1 << ", " << c.box.y1
              << ", score " << c.refined_score << "\n";
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
