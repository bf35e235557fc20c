#include "anomalyvlm/results.h"

#include <algorithm>
#include <cmath>

#include "anomalyvlm/codec.h"
#include "core/check.h"
#include "core/files.h"
#include "core/folders.h"
#include "results/consistent.h"
#include "results/overlay.h"
#include "results/result_files.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;

struct FileKind {
  ResultFile file;
  std::string_view name;    // as parse_result_files() knows it
  std::string_view group;   // of several files; may be empty
  std::string_view suffix;  // after the stem
};

// In the order of writing: once the JSON file exists, so do all others.
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

fs::path path_of(const ResultOptions& options, const FileKind& kind) {
  return options.dir / (options.stem + std::string(kind.suffix));
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

std::vector<std::uint8_t> encoded_map(const Detection& detection, const ResultOptions& options) {
  const float white = white_level(detection, options.full_scale);
  const auto encode = options.png_bits == 8 ? encode_png_gray8 : encode_png_gray16;
  return encode(detection.anomaly, 0, white, kResultSoftware);
}

std::vector<std::uint8_t> encoded(ResultFile file, const Detection& detection, const Image& image,
                                  const HybridPrompt& prompt, const ResultOptions& options) {
  switch (file) {
    case ResultFile::kAnomalyTiff:
      return encode_tiff_f32(detection.anomaly, kResultSoftware);
    case ResultFile::kAnomalyPng:
      return encoded_map(detection, options);
    case ResultFile::kMask:
      return encode_png(anomaly_mask(detection, options.mask_threshold), kResultSoftware);
    case ResultFile::kOverlay:
      return encode_png(overlay_image(detection, image, options.full_scale), kResultSoftware);
    case ResultFile::kInput:
      return encode_png(image, kResultSoftware);
    case ResultFile::kJson:
      const std::string json = to_json(detection, prompt, options);
      return {json.begin(), json.end()};
  }
  return {};
}

void check_options(const ResultOptions& options) {
  if (options.png_bits != 8 && options.png_bits != 16)
    fail(ErrorKind::kBadInput, "The anomaly PNG can have 8 or 16 bits, not {}.", options.png_bits);
  if (!std::isfinite(options.mask_threshold) || !std::isfinite(options.full_scale))
    fail(ErrorKind::kBadInput, "The mask's threshold and the map's full scale must be numbers.");
  check_stem(options.stem);
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
      fail(ErrorKind::kBadInput,
           "\"{}\" is not a result to write; there are anomaly (anomaly.tiff, anomaly.png), mask, overlay, "
           "json, input and all, separated by commas.",
           word);
    if (comma == std::string_view::npos) return files;
    names.remove_prefix(comma + 1);
  }
}

std::vector<const Candidate*> counted_regions(const Detection& found, const HybridPrompt& prompt) {
  std::vector<const Candidate*> counted;
  if (found.verdict == Verdict::kOk) return counted;
  for (const Candidate& c : std::span(found.candidates).first(std::min(found.kept, found.candidates.size())))
    if (!prompt.limit || c.refined_score >= *prompt.limit) counted.push_back(&c);
  std::stable_sort(counted.begin(), counted.end(), [](const Candidate* a, const Candidate* b) {
    return a->refined_score > b->refined_score;
  });
  return counted;
}

std::vector<fs::path> result_paths(const ResultOptions& options) {
  std::vector<fs::path> paths;
  for (const FileKind& kind : kFiles)
    if (has(options.files, kind.file)) paths.push_back(path_of(options, kind));
  return paths;
}

std::vector<EncodedResult> encode_results(const Detection& detection, const Image& image,
                                          const HybridPrompt& prompt, const ResultOptions& options) {
  check_options(options);
  require_consistent(detection);
  if (has(options.files, ResultFile::kOverlay) || has(options.files, ResultFile::kInput))
    require_image_of(detection, image);
  std::vector<EncodedResult> results;
  for (const FileKind& kind : kFiles)
    if (has(options.files, kind.file))
      results.push_back(
          {kind.file, path_of(options, kind), encoded(kind.file, detection, image, prompt, options)});
  return results;
}

void write_results(const Detection& detection, const Image& image, const HybridPrompt& prompt,
                   const ResultOptions& options) {
  const std::vector<EncodedResult> results = encode_results(detection, image, prompt, options);
  for (const EncodedResult& result : results) check_replaceable(result.path, options.overwrite);
  make_folder(options.dir);
  for (const EncodedResult& result : results) write_file_atomically(result.path, result.bytes);
}

Mask anomaly_mask(const Detection& detection, double threshold) {
  Mask mask{detection.anomaly.width, detection.anomaly.height, {}};
  mask.values.reserve(detection.anomaly.values.size());
  for (const float value : detection.anomaly.values)
    mask.values.push_back(static_cast<double>(value) > threshold ? 1 : 0);
  return mask;
}

Image overlay_image(const Detection& detection, const Image& image, double full_scale) {
  require_consistent(detection);
  require_image_of(detection, image);
  std::vector<OverlayRegion> regions;
  for (const Candidate& candidate : std::span(detection.candidates).first(detection.kept))
    regions.push_back({candidate.box, fmt::format("{} {:.2f}", candidate.phrase, candidate.refined_score),
                       &candidate.mask});
  // Of those that the references explain, what would have been seen without them, and no more than can be
  // read.
  constexpr double kSeen = 0.5;
  constexpr std::size_t kMostExplained = 5;
  for (const Candidate& candidate : std::span(detection.candidates).subspan(detection.kept)) {
    if (regions.size() >= detection.kept + kMostExplained) break;
    if (candidate.rejected_by->by != Rejection::By::kReference || candidate.refined_score < kSeen) continue;
    const std::string& like = candidate.rejected_by->reference;
    regions.push_back(
        {candidate.box, "like " + (like.empty() ? "a reference" : like), &candidate.mask, true});
  }
  OverlayStyle style;
  style.heat_full = white_level(detection, full_scale);
  if (detection.verdict != Verdict::kNone)
    style.caption =
        fmt::format("{} {:.2f}", detection.verdict == Verdict::kOk ? "OK" : "not OK", detection.image_score);
  if (!detection.no_content.empty())
    style.caption += (style.caption.empty() ? "" : ", ") + std::string("no content");
  return draw_overlay(image, detection.anomaly, regions, style);
}

}  // namespace anomalyvlm
