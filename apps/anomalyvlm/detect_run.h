#pragma once
// detect's work on the images, once everything about them is planned.
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "anomalyvlm/detector.h"
#include "anomalyvlm/results.h"
#include "commands.h"
#include "progress.h"
#include "summary_csv.h"

namespace anomalyvlm::cli {

// An image and where its results go.
struct PlannedImage {
  std::filesystem::path file;  // "-": standard input
  std::filesystem::path dir;
  std::string stem;
};

// One image after the other; a bad one is reported and passed over.
class DetectRun {
 public:
  struct Settings {
    HybridPrompt prompt;
    ResultOptions results;  // but for dir, stem and input
    int bits = 0;           // ReadOptions::bits
    Mask ignored;           // Detection::ignored
    bool explain = false;
    bool verdict_exit = true;   // kNotOk when an image is not OK
    SummaryCsv* csv = nullptr;  // may be null
  };
  DetectRun(const Detector& detector, const Settings& settings) : detector_(detector), settings_(settings) {}

  Exit operator()(const std::vector<PlannedImage>& images);

 private:
  bool done(const PlannedImage& image, Progress& progress);  // false: it failed
  void one(const PlannedImage& image, Progress& progress);
  void tell(const std::string& name, const Detection& found, const std::vector<std::string>& warnings);
  Exit finish(std::size_t images, std::size_t failed);

  const Detector& detector_;
  const Settings& settings_;
  bool single_ = false;  // one image only
  std::size_t not_ok_ = 0;
  std::set<std::string> noted_;  // each note is told once
  std::set<int> guessed_bits_;   // of 16-bit images that do not tell
};

}  // namespace anomalyvlm::cli
