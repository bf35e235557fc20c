#pragma once
// References given on a command line: a bank, a folder of good images, or single ones.
#include <filesystem>
#include <string>
#include <vector>

#include "anomalyvlm/detector.h"
#include "anomalyvlm/references.h"
#include "cli_fwd.h"

namespace anomalyvlm::cli {

// Image files as references, named by their files. bits: ReadOptions::bits.
std::vector<ReferenceInput> reference_inputs(const std::vector<std::filesystem::path>& files, int bits);

// Shows progress. Throws Error as References::build().
References build_references(const Detector& detector, const std::vector<ReferenceInput>& inputs,
                            const ReferenceOptions& options);

// `place`: a bank, an image, or a folder of images, which are described. Throws Error, also if they
// do not fit the detector.
References load_references(const Detector& detector, const std::string& place, int bits);

// Of a batch whose images are compared with each other. Throws UsageError for a single image.
References mutual_references(const Detector& detector, const std::vector<std::filesystem::path>& files,
                             int bits);

// Measures the scores of good images (References::calibrate()), with progress.
void score_references(const Detector& detector, const HybridPrompt& prompt,
                      const std::vector<ReferenceInput>& inputs, References& references);

// Sets the limit that at most `share` of good images reaches (--false-alarms), by their scores in the
// references. Throws UsageError without such scores.
void limit_by_references(const Detector& detector, const References& references, const std::string& share,
                         HybridPrompt& prompt);

// --rotations, --variations and --nearby: how references are described and compared. The options, for others
// that they need or exclude.
std::vector<CLI::Option*> declare_reference_options(CLI::App& app, ReferenceOptions& options,
                                                    const char* group);

// A share of false alarms or of an image, above 0 and below 1: "1%", "0.15". Throws Error(kBadInput).
double share_of(const std::string& text);

}  // namespace anomalyvlm::cli
