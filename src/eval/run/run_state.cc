#include "eval/run/run_state.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/check.h"
#include "core/platform.h"
#include "eval/data/listing.h"
#include "eval/run/evidence.h"
#include "eval/run/image_record.h"

namespace anomalyvlm::eval {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRun = "run.json";
constexpr const char* kLines = "results.jsonl";
constexpr const char* kEvidence = "evidence";
constexpr std::size_t kMostBytes = std::size_t{1} << 26;  // of run.json

fs::file_type type_of(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type();
}

bool is_there(const fs::path& path) {
  return type_of(path) != fs::file_type::not_found && type_of(path) != fs::file_type::none;
}

bool is_empty_file(const fs::path& path) {
  std::error_code error;
  return type_of(path) == fs::file_type::regular && fs::file_size(path, error) == 0 && !error;
}

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); });
}

bool is_evidence_name(const std::string& name) {
  return name.size() > 6 && name.substr(6) == ".safetensors" && all_digits(name.substr(0, 6));
}

// "NAME.PROCESS-NUMBER.part", as AtomicFile calls what is not finished yet. Empty: it is no such name.
std::string name_of_leftover(const std::string& name) {
  constexpr std::string_view kPart = ".part";
  if (!name.ends_with(kPart)) return {};
  const std::string stem = name.substr(0, name.size() - kPart.size());
  const std::size_t dot = stem.rfind('.'), dash = stem.rfind('-');
  if (dot == std::string::npos || dash == std::string::npos || dash < dot) return {};
  if (!all_digits(stem.substr(dot + 1, dash - dot - 1)) || !all_digits(stem.substr(dash + 1))) return {};
  return stem.substr(0, dot);
}

bool is_leftover_of_run(const std::string& name) {
  constexpr std::array<std::string_view, 8> kFiles = {
      kRun, kLines, "machine.json", "results.json", "results.csv", "images.csv", "report.md", "report.html"};
  const std::string whole = name_of_leftover(name);
  return is_evidence_name(whole) || std::find(kFiles.begin(), kFiles.end(), whole) != kFiles.end();
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    names.push_back(entry->path().filename().string());
  if (error) fail(ErrorKind::kIo, "The folder '{}' cannot be read: {}.", folder.string(), error.message());
  std::sort(names.begin(), names.end());
  return names;
}

// Evidence whose run.json was lost: what a power cut left of a run that had just begun.
bool is_own_evidence(const fs::path& file) {
  return is_leftover_of_run(file.filename().string()) ||
         (is_evidence_name(file.filename().string()) && (is_empty_file(file) || is_evidence(file)));
}

// A name that a run without run.json and without lines does not have; empty: there is none.
std::string foreign_file(const fs::path& folder) {
  for (const std::string& name : names_in(folder)) {
    const fs::path file = folder / name;
    const bool known = name == kRun || name == kLines;
    if (known ? is_empty_file(file) : is_leftover_of_run(name)) continue;
    if (name != kEvidence || !is_folder(file)) return name;
    for (const std::string& inside : names_in(file))
      if (!is_own_evidence(file / inside)) return name + "/" + inside;
  }
  return {};
}

void refuse(const fs::path& folder, const std::string& name) {
  fail(ErrorKind::kBadInput, "The folder '{}' holds other files ('{}') and no run; choose another one.",
       folder.string(), in_message(name));
}

}  // namespace

SavedRun read_run(const fs::path& folder) {
  const fs::path file = folder / kRun;
  if (!is_there(file)) return {};
  if (is_empty_file(file)) return {SavedRun::kDamaged, {}};
  std::string text;
  try {
    text = read_file(file, kMostBytes);
  } catch (const Error&) {
    return {SavedRun::kOther, {}};
  }
  if (std::optional<Json> json = unsealed(text))
    if (json->value("format", "") == kRunFormat && json->contains("configuration"))
      return {SavedRun::kWhole, std::move(*json)};
  const bool own = text.find(kRunFormat) != std::string::npos || !runs_of_lines(folder).empty();
  return {own ? SavedRun::kDamaged : SavedRun::kOther, {}};
}

void write_run(const fs::path& folder, const Json& run) {
  write_file_atomically(folder / kRun, sealed(run, 1));
}

std::string run_digest(const Json& configuration) {
  return seal_of(configuration.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::vector<std::string> runs_of_lines(const fs::path& folder) {
  std::vector<std::string> runs;
  if (type_of(folder / kLines) != fs::file_type::regular) return runs;
  const std::string text = read_file(folder / kLines);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    try {
      const ImageRecord record = from_line(std::string_view(text).substr(at, end - at));
      if (std::find(runs.begin(), runs.end(), record.run) == runs.end()) runs.push_back(record.run);
    } catch (const std::exception&) {
      // Damaged, or something else.
    }
    at = end + 1;
  }
  return runs;
}

void check_folder(const fs::path& folder) {
  if (!is_folder(folder)) return;
  for (const char* name : {kRun, kLines})
    if (is_there(folder / name) && type_of(folder / name) != fs::file_type::regular)
      fail(ErrorKind::kBadInput, "'{}' is not an ordinary file; choose another folder for the run.",
           (folder / name).string());
  const SavedRun::State state = read_run(folder).state;
  if (state == SavedRun::kOther)
    fail(ErrorKind::kBadInput, "'{}' describes no run of this version; choose another folder.",
         (folder / kRun).string());
  if (state == SavedRun::kWhole || !runs_of_lines(folder).empty()) return;
  if (state == SavedRun::kDamaged && !is_empty_file(folder / kRun)) return;
  if (const std::string name = foreign_file(folder); !name.empty()) refuse(folder, name);
}

void remove_leftovers(const fs::path& folder) {
  for (const fs::path& place : {folder, folder / kEvidence}) {
    for (const std::string& name : names_in(place)) {
      std::error_code ignored;
      if (is_leftover_of_run(name)) fs::remove(place / name, ignored);
    }
  }
}

}  // namespace anomalyvlm::eval
