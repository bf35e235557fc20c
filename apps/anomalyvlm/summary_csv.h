#pragma once
// detect --csv: one row an image. docs/RESULT_FORMAT.md describes the columns.
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "anomalyvlm/detection.h"
#include "anomalyvlm/prompt.h"

namespace anomalyvlm::cli {

// The file is complete at any time: it is rewritten every few seconds while rows arrive, and by finish().
class SummaryCsv {
 public:
  // Throws Error: kBadInput for an existing file that is not such a table, unless `overwrite`; kIo.
  SummaryCsv(const std::filesystem::path& file, bool overwrite);
  void add(const std::string& image, const Detection& found, const HybridPrompt& prompt);
  void add_failure(const std::string& image, const std::string& why);
  void finish();  // throws Error(kIo)

 private:
  void add_row(const std::string& row);

  std::filesystem::path file_;
  std::string text_;
  std::chrono::steady_clock::time_point written_;
};

}  // namespace anomalyvlm::cli
