// The skeleton of a camera loop: the newest frame is inspected; frames that arrive meanwhile are dropped.
#include <anomalyvlm/detector.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <iostream>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace {

constexpr int kWidth = 320, kHeight = 240, kFrames = 20;

struct Frame {
  int number = 0;
  std::vector<std::uint8_t> pixels;  // grey, 12 bits in 16, as many industrial cameras deliver them
};

// Holds one frame. A new one replaces it.
class NewestFrame {
 public:
  void put(std::optional<Frame> frame) {  // nothing: the camera has ended
    const std::lock_guard lock(mutex_);
    ended_ = !frame;
    if (frame) frame_ = std::move(frame);
    changed_.notify_one();
  }
  std::optional<Frame> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return frame_ || ended_; });
    return std::exchange(frame_, std::nullopt);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Frame> frame_;
  bool ended_ = false;
};

// Stands for the camera's own thread: a plate whose every fifth copy has a dark spot.
void deliver(NewestFrame& newest) {
  for (int number = 0; number < kFrames; ++number) {
    Frame frame{number, {}};
    for (int y = 0; y < kHeight; ++y)
      for (int x = 0; x < kWidth; ++x) {
        const int dx = x - 200, dy = y - 90, grain = (x * 7919 + y * 104729 + number * 31) % 200;
        const int value = (number % 5 == 4 && dx * dx + dy * dy < 80 ? 600 : 2400) + grain;
        frame.pixels.push_back(static_cast<std::uint8_t>(value & 255));
        frame.pixels.push_back(static_cast<std::uint8_t>(value >> 8));
      }
    newest.put(std::move(frame));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  newest.put(std::nullopt);
}

}  // namespace

int main() try {
  using namespace anomalyvlm;
  const Detector detector(
      {.log = [](LogLevel, const std::string& sentence) { std::clog << sentence << "\n"; }});
  HybridPrompt prompt = parse_prompt_text("Defect. Anomalies are smaller than 5% of the image.");
  prompt.limit = 0.5;  // from `anomalyvlm calibrate`

  NewestFrame newest;
  const std::jthread camera([&] { deliver(newest); });
  while (const std::optional<Frame> frame = newest.take()) {
    const ImageView view{.data = frame->pixels.data(),
                         .width = kWidth,
                         .height = kHeight,
                         .format = PixelFormat::kGray16,
                         .bits = 12};
    const Detection found = detector.detect(view, prompt);
    std::cout << "frame " << frame->number << ": score " << found.image_score
              << (found.verdict == Verdict::kNotOk ? ", not OK" : ", OK") << "\n";
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
