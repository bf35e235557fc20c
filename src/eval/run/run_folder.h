#pragma once
// A run on disk, which can be interrupted at any time and continued without losing or repeating an image:
//   run.json        the configuration; a run goes on only with the same
//   results.jsonl   a line for each image that is done (image_record.h), in the order in which they were done
//   evidence/       what the models said of each image (evidence.h), written before its line
// All three carry digests. What is damaged, or of an image that was replaced since, is run again.
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
#include "eval/run/image_record.h"
#include "eval/run/plan.h"

namespace anomalyvlm::eval {

class RunFolder {
 public:
  // Creates the folder, or opens it to continue; this process has exclusive use of it until the end. Throws
  // Error(kBadInput) when another process has it, when it holds another run (naming what differs) or other
  // files; Error(kIo).
  RunFolder(const std::filesystem::path& folder, const RunPlan& plan);
  ~RunFolder();

  // Whether there is a run of this plan already, whole or begun.
  static bool holds(const std::filesystem::path& folder, const RunPlan& plan);

  const std::filesystem::path& path() const { return folder_; }
  std::size_t done() const { return done_; }
  // What was found when it was opened: images that are done again, and why. Sentences.
  const std::vector<std::string>& notes() const { return notes_; }
  // None: not done yet.
  const std::optional<ImageRecord>& record(std::size_t index) const { return records_[index]; }
  // As read_evidence(); Error(kBadModel), too, for that of another image or with other prompts.
  std::vector<Evidence> evidence(std::size_t index) const;

  // The models that compute it, as they were when it began. Throws Error(kBadInput) when they were others.
  void check_models(const std::vector<std::string>& models);

  // One image is done: first its evidence, then its line. From any thread. keep() gives
  // ImageRecord::evidence_sha256; add() fills in ImageRecord::run.
  std::string keep(std::size_t index, std::span<const Evidence> evidence);
  void add(ImageRecord record);

 private:
  void open_results();
  void check_configuration(const Json& configuration);
  void read_records(const std::vector<PlannedImage>& images);
  bool take(ImageRecord record, const std::vector<PlannedImage>& images);
  std::filesystem::path evidence_file(std::size_t index) const;

  std::filesystem::path folder_;
  std::unique_ptr<GrowingFile> results_;
  std::unique_ptr<Json> saved_;       // run.json
  std::string run_;                   // run_digest() of its configuration
  int side_;                          // RunPlan::side
  std::vector<std::size_t> prompts_;  // how many were asked of each image
  std::vector<std::optional<ImageRecord>> records_;
  std::size_t done_ = 0;
  std::vector<std::string> notes_;
  std::mutex adding_;
};

}  // namespace anomalyvlm::eval
