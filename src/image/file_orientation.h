#pragma once
// The orientation of a file's pixels, from its header alone: for code that scans many files.
#include <filesystem>

namespace anomalyvlm {

// EXIF's orientation, 1..8, of a JPEG, PNG, TIFF or WebP file, as read_image() obeys it; 1 without, and for
// all other files, be they damaged or not there.
int file_orientation(const std::filesystem::path& path);

}  // namespace anomalyvlm
