// Maps as TIFF files of 32-bit floats.
#include <algorithm>
#include <limits>

#include "anomalyvlm/codec.h"
#include "core/platform.h"
#include "image/decoders.h"
#include "image/encode_check.h"
#include "image/tiff_memory.h"

namespace anomalyvlm {
namespace {

// Strips of 1 MiB.
int rows_per_strip(const FloatMap& map) { return std::clamp((1 << 20) / (4 * map.width), 1, map.height); }

void set_tags(TIFF* tiff, const FloatMap& map) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(map.width));
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(map.height));
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 32);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_IEEEFP);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, static_cast<std::uint32_t>(rows_per_strip(map)));
}

}  // namespace

std::vector<std::uint8_t> encode_tiff_f32(const FloatMap& map, const std::string& software) {
  codec::require_pixels(map.width, map.height, 1, map.values.size());
  codec::TiffMemory memory;
  memory.out.reserve(map.values.size() * 4 + 4096);
  codec::TiffHandle tiff = codec::open_tiff_for_writing(memory);
  bool done = tiff != nullptr;
  if (done) set_tags(tiff.get(), map);
  if (done && !software.empty()) TIFFSetField(tiff.get(), TIFFTAG_SOFTWARE, software.c_str());
  const int rows = rows_per_strip(map);
  for (int y = 0, strip = 0; done && y < map.height; y += rows, ++strip) {
    // libtiff only reads from the rows: byte swapping is off in a file of the machine's own order.
    auto* values = const_cast<float*>(map.values.data() + pixel_index(0, y, map.width));
    const auto bytes = static_cast<tmsize_t>(std::min(rows, map.height - y)) * map.width * 4;
    done = TIFFWriteEncodedStrip(tiff.get(), static_cast<std::uint32_t>(strip), values, bytes) == bytes;
  }
  done = done && TIFFFlush(tiff.get()) == 1;
  if (!done)
    fail(ErrorKind::kIo, "cannot make a TIFF of {} x {} floats: {}", map.width, map.height, memory.error);
  tiff.reset();
  return std::move(memory.out);
}

FloatMap decode_tiff_f32(std::span<const std::uint8_t> bytes, const std::string& name,
                         const DecodeLimits& limits) {
  const ReadOptions options{.limits = limits};
  ReadInfo unused;
  const codec::Source source{bytes, name, options, unused};
  codec::TiffMemory memory;
  const codec::TiffHandle tiff = codec::open_tiff_for_reading(memory, bytes);
  if (!tiff) source.refuse("it is not a readable TIFF ({})", memory.error);
  const auto width = codec::tiff_tag<std::uint32_t>(tiff.get(), TIFFTAG_IMAGEWIDTH, 0);
  const auto height = codec::tiff_tag<std::uint32_t>(tiff.get(), TIFFTAG_IMAGELENGTH, 0);
  source.check_size(width, height);
  const bool floats =
      codec::tiff_tag<std::uint16_t>(tiff.get(), TIFFTAG_BITSPERSAMPLE, 1) == 32 &&
      codec::tiff_tag<std::uint16_t>(tiff.get(), TIFFTAG_SAMPLESPERPIXEL, 1) == 1 &&
      codec::tiff_tag<std::uint16_t>(tiff.get(), TIFFTAG_SAMPLEFORMAT, 0) == SAMPLEFORMAT_IEEEFP;
  if (!floats || TIFFIsTiled(tiff.get()) ||
      TIFFScanlineSize(tiff.get()) != static_cast<tmsize_t>(width) * 4) {
    source.refuse("it is not a TIFF with one channel of 32-bit floats in strips");
  }
  FloatMap map{static_cast<int>(width), static_cast<int>(height), {}};
  map.values.reserve(std::size_t{width} * height);
  for (std::uint32_t y = 0; y < height; ++y) {
    map.values.resize(map.values.size() + width);
    if (TIFFReadScanline(tiff.get(), map.values.data() + std::size_t{y} * width, y, 0) != 1) {
      source.refuse("its TIFF data are cut short or damaged ({})", memory.error);
    }
  }
  return map;
}

void write_tiff_f32(const std::filesystem::path& path, const FloatMap& map) {
  write_file_atomically(path, encode_tiff_f32(map));
}

FloatMap read_tiff_f32(const std::filesystem::path& path, const DecodeLimits& limits) {
  const std::string content = read_file(path, limits.max_file_bytes);
  return decode_tiff_f32({reinterpret_cast<const std::uint8_t*>(content.data()), content.size()},
                         path.string(), limits);
}

}  // namespace anomalyvlm
