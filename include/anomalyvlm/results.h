#pragma once
// Detections as files and as JSON. docs/RESULT_FORMAT.md describes both.
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anomalyvlm/detection.h"
#include "anomalyvlm/export.h"
#include "anomalyvlm/prompt.h"

namespace anomalyvlm {

// The files of one image. For photo.jpg: photo.anomaly.tiff and .anomaly.png, photo.mask.png, ...
enum class ResultFile {
  kAnomalyTiff,  // STEM.anomaly.tiff  the map as 32-bit floats, at the image's own size
  kAnomalyPng,   // STEM.anomaly.png   the map in grey levels, 0 black and ResultOptions::full_scale white
  kMask,         // STEM.mask.png      255 where the map is above the threshold
  kOverlay,      // STEM.overlay.png   map, outlines, boxes, phrases and scores over the image
  kInput,        // STEM.input.png     the decoded, upright 8-bit RGB image, before any resizing
  kJson,         // STEM.json          all results as numbers; written last
};

// "anomaly" (both forms; "anomaly.tiff", "anomaly.png" for one), "mask", "overlay", "input", "json", "all";
// separated by commas. Throws Error(kBadInput) that names an unknown word.
ANOMALYVLM_API std::vector<ResultFile> parse_result_files(std::string_view names);
ANOMALYVLM_API std::vector<ResultFile> default_result_files();  // all but the input

struct ResultOptions {
  std::filesystem::path dir = ".";  // created if it does not exist
  std::string stem;                 // "photo", a name without folders; see plan_outputs()
  std::vector<ResultFile> files = default_result_files();
  double mask_threshold = 0.5;  // in the map's units
  double full_scale = 1.0;      // the map's value shown as white or hottest; 0: the map's own maximum
  int png_bits = 16;            // of the anomaly PNG: 8 or 16
  bool masks_in_json = true;    // run lengths of the candidates' and objects' masks
  std::string input;            // the image's file, for the JSON
  bool overwrite = false;       // also files that are not results of earlier calls (is_result_file())
};

// Whether write_results() wrote this file; false for a link.
ANOMALYVLM_API bool is_result_file(const std::filesystem::path& path);

// The stem of each input's results, in the order of the inputs; they are written to options.dir, or to the
// folder below it that `folders` gives for each input. Throws Error(kBadInput) if two inputs would write the
// same file, or if a result would replace an input or, without options.overwrite, a file that is not a result
// of an earlier call. Call it before any work starts.
ANOMALYVLM_API std::vector<std::string> plan_outputs(std::span<const std::filesystem::path> inputs,
                                                     const ResultOptions& options,
                                                     std::span<const std::filesystem::path> folders = {});

// The paths write_results() will write, in its order.
ANOMALYVLM_API std::vector<std::filesystem::path> result_paths(const ResultOptions& options);

// One result file in memory.
struct EncodedResult {
  ResultFile file;
  std::filesystem::path path;  // where write_results() writes it
  std::vector<std::uint8_t> bytes;
};

// The files that write_results() writes, in its order. `image` is the inspected image. Throws
// Error(kBadInput) for unusable options, a detection that was modified inconsistently, and an image of
// another size.
ANOMALYVLM_API std::vector<EncodedResult> encode_results(const Detection& detection, const Image& image,
                                                         const HybridPrompt& prompt,
                                                         const ResultOptions& options);

// Encodes all results first, then writes each file atomically; a link is replaced rather than followed.
// Throws Error as encode_results() does, kBadInput for a file that must not be replaced, and kIo. Except for
// kIo, nothing is written then.
ANOMALYVLM_API void write_results(const Detection& detection, const Image& image, const HybridPrompt& prompt,
                                  const ResultOptions& options);

// The kept regions that count, by refined score, highest first: without a limit all of them, otherwise those
// that reach it (none for an image that is OK). They point into `found`.
ANOMALYVLM_API std::vector<const Candidate*> counted_regions(const Detection& found,
                                                             const HybridPrompt& prompt);

// The individual results, in memory.
ANOMALYVLM_API Mask anomaly_mask(const Detection& detection, double threshold);
ANOMALYVLM_API Image overlay_image(const Detection& detection, const Image& image, double full_scale = 1.0);
ANOMALYVLM_API std::string to_json(const Detection& detection, const HybridPrompt& prompt,
                                   const ResultOptions& options);

}  // namespace anomalyvlm
