#include "core/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <memory>
#include <new>

#include "core/check.h"

namespace anomalyvlm {

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1F\x8B"); }

std::string gunzipped(std::string_view bytes, std::size_t most, std::string_view source) {
  constexpr int kGzip = 16 + MAX_WBITS;
  constexpr std::size_t kAtOnce = std::size_t{1} << 20;
  z_stream stream{};
  if (inflateInit2(&stream, kGzip) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
  std::string out;
  int state = Z_OK;
  while (state == Z_OK) {
    const std::size_t input = std::min(bytes.size(), kAtOnce), before = out.size();
    if (before > most)
      fail(ErrorKind::kBadModel, "{}: it holds more than {} bytes, which no such file does.", source, most);
    out.resize(before + kAtOnce);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(input);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream.avail_out = static_cast<uInt>(kAtOnce);
    state = inflate(&stream, Z_NO_FLUSH);
    bytes.remove_prefix(input - stream.avail_in);
    out.resize(out.size() - stream.avail_out);
    if (state == Z_OK && bytes.empty() && stream.avail_out > 0) state = Z_DATA_ERROR;  // cut short
  }
  if (state != Z_STREAM_END)
    fail(ErrorKind::kBadModel, "{}: it is compressed by gzip, and damaged or cut short.", source);
  return out;
}

}  // namespace anomalyvlm
