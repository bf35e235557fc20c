#pragma once
// A run on disk, which can be ended at any moment and continued without losing or doubling an image:
//   run.json        the configuration; a run goes on only with the same
//   results.jsonl   a line for each image that is done, in the order in which they were done
//   evidence/       what the models said of each image (evidence.h), written before its line
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "anomalyvlm/detection.h"
#include "core/files.h"
#include "eval/run/plan.h"

namespace anomalyvlm::eval {

// A line of results.jsonl.
struct ImageRecord {
  std::size_t index = 0;  // among planned_images()
  std::string id, kind = {};
  int width = 0, height = 0;  // of the picture as it lies on disk
  bool anomalous = false;
  double score = 0;  // the map's maximum, with the run's own prompt
  std::size_t kept = 0, candidates = 0;
  std::vector<std::pair<std::string, double>> seconds = {};  // by stage
  std::vector<std::string> notes = {};
};

class RunFolder {
 public:
  // Makes the folder, or opens it to go on; it is this process's alone until the end. Throws Error(kBadInput)
  // when another process has it, when it holds another run (naming what differs) or other files; Error(kIo).
  RunFolder(const std::filesystem::path& folder, const RunPlan& plan);

  // Whether there is a run of this plan already, whole or begun.
  static bool holds(const std::filesystem::path& folder, const RunPlan& plan);

  const std::filesystem::path& path() const { return folder_; }
  std::size_t done() const { return done_; }
  // None: not done yet.
  const std::optional<ImageRecord>& record(std::size_t index) const { return records_[index]; }
  // As read_evidence(); Error(kBadModel), too, for that of another image or with other prompts.
  std::vector<Detection> evidence(std::size_t index) const;

  // The models that compute it, as they were when it began. Throws Error(kBadInput) when they were others.
  void check_models(const std::vector<std::string>& models);

  std::vector<std::string> models() const;  // as check_models() was given them

  // One image is done: first its evidence, then its line. From any thread.
  void keep(std::size_t index, std::span<const Detection> found);
  void add(const ImageRecord& record);

 private:
  void open_results();
  void check_configuration(const Json& configuration);
  void read_records(const std::vector<PlannedImage>& images);
  std::filesystem::path evidence_file(std::size_t index) const;

  std::filesystem::path folder_;
  std::unique_ptr<GrowingFile> results_;
  Json saved_;                        // run.json
  int side_;                          // RunPlan::side
  std::vector<std::size_t> prompts_;  // how many were asked of each image
  std::vector<std::optional<ImageRecord>> records_;
  std::size_t done_ = 0;
  std::mutex adding_;
};

}  // namespace anomalyvlm::eval
