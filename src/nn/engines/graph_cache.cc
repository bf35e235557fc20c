#include "nn/engines/graph_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/digest.h"
#include "core/platform.h"

namespace anomalyvlm::nn {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "AVLMGRPH1\n";
constexpr std::uint64_t kLargestCache = std::uint64_t{2} << 30;

}  // namespace

void GraphKey::add(std::string_view field) { add_bytes(field.data(), field.size()); }

void GraphKey::add_bytes(const void* data, std::size_t size) {
  const std::uint64_t d = digest_of(data, size);
  digest_ = mix_digests(digest_, d);
  second_ = mix_digests(second_, d);
}

std::string GraphKey::file_name() const { return fmt::format("{:016x}{:016x}.graph", digest_, second_); }

// File: magic, length of a JSON header, header {key, outputs, digest of the blob, size}, blob.
std::optional<GraphEntry> GraphCache::load(const GraphKey& key) const {
  try {
    const fs::path path = folder_ / key.file_name();
    std::error_code none;
    if (!fs::exists(path, none)) return std::nullopt;
    const std::string file = read_file(path);
    std::uint32_t header_size = 0;
    const std::size_t fixed = kMagic.size() + sizeof(header_size);
    if (file.size() < fixed || file.compare(0, kMagic.size(), kMagic) != 0) return std::nullopt;
    std::memcpy(&header_size, file.data() + kMagic.size(), sizeof(header_size));
    if (header_size > file.size() - fixed) return std::nullopt;
    const auto header = nlohmann::json::parse(file.substr(fixed, header_size));
    GraphEntry entry{header.at("outputs").get<std::vector<std::string>>(), file.substr(fixed + header_size)};
    const bool intact = header.at("key") == key.file_name() && header.at("size") == entry.blob.size() &&
                        header.at("digest") == digest_of(entry.blob.data(), entry.blob.size());
    if (!intact) return std::nullopt;
    fs::last_write_time(path, fs::file_time_type::clock::now(),
                        none);  // the order in which entries are dropped
    return entry;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void GraphCache::store(const GraphKey& key, const GraphEntry& entry) const {
  try {
    fs::create_directories(folder_);
    const nlohmann::json header = {{"key", key.file_name()},
                                   {"outputs", entry.outputs},
                                   {"size", entry.blob.size()},
                                   {"digest", digest_of(entry.blob.data(), entry.blob.size())}};
    const std::string text = header.dump();
    const auto header_size = static_cast<std::uint32_t>(text.size());
    std::string file(kMagic);
    file.append(reinterpret_cast<const char*>(&header_size), sizeof(header_size));
    write_file_atomically(folder_ / key.file_name(), file + text + entry.blob);
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
  if (usage().bytes <= kLargestCache) return;
  std::vector<fs::directory_entry> files;
  for (const auto& file : fs::directory_iterator(folder_)) {
    if (file.path().extension() == ".graph") files.push_back(file);
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.last_write_time() < b.last_write_time(); });
  std::uint64_t total = usage().bytes;
  for (const auto& file : files) {
    if (total <= kLargestCache) break;
    total -= file.file_size();
    fs::remove(file.path());
  }
}

}  // namespace anomalyvlm::nn
