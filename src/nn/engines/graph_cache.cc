#include "nn/engines/graph_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/digest.h"
#include "core/platform.h"

namespace anomalyvlm::nn {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "AVLMGRPH2\n";

}  // namespace

void GraphKey::add(std::string_view field) { add_bytes(field.data(), field.size()); }

void GraphKey::add_bytes(const void* data, std::size_t size) {
  const std::uint64_t d = digest_of(data, size);
  digest_ = mix_digests(digest_, d);
  second_ = mix_digests(second_, d);
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
