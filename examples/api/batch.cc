// A folder of images, several at once, until all are done or Ctrl-C is pressed.
// usage: batch FOLDER
#include <anomalyvlm/batch.h>
#include <anomalyvlm/codec.h>
#include <anomalyvlm/inputs.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

std::atomic<bool> interrupted = false;

}  // namespace

int main(int argc, char** argv) try {
  using namespace anomalyvlm;
  if (argc != 2) throw std::runtime_error("usage: batch FOLDER");
  const std::vector<std::filesystem::path> files = find_images({argv[1]}, false).images;

  // A signal handler may set a flag, not more; a thread turns it into a stop request.
  std::signal(SIGINT, [](int) { interrupted = true; });
  std::stop_source cancel;
  const std::jthread watcher([&](const std::stop_token& end) {
    while (!end.stop_requested() && !interrupted) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (interrupted) cancel.request_stop();
  });

  const Detector detector;
  std::size_t next = 0;
  const auto next_image = [&]() -> std::optional<BatchInput> {
    if (next == files.size()) return std::nullopt;
    const std::filesystem::path& file = files[next++];
    return BatchInput{.name = file.filename().string(), .load = [&file] { return read_image(file); }};
  };
  const auto show = [](const BatchOutput& output) {
    std::cout << output.name << ": ";
    if (output.error)
      std::cout << output.error->what() << " (" << output.error->code() << ")\n";
    else
      std::cout << "score " << output.detection.image_score << ", " << output.detection.kept << " regions\n";
  };
  const std::size_t done = detect_batch(detector, generic_prompt(), next_image, show,
                                        {.in_flight = 2, .stop = cancel.get_token()});
  std::cout << done << " of " << files.size() << " images\n";
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
