// Live tuning: an image is opened once; each change of a rule or limit is then judged in milliseconds.
// usage: tune IMAGE
#include <anomalyvlm/codec.h>
#include <anomalyvlm/session.h>

#include <chrono>
#include <iostream>
#include <stdexcept>

int main(int argc, char** argv) try {
  using namespace anomalyvlm;
  if (argc != 2) throw std::runtime_error("usage: tune IMAGE");
  const Detector detector;
  Session session = detector.open(read_image(argv[1]).view());
  for (const char* sentences : {"Scratch. Stain.",                                 // the models run
                                "Scratch. Stain. Anomalies are smaller than 5%.",  // only the rules do
                                "Scratch. Stain. Anomalies are smaller than 1%.",  //
                                "Scratch. Stain. At most one abnormal region.",    //
                                "Dent."}) {                                        // new words, same image
    const auto start = std::chrono::steady_clock::now();
    const Detection found = session.detect(parse_prompt_text(sentences));
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    std::cout << sentences << " -> score " << found.image_score << ", " << found.kept << " regions, "
              << time.count() << " ms\n";
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
