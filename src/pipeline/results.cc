#include "anomalyvlm/results.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/check.h"
#include "core/platform.h"
#include "image/codec.h"
#include "image/overlay.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;

struct FileKind {
  ResultFile file;
  std::string_view name;    // as parse_result_files() knows it
  std::string_view group;   // of several files; may be empty
  std::string_view suffix;  // after the stem
};

// In the order of writing: who sees the JSON file finds all others.
constexpr FileKind kFiles[] = {
    {ResultFile::kAnomalyTiff, "anomaly.tiff", "anomaly", ".anomaly.tiff"},
    {ResultFile::kAnomalyPng, "anomaly.png", "anomaly", ".anomaly.png"},
    {ResultFile::kMask, "mask", "", ".mask.png"},
    {ResultFile::kOverlay, "overlay", "", ".overlay.png"},
    {ResultFile::kInput, "input", "", ".input.png"},
    {ResultFile::kJson, "json", "", ".json"},
};

bool has(const std::vector<ResultFile>& files, ResultFile file) {
  return std::find(files.begin(), files.end(), file) != files.end();
}

fs::path path_of(const ResultOptions& options, const std::string& stem, const FileKind& kind) {
  return options.dir / (stem + std::string(kind.suffix));
}

std::string_view trimmed(std::string_view word) {
  while (word.starts_with(' ')) word.remove_prefix(1);
  while (word.ends_with(' ')) word.remove_suffix(1);
  return word;
}

float white_level(const Detection& detection, double full_scale) {
  const double level = full_scale > 0 ? full_scale : detection.image_score;
  return level > 0 ? static_cast<float>(level) : 1.0F;
}

void write_anomaly_png(const fs::path& path, const Detection& detection, const ResultOptions& options) {
  const float white = white_level(detection, options.full_scale);
  if (options.png_bits == 8) return write_png_gray8(path, detection.anomaly, 0, white);
  write_png_gray16(path, detection.anomaly, 0, white);
}

void write_one(const fs::path& path, ResultFile file, const Detection& detection, const Image& image,
               const HybridPrompt& prompt, const ResultOptions& options) {
  switch (file) {
    case ResultFile::kAnomalyTiff:
      return write_tiff_f32(path, detection.anomaly);
    case ResultFile::kAnomalyPng:
      return write_anomaly_png(path, detection, options);
    case ResultFile::kMask:
      return write_png(path, anomaly_mask(detection, options.mask_threshold));
    case ResultFile::kOverlay:
      return write_png(path, overlay_picture(detection, image, options.full_scale));
    case ResultFile::kInput:
      return write_png(path, image);
    case ResultFile::kJson:
      return write_file_atomically(path, to_json(detection, prompt, options));
  }
}

void make_folder(const fs::path& dir) {
  std::error_code error;
  fs::create_directories(dir, error);
  if (error && !fs::is_directory(dir))
    fail(ErrorKind::kIo, "The folder '{}' cannot be made: {}.", dir.string(), error.message());
}

// An absolute path without "..", for comparing.
fs::path plain(const fs::path& path) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(path, error);
  return error ? fs::absolute(path).lexically_normal() : canonical;
}

}  // namespace

std::vector<ResultFile> default_result_files() {
  return {ResultFile::kAnomalyTiff, ResultFile::kAnomalyPng, ResultFile::kMask, ResultFile::kOverlay,
          ResultFile::kJson};
}

std::vector<ResultFile> parse_result_files(std::string_view names) {
  std::vector<ResultFile> files;
  while (true) {
    const std::size_t comma = names.find(',');
    const std::string_view word = trimmed(names.substr(0, comma));
    bool known = false;
    for (const FileKind& kind : kFiles) {
      if (word != kind.name && (word != kind.group || word.empty()) && word != "all") continue;
      known = true;
      if (!has(files, kind.file)) files.push_back(kind.file);
    }
    if (!known)
      fail(
          ErrorKind::kBadInput,
          "\"{}\" is no result to write; there are anomaly (anomaly.tiff, anomaly.png), mask, overlay, json, "
          "input and all, separated by commas.",
          word);
    if (comma == std::string_view::npos) return files;
    names.remove_prefix(comma + 1);
  }
}

