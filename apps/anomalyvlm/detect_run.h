#pragma once
// detect's work on the images, once everything about them is planned.
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "anomalyvlm/batch.h"
#include "anomalyvlm/codec.h"
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

// Results are printed in the order of the images; an unreadable image is reported and skipped.
class DetectRun {
 public:
  static constexpr const char* kStandardInput = "-";  // what names the image that comes from there

  struct Settings {
    HybridPrompt prompt;
    ResultOptions results;  // but for dir, stem and input
    int bits = 0;           // ReadOptions::bits
    Mask ignored;           // Detection::ignored
    References references;  // DetectSettings::references
    bool mutual = false;    // these are the images themselves
    bool explain = false;
    bool verdict_exit = true;   // kNotOk when an image is not OK
    int jobs = 1;               // images at the same time
    SummaryCsv* csv = nullptr;  // may be null
  };
  DetectRun(const Detector& detector, const Settings& settings) : detector_(detector), settings_(settings) {}

  Exit operator()(const std::vector<PlannedImage>& images);

 private:
  std::optional<BatchInput> next();
  void done(BatchOutput output);
  void write(const BatchOutput& output, const PlannedImage& planned);
  void show_tiles(int done, int all);  // of a single image
  void tell(const std::string& name, const Detection& found, const std::vector<std::string>& warnings);
  Exit finish();

  const Detector& detector_;
  const Settings& settings_;
  const std::vector<PlannedImage>* images_ = nullptr;
  std::vector<ReadInfo> read_;  // of each image
  std::size_t next_ = 0, failed_ = 0, not_ok_ = 0, without_content_ = 0, strong_ = 0;
  std::string first_without_content_;
  std::optional<Progress> progress_, tiles_;
  std::set<std::string> noted_;  // each note is printed once
  std::set<int> guessed_bits_;   // of 16-bit images that do not declare theirs
};

}  // namespace anomalyvlm::cli
