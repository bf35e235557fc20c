// Images, and files written by the codec libraries.
#include "image/fixtures.h"

#include <png.h>
#include <tiffio.h>
#include <webp/encode.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
// clang-format off
#include <jpeglib.h>
// clang-format on

namespace anomalyvlm::test {

Image smooth_image(int width, int height) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double u = (x + 0.5) / width, v = (y + 0.5) / height;
      for (const double c : {20 + 200 * u, 230 - 180 * v, 60 + 120 * u * v + 40 * v}) {
        image.rgb.push_back(static_cast<std::uint8_t>(c));
      }
    }
  }
  return image;
}

Image noisy_image(int width, int height, unsigned seed) {
  std::mt19937 random(seed);
  Image image{width, height, Bytes(static_cast<std::size_t>(width) * height * 3)};
  for (auto& value : image.rgb) value = static_cast<std::uint8_t>(random());
  return image;
}

FloatMap noisy_map(int width, int height, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> values(-2, 3);
  FloatMap map{width, height, std::vector<float>(static_cast<std::size_t>(width) * height)};
  for (auto& value : map.values) value = values(random);
  return map;
}

int max_difference(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height || a.rgb.size() != b.rgb.size()) return 999;
  int most = 0;
  for (std::size_t i = 0; i < a.rgb.size(); ++i) most = std::max(most, std::abs(a.rgb[i] - b.rgb[i]));
  return most;
}

void append(Bytes& to, const Bytes& more) { to.insert(to.end(), more.begin(), more.end()); }

namespace {

// One row of the image as the samples that the JPEG's space wants.
Bytes jpeg_row(const Image& image, int y, const JpegOptions& options) {
  using Space = JpegOptions::Space;
  const std::uint8_t* row = image.row(y);
  if (options.space == Space::kRgb) return {row, row + image.width * 3};
  Bytes samples;
  for (int x = 0; x < image.width; ++x) {
    if (options.space == Space::kGray) {
      samples.push_back(row[3 * x]);
      continue;
    }
    // Inverted ink is 255 - ink, that is the colour itself; black ink is none.
    for (int c = 0; c < 3; ++c)
      samples.push_back(options.adobe_marker ? row[3 * x + c] : 255 - row[3 * x + c]);
    samples.push_back(options.adobe_marker ? 255 : 0);
  }
  return samples;
}

void set_space(jpeg_compress_struct& info, JpegOptions::Space space) {
  using Space = JpegOptions::Space;
  const bool inks = space == Space::kCmyk || space == Space::kYcck;
  info.input_components = inks ? 4 : space == Space::kGray ? 1 : 3;
  info.in_color_space = inks ? JCS_CMYK : space == Space::kGray ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  if (inks) jpeg_set_colorspace(&info, space == Space::kYcck ? JCS_YCCK : JCS_CMYK);
}

}  // namespace

