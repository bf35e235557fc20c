// Files put together byte by byte.
#include <zlib.h>

#include <algorithm>

#include "image/fixtures.h"

namespace anomalyvlm::test {
namespace {

void put_little(Bytes& to, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) to.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

void put_big(Bytes& to, std::uint64_t value, int size) {
  for (int i = size - 1; i >= 0; --i) to.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

void put_text(Bytes& to, std::string_view text) { to.insert(to.end(), text.begin(), text.end()); }

}  // namespace

Bytes exif_block(int orientation, bool big_endian, int type) {
  const auto put = big_endian ? put_big : put_little;
  Bytes out;
  put_text(out, big_endian ? "MM" : "II");
  put(out, 42, 2);
  put(out, 8, 4);
  put(out, 2, 2);  // entries
  put(out, 0x010f, 2), put(out, 2, 2), put(out, 4, 4), put_text(out, "cam"), put(out, 0, 1);
  const int size = type == 1 || type == 6 ? 1 : type == 3 || type == 8 ? 2 : 4;
  put(out, 0x0112, 2), put(out, static_cast<unsigned>(type), 2), put(out, 1, 4);
  put(out, static_cast<unsigned>(orientation), size), put(out, 0, 4 - size);
  put(out, 0, 4);
  return out;
}

Bytes webp_with_exif(const Bytes& webp, int width, int height, const Bytes& exif) {
  Bytes body;
  put_text(body, "WEBPVP8X");
  put_little(body, 10, 4);
  put_little(body, 0x08, 4);  // has EXIF
  put_little(body, static_cast<unsigned>(width - 1), 3);
  put_little(body, static_cast<unsigned>(height - 1), 3);
  body.insert(body.end(), webp.begin() + 12, webp.end());
  put_text(body, "EXIF");
  put_little(body, exif.size(), 4);
  append(body, exif);
  if (exif.size() % 2) body.push_back(0);
  Bytes out;
  put_text(out, "RIFF");
  put_little(out, body.size(), 4);
  append(out, body);
  return out;
}

Bytes make_bmp(const BmpOptions& o, const Bytes& rows) {
  const bool core = o.header_bytes == 12;
  Bytes info;
  put_little(info, static_cast<unsigned>(o.header_bytes), 4);
  put_little(info, static_cast<std::uint32_t>(o.width), core ? 2 : 4);
  put_little(info, static_cast<std::uint32_t>(o.height), core ? 2 : 4);
  put_little(info, 1, 2);
  put_little(info, static_cast<unsigned>(o.bits), 2);
  if (!core) {
    if (o.header_bytes > 16) put_little(info, o.compression, 4);
    if (o.header_bytes >= 40) {
      put_little(info, 0, 4);
      put_little(info, 2835, 4);
      put_little(info, 2835, 4);
      put_little(info, o.palette.size(), 4);
      put_little(info, 0, 4);
    }
    if (o.compression == 3 || o.header_bytes > 40) {
      for (const std::uint32_t mask : o.masks) put_little(info, mask, 4);
    }
    while (info.size() < static_cast<std::size_t>(o.header_bytes)) info.push_back(0);
  }
  for (const auto& c : o.palette) {
    info.insert(info.end(), {c[2], c[1], c[0]});
    if (!core) info.push_back(0);
  }
  Bytes out;
  put_text(out, "BM");
  put_little(out, 14 + info.size() + rows.size(), 4);
  put_little(out, 0, 4);
  put_little(out, o.pixels_at < 0 ? 14 + info.size() : static_cast<unsigned>(o.pixels_at), 4);
  append(out, info);
  append(out, rows);
  return out;
}

Bytes png_chunk(std::string_view type, const Bytes& data) {
  Bytes out;
  put_big(out, data.size(), 4);
  put_text(out, type);
  append(out, data);
  put_big(out, ::crc32(0, out.data() + 4, static_cast<uInt>(out.size() - 4)), 4);
  return out;
}

Bytes png_header(std::uint32_t width, std::uint32_t height, int bits, int color_type, bool interlaced) {
  Bytes data;
  put_big(data, width, 4);
  put_big(data, height, 4);
  data.insert(data.end(), {static_cast<std::uint8_t>(bits), static_cast<std::uint8_t>(color_type), 0, 0,
                           static_cast<std::uint8_t>(interlaced)});
  Bytes out = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  append(out, png_chunk("IHDR", data));
  return out;
}

Bytes png_bomb(std::uint32_t width, std::uint32_t height, int bits, int color_type) {
  const int channels = color_type == 2 ? 3 : color_type == 6 ? 4 : 1;
  std::uint64_t left = height * (1 + (std::uint64_t{width} * channels * bits + 7) / 8);
  Bytes zeros(1 << 20), squeezed, buffer(1 << 16);
  z_stream stream{};
  deflateInit(&stream, 9);
  while (left > 0 || stream.avail_in > 0) {
    if (stream.avail_in == 0) {
      stream.next_in = zeros.data();
      stream.avail_in = static_cast<uInt>(std::min<std::uint64_t>(left, zeros.size()));
      left -= stream.avail_in;
    }
    stream.next_out = buffer.data();
    stream.avail_out = static_cast<uInt>(buffer.size());
    deflate(&stream, Z_NO_FLUSH);
    squeezed.insert(squeezed.end(), buffer.data(), stream.next_out);
  }
  for (int status = Z_OK; status != Z_STREAM_END;) {
    stream.next_out = buffer.data();
    stream.avail_out = static_cast<uInt>(buffer.size());
    status = deflate(&stream, Z_FINISH);
    squeezed.insert(squeezed.end(), buffer.data(), stream.next_out);
  }
  deflateEnd(&stream);
  Bytes out = png_header(width, height, bits, color_type);
  append(out, png_chunk("IDAT", squeezed));
  append(out, png_chunk("IEND", {}));
  return out;
}

Bytes raw_tiff(const std::vector<TiffEntry>& entries, std::size_t payload_bytes) {
  Bytes out;
  put_text(out, "II");
  put_little(out, 42, 2);
  put_little(out, 8, 4);
  put_little(out, entries.size(), 2);
  for (const TiffEntry& e : entries) {
    put_little(out, e.tag, 2);
    put_little(out, e.type, 2);
    put_little(out, e.count, 4);
    put_little(out, e.value, 4);
  }
  put_little(out, 0, 4);
  for (std::size_t i = 0; i < payload_bytes; ++i) out.push_back(static_cast<std::uint8_t>(i * 37));
  return out;
}

Bytes jpeg_with_scans(int width, int height, int repeats) {
  JpegOptions options;
  options.progressive = true;
  Image flat{width, height, Bytes(static_cast<std::size_t>(width) * height * 3, 128)};
  Bytes file = make_jpeg(flat, options);
  std::size_t last = 0;  // the last scan begins with its marker, 0xffda
  for (std::size_t i = 0; i + 1 < file.size(); ++i) {
    if (file[i] == 0xff && file[i + 1] == 0xda) last = i;
  }
  const Bytes scan(file.begin() + static_cast<std::ptrdiff_t>(last), file.end() - 2);
  file.erase(file.end() - 2, file.end());
  for (int i = 0; i < repeats; ++i) append(file, scan);
  append(file, {0xff, 0xd9});
  return file;
}

}  // namespace anomalyvlm::test
