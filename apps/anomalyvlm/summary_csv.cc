#include "summary_csv.h"

#include <fmt/format.h>

#include "anomalyvlm/results.h"
#include "core/check.h"
#include "core/platform.h"
#include "core/printable.h"

namespace anomalyvlm::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHeadings =
    "file,verdict,score,regions,phrase,region_score,x0,y0,x1,y1,error\r\n";  // lines end as RFC 4180 says
constexpr std::chrono::seconds kEvery{2};

std::string name_of(Verdict verdict) {
  return verdict == Verdict::kNone ? "" : verdict == Verdict::kOk ? "OK" : "not OK";
}

bool is_such_table(const fs::path& file) {
  std::error_code ignored;
  if (fs::symlink_status(file, ignored).type() != fs::file_type::regular) return false;
  return read_start(file, kHeadings.size()) == kHeadings;
}

std::string text_field(const std::string& text) { return csv_field(printable(text)); }

}  // namespace

SummaryCsv::SummaryCsv(const fs::path& file, bool overwrite) : file_(file), text_(kHeadings) {
  std::error_code ignored;
  const bool there = fs::symlink_status(file, ignored).type() != fs::file_type::not_found;
  if (there && !overwrite && !is_such_table(file))
    fail(ErrorKind::kBadInput,
         "'{}' is there and is not a table of an earlier call. Choose another file for --csv, or let it be "
         "replaced (--overwrite).",
         file.string());
  finish();  // fails before any work if the file cannot be written
}

void SummaryCsv::add(const std::string& image, const Detection& found, const HybridPrompt& prompt) {
  const std::vector<const Candidate*> regions = counted_regions(found, prompt);
  std::string row = fmt::format("{},{},{},{}", text_field(image), name_of(found.verdict), found.image_score,
                                regions.size());
  if (regions.empty()) {
    row += ",,,,,,,";  // up to the column `error`
  } else {
    const Candidate& strongest = *regions.front();
    const Box& box = strongest.box;
    row += fmt::format(",{},{},{},{},{},{},", text_field(strongest.phrase), strongest.refined_score, box.x0,
                       box.y0, box.x1, box.y1);
  }
  if (!found.no_content.empty()) row += text_field("no content: " + found.no_content);
  add_row(row);
}

void SummaryCsv::add_failure(const std::string& image, const std::string& why) {
  add_row(fmt::format("{},,,,,,,,,,{}", text_field(image), text_field(why)));
}

void SummaryCsv::add_row(const std::string& row) {
  text_ += row + "\r\n";
  if (std::chrono::steady_clock::now() - written_ < kEvery) return;
  try {
    finish();
  } catch (const Error&) {  // the images go on; the last call reports it
  }
}

void SummaryCsv::finish() {
  written_ = std::chrono::steady_clock::now();
  write_file_atomically(file_, text_);
}

}  // namespace anomalyvlm::cli
