#pragma once
// Which files are images, by their names and by their first bytes; and the names of formats that are not
// read.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace anomalyvlm {

// Whether a file's name has the extension of a readable image, in upper or lower case.
bool is_image_name(std::string_view name);
std::span<const std::string_view> image_extensions();  // ".jpg", ...

// The format of an image, or of a document with images, that is not read, by its name: of "scan.GIF" "GIF".
// Empty for all other names.
std::string_view unread_format_of_name(std::string_view name);

// The format's name ("GIF", "JPEG 2000") of bytes that begin as such a file does, else empty.
std::string_view unread_format(std::span<const std::uint8_t> bytes);

// Whether a file that begins so may hold 16-bit samples, so that it is worth reading to see which bits are
// used.
bool may_hold_wide_samples(std::span<const std::uint8_t> bytes);

// The formats that are read, for messages: "JPEG, PNG, ... or WebP".
std::string_view readable_formats();

}  // namespace anomalyvlm
