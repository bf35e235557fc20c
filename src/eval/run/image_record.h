#pragma once
// A line of a run's results.jsonl: an image that is done. It carries its own digest, so that damage is
// detected.
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eval/run/provenance.h"
#include "eval/run/source_files.h"

namespace anomalyvlm::eval {

struct ImageRecord {
  std::size_t index = 0;  // among planned_images()
  std::string id, kind = {};
  std::string label = {};     // label_name() of the sample
  int width = 0, height = 0;  // of the image as it lies on disk
  bool anomalous = false;
  double score = 0;  // Detection::image_score, with the run's own prompt
  std::size_t kept = 0, candidates = 0;
  std::vector<std::pair<std::string, double>> seconds = {};  // by stage
  std::vector<std::string> notes = {};
  SourceFiles files = {};
  std::string evidence_sha256 = {};  // of its file
  std::string run = {};              // run_digest() of the configuration
  Provenance by = {};
};

std::string label_name(Label label);  // "normal", "anomalous", "by mask"

std::string to_line(const ImageRecord& record);  // ends in a newline
// Throws an exception of any type for a line that is damaged or something else.
ImageRecord from_line(std::string_view line);

// The first 16 digits of the SHA-256 of a text.
std::string seal_of(std::string_view text);
// A JSON object as text with its own digest as the last member, "seal"; the second gives it back, or nothing
// where the text is not such an object or was changed since.
std::string sealed(const Json& object, int indent = -1);
std::optional<Json> unsealed(std::string_view text);

}  // namespace anomalyvlm::eval
