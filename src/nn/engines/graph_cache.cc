#include "nn/engines/graph_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/platform.h"

namespace anomalyvlm::nn {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "AVLMGRPH2\n";

std::uint64_t rotl(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

// Four independent lanes of 8 bytes: fast, and any flipped bit shows. Not cryptographic.
std::uint64_t digest_of(const void* data, std::size_t size) {
  constexpr std::uint64_t kPrime = 0x9E3779B97F4A7C15ULL;
  std::uint64_t lanes[4] = {1, 2, 3, 4};
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  std::size_t at = 0;
  for (; at + 32 <= size; at += 32) {
    for (int lane = 0; lane < 4; ++lane) {
      std::uint64_t word;
      std::memcpy(&word, bytes + at + 8 * lane, 8);
      lanes[lane] = rotl((lanes[lane] ^ word) * kPrime, 29);
    }
  }
  std::uint64_t digest = mix(size);
  for (; at < size; ++at) digest = (digest ^ bytes[at]) * kPrime;
  for (const std::uint64_t lane : lanes) digest = mix(digest ^ lane) * kPrime;
  return mix(digest);
}

}  // namespace

void GraphKey::add(std::string_view field) { add_bytes(field.data(), field.size()); }

void GraphKey::add_bytes(const void* data, std::size_t size) {
  const std::uint64_t d = digest_of(data, size);
  digest_ = mix(digest_ ^ d);
  second_ = mix(rotl(second_, 17) + d);
}

std::string GraphKey::file_name() const { return fmt::format("{:016x}{:016x}.graph", digest_, second_); }

// File: magic, length of a JSON header, header {key, digest of the blob, size}, blob.
std::optional<GraphEntry> GraphCache::load(const GraphKey& key) const {
  try {
    const fs::path path = folder_ / key.file_name();
    std::error_code none;
    if (!fs::exists(path, none)) return std::nullopt;
    const auto file = MappedFile::open(path);
    const std::string_view text(reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size());
    std::uint32_t header_size = 0;
    const std::size_t fixed = kMagic.size() + sizeof(header_size);
    if (text.size() < fixed || !text.starts_with(kMagic)) return std::nullopt;
    std::memcpy(&header_size, text.data() + kMagic.size(), sizeof(header_size));
    if (header_size > text.size() - fixed) return std::nullopt;
    const auto header = nlohmann::json::parse(text.substr(fixed, header_size));
    const GraphEntry entry{file->bytes().subspan(fixed + header_size), file};
    const bool intact = header.at("key") == key.file_name() && header.at("size") == entry.blob.size() &&
                        header.at("digest") == digest_of(entry.blob.data(), entry.blob.size());
    if (!intact) return std::nullopt;
    // The order in which entries are dropped.
    fs::last_write_time(path, fs::file_time_type::clock::now(), none);
    return entry;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void GraphCache::store(const GraphKey& key, std::string blob) const {
  if (blob.size() > kLargest) return;
  try {
    fs::create_directories(folder_);
    const nlohmann::json header = {
        {"key", key.file_name()}, {"size", blob.size()}, {"digest", digest_of(blob.data(), blob.size())}};
    const std::string text = header.dump();
    const auto header_size = static_cast<std::uint32_t>(text.size());
    std::string start(kMagic);
    start.append(reinterpret_cast<const char*>(&header_size), sizeof(header_size));
    blob.insert(0, start + text);
    write_file_atomically(folder_ / key.file_name(), blob);
    trim();
  } catch (const std::exception&) {  // a convenience that failed: nothing is lost
  }
}

GraphCache::Usage GraphCache::usage() const {
  Usage usage;
  std::error_code none;
  for (const auto& file : fs::directory_iterator(folder_, none)) {
    if (file.path().extension() != ".graph") continue;
    ++usage.entries;
    usage.bytes += file.file_size(none);
  }
  return usage;
}

void GraphCache::trim() const {
  if (usage().bytes <= kLargest) return;
  std::vector<fs::directory_entry> files;
  for (const auto& file : fs::directory_iterator(folder_)) {
    if (file.path().extension() == ".graph") files.push_back(file);
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.last_write_time() < b.last_write_time(); });
  std::uint64_t total = usage().bytes;
  for (const auto& file : files) {
    if (total <= kLargest) break;
    total -= file.file_size();
    fs::remove(file.path());
  }
}

}  // namespace anomalyvlm::nn
