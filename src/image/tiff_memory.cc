#include "image/tiff_memory.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <new>

namespace anomalyvlm::codec {
namespace {

TiffMemory& memory_of(thandle_t handle) { return *static_cast<TiffMemory*>(handle); }

std::uint64_t size_of(const TiffMemory& memory) {
  return memory.writing ? memory.out.size() : memory.in.size();
}

tmsize_t read_bytes(thandle_t handle, void* to, tmsize_t count) {
  TiffMemory& memory = memory_of(handle);
  if (memory.writing || count <= 0 || memory.position >= memory.in.size()) return 0;
  const auto n = std::min(static_cast<std::uint64_t>(count), memory.in.size() - memory.position);
  std::memcpy(to, memory.in.data() + memory.position, n);
  memory.position += n;
  return static_cast<tmsize_t>(n);
}

tmsize_t write_bytes(thandle_t handle, void* from, tmsize_t count) {
  TiffMemory& memory = memory_of(handle);
  if (!memory.writing || count <= 0) return 0;
  const auto end = memory.position + static_cast<std::uint64_t>(count);
  try {
    if (end > memory.out.size()) memory.out.resize(end);
  } catch (const std::exception&) {  // must not pass through C
    return -1;
  }
  std::memcpy(memory.out.data() + memory.position, from, static_cast<std::size_t>(count));
  memory.position = end;
  return count;
}

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  TiffMemory& memory = memory_of(handle);
  const std::uint64_t base = whence == SEEK_CUR ? memory.position : whence == SEEK_END ? size_of(memory) : 0;
  return memory.position = base + offset;
}

int close(thandle_t) { return 0; }
toff_t size(thandle_t handle) { return size_of(memory_of(handle)); }

int map(thandle_t handle, void** base, toff_t* length) {
  const TiffMemory& memory = memory_of(handle);
  if (memory.writing) return 0;
  *base = const_cast<std::uint8_t*>(memory.in.data());  // libtiff does not write into what it has mapped
  *length = memory.in.size();
  return 1;
}

void unmap(thandle_t, void*, toff_t) {}

std::string formatted(const char* text, std::va_list arguments) {
  char line[200];
  std::vsnprintf(line, sizeof line, text, arguments);
  return line;
}

int on_error(TIFF*, void* user, const char*, const char* text, std::va_list arguments) {
  auto& memory = *static_cast<TiffMemory*>(user);
  if (memory.error.empty()) memory.error = formatted(text, arguments);
  return 1;
}

int on_warning(TIFF*, void* user, const char*, const char* text, std::va_list arguments) {
  auto& memory = *static_cast<TiffMemory*>(user);
  if (memory.warnings.size() < 3) memory.warnings.push_back(formatted(text, arguments));
  return 1;
}

TiffHandle open(TiffMemory& memory, const char* mode) {
  const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(),
                                                                             TIFFOpenOptionsFree);
  if (!options) throw std::bad_alloc();
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMaxTiffAllocation);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, &memory);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), on_warning, &memory);
  TiffHandle tiff(TIFFClientOpenExt("memory", mode, &memory, read_bytes, write_bytes, seek, close, size, map,
                                    unmap, options.get()));
  if (!tiff && memory.error.empty()) memory.error = "its directory is damaged";
  return tiff;
}

}  // namespace

TiffHandle open_tiff_for_reading(TiffMemory& memory, std::span<const std::uint8_t> bytes) {
  memory.in = bytes;
  return open(memory, "r");
}

TiffHandle open_tiff_for_writing(TiffMemory& memory) {
  memory.writing = true;
  return open(memory, "w");  // in the machine's byte order
}

}  // namespace anomalyvlm::codec
