#include "image/formats.h"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace anomalyvlm {
namespace {

constexpr std::string_view kExtensions[] = {".jpg",  ".jpeg", ".jpe",  ".jif", ".jfif",
                                            ".png",  ".tif",  ".tiff", ".bmp", ".dib",
                                            ".webp", ".pgm",  ".ppm",  ".pbm", ".pnm"};

struct Unread {
  std::string_view extension, format;
};

constexpr Unread kUnread[] = {
    {".gif", "GIF"},          {".jp2", "JPEG 2000"},  {".j2k", "JPEG 2000"},  {".jpf", "JPEG 2000"},
    {".jpx", "JPEG 2000"},    {".j2c", "JPEG 2000"},  {".jpc", "JPEG 2000"},  {".jxl", "JPEG XL"},
    {".jxr", "JPEG XR"},      {".wdp", "JPEG XR"},    {".jls", "JPEG-LS"},    {".heic", "HEIF"},
    {".heif", "HEIF"},        {".hif", "HEIF"},       {".avif", "AVIF"},      {".pdf", "PDF"},
    {".psd", "Photoshop"},    {".svg", "SVG"},        {".ico", "ICO"},        {".tga", "TGA"},
    {".pcx", "PCX"},          {".pam", "PAM"},        {".pfm", "PFM"},        {".exr", "OpenEXR"},
    {".hdr", "Radiance HDR"}, {".qoi", "QOI"},        {".dcm", "DICOM"},      {".fits", "FITS"},
    {".raw", "Camera raw"},   {".dng", "Camera raw"}, {".cr2", "Camera raw"}, {".cr3", "Camera raw"},
    {".nef", "Camera raw"},   {".arw", "Camera raw"}, {".orf", "Camera raw"}, {".rw2", "Camera raw"},
    {".raf", "Camera raw"},   {".pef", "Camera raw"}, {".srw", "Camera raw"},
};

struct Beginning {
  std::size_t at;
  std::string_view bytes, format;
};

using std::string_view_literals::operator""sv;
constexpr Beginning kBeginnings[] = {
    {0, "GIF8"sv, "GIF"},
    {0, "%PDF"sv, "PDF"},
    {4, "ftyphei"sv, "HEIF"},
    {4, "ftyphev"sv, "HEIF"},
    {4, "ftypmif1"sv, "HEIF"},
    {4, "ftypmsf1"sv, "HEIF"},
    {4, "ftypavif"sv, "AVIF"},
    {4, "ftypavis"sv, "AVIF"},
    {4, "ftypcrx "sv, "Camera raw"},
    {4, "jP  "sv, "JPEG 2000"},
    {0, "\xff\x4f\xff\x51"sv, "JPEG 2000"},
    {4, "JXL "sv, "JPEG XL"},
    {0, "\xff\x0a"sv, "JPEG XL"},
    {0, "II\xbc\x01"sv, "JPEG XR"},
    {0, "8BPS"sv, "Photoshop"},
    {0, "\0\0\1\0"sv, "ICO"},
    {0, "qoif"sv, "QOI"},
    {0, "v/1\1"sv, "OpenEXR"},
    {0, "#?RADIANCE"sv, "Radiance HDR"},
    {0, "P7\n"sv, "PAM"},
    {0, "PF\n"sv, "PFM"},
    {0, "Pf\n"sv, "PFM"},
    {0, "FUJIFILM"sv, "Camera raw"},
    {0, "IIRO"sv, "Camera raw"},
    {0, "IIU\0"sv, "Camera raw"},
    {0, "SIMPLE  ="sv, "FITS"},
    {128, "DICM"sv, "DICOM"},
};

bool begins_with(std::span<const std::uint8_t> bytes, std::string_view text, std::size_t at) {
  return bytes.size() >= at + text.size() && std::memcmp(bytes.data() + at, text.data(), text.size()) == 0;
}

bool ends_with(std::string_view name, std::string_view extension) {
  return name.size() > extension.size() &&
         std::equal(extension.begin(), extension.end(),
                    name.end() - static_cast<std::ptrdiff_t>(extension.size()),
                    [](char a, unsigned char b) { return a == std::tolower(b); });
}

}  // namespace

std::span<const std::string_view> image_extensions() { return kExtensions; }

bool is_image_name(std::string_view name) {
  return std::any_of(std::begin(kExtensions), std::end(kExtensions),
                     [&](std::string_view extension) { return ends_with(name, extension); });
}

std::string_view unread_format_of_name(std::string_view name) {
  for (const Unread& unread : kUnread)
    if (ends_with(name, unread.extension)) return unread.format;
  return {};
}

std::string_view unread_format(std::span<const std::uint8_t> bytes) {
  for (const Beginning& b : kBeginnings)
    if (begins_with(bytes, b.bytes, b.at)) return b.format;
  return {};
}

bool may_hold_wide_samples(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t kPngDepth = 24;
  if (begins_with(bytes, "\x89PNG"sv, 0)) return bytes.size() > kPngDepth && bytes[kPngDepth] == 16;
  const bool tiff = begins_with(bytes, "II"sv, 0) || begins_with(bytes, "MM"sv, 0);
  return tiff || (bytes.size() > 1 && bytes[0] == 'P' && bytes[1] >= '2' && bytes[1] <= '6');
}

std::string_view readable_formats() { return "JPEG, PNG, TIFF, BMP, WebP, PGM or PPM"; }

}  // namespace anomalyvlm
