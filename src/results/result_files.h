#pragma once
// Whether a result may replace an existing file.
#include <filesystem>
#include <string>

namespace anomalyvlm {

// How result files in image formats name their writer. JSON files do so by their "format".
inline const std::string kResultSoftware = "AnomalyVLM detection";

// Throws Error(kBadInput) for what is no plain name of a file.
void check_stem(const std::string& stem);

// Throws Error(kBadInput) unless nothing is there or a result of an earlier call; with `overwrite` any file
// or link may be there, but no folder, pipe or device.
void check_replaceable(const std::filesystem::path& path, bool overwrite);

}  // namespace anomalyvlm
