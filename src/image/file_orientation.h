#pragma once
// How a file's pixels are to be turned, from its header alone: for who looks through many files.
#include <filesystem>

namespace anomalyvlm {

// EXIF's orientation, 1..8, of a JPEG, PNG, TIFF or WebP file, as read_image() obeys it; 1 without, and for
// all other files, be they damaged or not there.
int file_orientation(const std::filesystem::path& path);

}  // namespace anomalyvlm