Bytes make_jpeg(const Image& image, const JpegOptions& options) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &data, &size);
  info.image_width = static_cast<JDIMENSION>(image.width);
  info.image_height = static_cast<JDIMENSION>(image.height);
  set_space(info, options.space);
  if (!options.adobe_marker) info.write_Adobe_marker = FALSE;
  jpeg_set_quality(&info, 97, TRUE);
  info.arith_code = options.arithmetic ? TRUE : FALSE;
  if (options.progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  if (options.orientation || !options.exif.empty()) {
    Bytes block = {'E', 'x', 'i', 'f', 0, 0};
    append(block, options.exif.empty() ? exif_block(options.orientation) : options.exif);
    jpeg_write_marker(&info, JPEG_APP0 + 1, block.data(), static_cast<unsigned>(block.size()));
  }
  for (int y = 0; y < image.height; ++y) {
    Bytes row = jpeg_row(image, y, options);
    JSAMPROW pointer = row.data();
    jpeg_write_scanlines(&info, &pointer, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  Bytes out(data, data + size);
  std::free(data);
  return out;
}

Bytes make_png(int width, int height, const Bytes& rows, const PngOptions& options) {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  Bytes out;
  png_set_write_fn(
      png, &out,
      [](png_structp p, png_bytep data, std::size_t n) {
        auto& to = *static_cast<Bytes*>(png_get_io_ptr(p));
        to.insert(to.end(), data, data + n);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), options.bits,
               options.color_type, options.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  std::vector<png_color> palette;
  for (const auto& c : options.palette) palette.push_back({c[0], c[1], c[2]});
  if (!palette.empty()) png_set_PLTE(png, info, palette.data(), static_cast<int>(palette.size()));
  if (!options.palette_alpha.empty()) {
    png_set_tRNS(png, info, options.palette_alpha.data(), static_cast<int>(options.palette_alpha.size()),
                 nullptr);
  }
  if (options.transparent_gray >= 0) {
    png_color_16 color{};
    color.gray = static_cast<png_uint_16>(options.transparent_gray);
    png_set_tRNS(png, info, nullptr, 1, &color);
  }
  if (options.significant_bits > 0) {
    const auto bits = static_cast<png_byte>(options.significant_bits);
    const png_color_8 all{bits, bits, bits, bits, bits};
    png_set_sBIT(png, info, &all);
  }
  Bytes exif = options.orientation ? exif_block(options.orientation, true) : options.exif;
  if (!exif.empty()) png_set_eXIf_1(png, info, static_cast<png_uint_32>(exif.size()), exif.data());
  png_write_info(png, info);
  const std::size_t row_bytes = png_get_rowbytes(png, info);
  std::vector<png_bytep> pointers;
  for (int y = 0; y < height; ++y) pointers.push_back(const_cast<png_bytep>(rows.data() + y * row_bytes));
  png_write_image(png, pointers.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return out;
}

namespace {

void write_page(TIFF* tiff, unsigned width, unsigned height, const Bytes& rows, const TiffOptions& o) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, o.bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, o.samples);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, o.photometric);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, o.compression);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, o.format);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, o.planar);
  if (o.orientation) TIFFSetField(tiff, TIFFTAG_ORIENTATION, o.orientation);
  if (o.subfile_type) TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, o.subfile_type);
  if (o.max_sample >= 0) TIFFSetField(tiff, TIFFTAG_MAXSAMPLEVALUE, o.max_sample);
  const std::uint16_t kind = static_cast<std::uint16_t>(o.extra);
  if (o.extra >= 0) TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &kind);
  if (!o.color_map.empty()) {
    const std::size_t n = o.color_map.size() / 3;
    TIFFSetField(tiff, TIFFTAG_COLORMAP, o.color_map.data(), o.color_map.data() + n,
                 o.color_map.data() + 2 * n);
  }
  if (o.tiled) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 16);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, 16);
    const unsigned planes = o.planar == 2 ? o.samples : 1;
    const std::size_t pixel = o.samples / planes * o.bits / 8;
    for (unsigned p = 0; p < planes; ++p) {
      for (unsigned y = 0; y < height; y += 16) {
        for (unsigned x = 0; x < width; x += 16) {
          Bytes tile(16 * 16 * pixel, 0x5a);  // what lies beyond the edges must not be seen
          for (unsigned r = y; r < std::min(y + 16, height); ++r) {
            std::memcpy(tile.data() + (r - y) * 16 * pixel,
                        rows.data() + ((p * height + r) * width + x) * pixel,
                        std::min(16u, width - x) * pixel);
          }
          TIFFWriteTile(tiff, tile.data(), x, y, 0, static_cast<std::uint16_t>(p));
        }
      }
    }
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, o.rows_per_strip);
    const auto line = static_cast<std::size_t>(TIFFScanlineSize(tiff));
    const unsigned planes = o.planar == 2 ? o.samples : 1;
    for (unsigned p = 0; p < planes; ++p) {
      for (unsigned y = 0; y < height; ++y) {
        Bytes row(rows.begin() + static_cast<std::ptrdiff_t>((p * height + y) * line),
                  rows.begin() + static_cast<std::ptrdiff_t>((p * height + y + 1) * line));
        TIFFWriteScanline(tiff, row.data(), y, static_cast<std::uint16_t>(p));
      }
    }
  }
}

}  // namespace

Bytes make_tiff(unsigned width, unsigned height, const Bytes& rows, const TiffOptions& options) {
  return make_tiff(std::vector<TiffPage>(options.pages, TiffPage{width, height, rows, options}));
}

Bytes make_tiff(const std::vector<TiffPage>& pages) {
  std::string path = (std::filesystem::temp_directory_path() / "avlm_fixture_XXXXXX").string();
  const int file = ::mkstemp(path.data());
  if (file < 0) throw std::runtime_error("no temporary file");
  TIFF* tiff = TIFFFdOpen(file, path.c_str(), pages.front().options.big_endian ? "wb" : "wl");
  for (const TiffPage& page : pages) {
    write_page(tiff, page.width, page.height, page.rows, page.options);
    if (page.subdirectories > 0) {
      const std::vector<std::uint64_t> places(page.subdirectories);  // libtiff fills them in
      TIFFSetField(tiff, TIFFTAG_SUBIFD, page.subdirectories, places.data());
    }
    TIFFWriteDirectory(tiff);
  }
  TIFFClose(tiff);
  std::ifstream in(path, std::ios::binary);
  Bytes out{std::istreambuf_iterator<char>(in), {}};
  std::filesystem::remove(path);
  return out;
}

namespace {

Bytes taken(std::uint8_t* data, std::size_t size) {
  Bytes out(data, data + size);
  WebPFree(data);
  return out;
}

}  // namespace

Bytes make_webp(const Image& image) {
  std::uint8_t* data = nullptr;
  const std::size_t size =
      WebPEncodeLosslessRGB(image.rgb.data(), image.width, image.height, image.width * 3, &data);
  return taken(data, size);
}

Bytes make_webp_rgba(int width, int height, const Bytes& rgba) {
  WebPConfig config;
  WebPConfigInit(&config);
  config.lossless = 1;
  config.exact = 1;  // keep colours where alpha is 0
  WebPPicture picture;
  WebPPictureInit(&picture);
  picture.use_argb = 1;
  picture.width = width;
  picture.height = height;
  WebPPictureImportRGBA(&picture, rgba.data(), width * 4);
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  WebPEncode(&config, &picture);
  WebPPictureFree(&picture);
  Bytes out(writer.mem, writer.mem + writer.size);
  WebPMemoryWriterClear(&writer);
  return out;
}

}  // namespace anomalyvlm::test