std::vector<std::string> plan_outputs(std::span<const fs::path> inputs, const ResultOptions& options) {
  std::map<fs::path, const fs::path*> given;  // inputs, in a form to compare
  for (const fs::path& input : inputs) given.emplace(plain(input), &input);
  std::map<std::string, const fs::path*> taken;  // stems
  std::vector<std::string> stems;
  const fs::path dir = plain(options.dir);
  for (const fs::path& input : inputs) {
    const std::string stem = input.stem().string();
    if (stem.empty() || stem == "." || stem == "..")
      fail(ErrorKind::kBadInput, "'{}' is no image file: it has no name to call the results by.",
           input.string());
    const auto [other, fresh] = taken.emplace(stem, &input);
    for (const FileKind& kind : kFiles) {
      if (!has(options.files, kind.file)) continue;
      const std::string name = stem + std::string(kind.suffix);
      if (!fresh && plain(*other->second) == plain(input))
        fail(ErrorKind::kBadInput, "'{}' is given twice; nothing was done.", input.string());
      if (!fresh)
        fail(ErrorKind::kBadInput,
             "'{}' and '{}' would both write '{}'; rename one of them or do them in separate calls. Nothing "
             "was done.",
             other->second->string(), input.string(), (options.dir / name).string());
      if (const auto replaced = given.find(dir / name); replaced != given.end())
        fail(ErrorKind::kBadInput,
             "The results for '{}' would replace the image '{}'; choose another folder for them. Nothing was "
             "done.",
             input.string(), replaced->second->string());
    }
    stems.push_back(stem);
  }
  return stems;
}

std::vector<fs::path> result_paths(const ResultOptions& options) {
  std::vector<fs::path> paths;
  for (const FileKind& kind : kFiles)
    if (has(options.files, kind.file)) paths.push_back(path_of(options, options.stem, kind));
  return paths;
}

void write_results(const Detection& detection, const Image& image, const HybridPrompt& prompt,
                   const ResultOptions& options) {
  if (options.png_bits != 8 && options.png_bits != 16)
    fail(ErrorKind::kBadInput, "The anomaly PNG can have 8 or 16 bits, not {}.", options.png_bits);
  if (!std::isfinite(options.mask_threshold) || !std::isfinite(options.full_scale))
    fail(ErrorKind::kBadInput, "The mask's threshold and the map's full scale must be numbers.");
  if (options.stem.empty())
    fail(ErrorKind::kBadInput, "The results need a name: ResultOptions::stem is empty.");
  make_folder(options.dir);
  for (const FileKind& kind : kFiles) {
    if (!has(options.files, kind.file)) continue;
    write_one(path_of(options, options.stem, kind), kind.file, detection, image, prompt, options);
  }
}

Mask anomaly_mask(const Detection& detection, double threshold) {
  Mask mask{detection.anomaly.width, detection.anomaly.height, {}};
  mask.values.reserve(detection.anomaly.values.size());
  for (const float value : detection.anomaly.values)
    mask.values.push_back(static_cast<double>(value) > threshold ? 1 : 0);
  return mask;
}

Image overlay_picture(const Detection& detection, const Image& image, double full_scale) {
  std::vector<Mask> masks;
  std::vector<OverlayRegion> regions;
  masks.reserve(detection.kept);  // the regions point at them
  for (std::size_t i = 0; i < detection.kept; ++i) {
    const Candidate& candidate = detection.candidates[i];
    masks.push_back(to_mask(candidate.mask, detection.width, detection.height));
    regions.push_back(
        {candidate.box, fmt::format("{} {:.2f}", candidate.phrase, candidate.refined_score), &masks.back()});
  }
  OverlayStyle style;
  style.heat_full = white_level(detection, full_scale);
  return draw_overlay(image, detection.anomaly, regions, style);
}

}  // namespace anomalyvlm
