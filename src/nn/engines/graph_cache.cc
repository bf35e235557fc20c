#include "nn/engines/graph_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/check.h"
#include "core/digest.h"
#include "core/files.h"
#include "core/folders.h"

namespace anomalyvlm::nn {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "AVLMGRPH3\n";
constexpr const char* kEntry = ".graph";

// Of all that follows the header. The name belongs to it: an entry under another's name is damaged.
std::uint64_t digest_of_content(std::string_view name, std::string_view proof, std::string_view blob) {
  std::uint64_t digest = digest_of(name.data(), name.size());
  for (const std::string_view part : {proof, blob})
    digest = mix_digests(digest, digest_of(part.data(), part.size()));
  return digest;
}

std::string_view text_of(std::span<const float> numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()};
}

// All of an entry but its blob.
std::string start_of_entry(std::string_view name, std::span<const float> proof, std::string_view blob) {
  const nlohmann::json header = {{"name", name},
                                 {"proof", proof.size()},
                                 {"size", blob.size()},
                                 {"digest", digest_of_content(name, text_of(proof), blob)}};
  const std::string text = header.dump();
  const auto header_size = static_cast<std::uint32_t>(text.size());
  std::string start(kMagic);
  start.append(reinterpret_cast<const char*>(&header_size), sizeof(header_size));
  start += text;
  return start.append(text_of(proof));
}

bool is_unfinished(const fs::path& file) {
  return file.extension() == ".part" && file.filename().string().find(kEntry) != std::string::npos;
}

std::vector<fs::directory_entry> files_in(const fs::path& folder) {
  std::vector<fs::directory_entry> files;
  std::error_code none;
  for (const auto& file : fs::directory_iterator(folder, none)) {
    if (file.path().extension() == kEntry || is_unfinished(file.path())) files.push_back(file);
  }
  return files;
}

void count(const fs::directory_entry& file, GraphCache::Usage& usage) {
  std::error_code error;
  const std::uint64_t bytes = file.file_size(error);
  ++(is_unfinished(file.path()) ? usage.unfinished : usage.entries);
  if (!error) usage.bytes += bytes;
}

}  // namespace

void GraphKey::add(std::string_view field) { add_digest(digest_of(field.data(), field.size())); }

void GraphKey::add_digest(std::uint64_t of_bytes) {
  digest_ = mix_digests(digest_, of_bytes);
  second_ = mix_digests(second_, of_bytes);
}

std::string GraphKey::file_name() const { return fmt::format("{:016x}{:016x}{}", digest_, second_, kEntry); }

std::string write_entry(std::string_view name, std::span<const float> proof, std::string_view blob) {
  return start_of_entry(name, proof, blob).append(blob);
}

std::optional<GraphEntry> read_entry(std::string_view name, std::shared_ptr<const std::string> bytes) {
  const std::string_view text = *bytes;
  std::uint32_t header_size = 0;
  const std::size_t fixed = kMagic.size() + sizeof(header_size);
  if (text.size() < fixed || !text.starts_with(kMagic)) return std::nullopt;
  std::memcpy(&header_size, text.data() + kMagic.size(), sizeof(header_size));
  if (header_size > text.size() - fixed) return std::nullopt;
  const auto header = nlohmann::json::parse(text.substr(fixed, header_size), nullptr, false);
  const auto said = [&](const char* field) {
    return header.is_object() && header.contains(field) ? header[field] : nlohmann::json();
  };
  for (const char* number : {"proof", "size", "digest"})
    if (!said(number).is_number_unsigned()) return std::nullopt;
  const std::string_view content = text.substr(fixed + header_size);
  const auto count = said("proof").get<std::uint64_t>();
  if (count > content.size() / sizeof(float)) return std::nullopt;
  const std::string_view proof = content.substr(0, static_cast<std::size_t>(count) * sizeof(float)),
                         blob = content.substr(proof.size());
  if (said("name") != name || said("size") != blob.size() ||
      said("digest") != digest_of_content(name, proof, blob))
    return std::nullopt;
  GraphEntry entry;
  entry.proof.resize(static_cast<std::size_t>(count));
  if (!proof.empty()) std::memcpy(entry.proof.data(), proof.data(), proof.size());
  entry.blob = {reinterpret_cast<const std::uint8_t*>(blob.data()), blob.size()};
  entry.owner = std::move(bytes);
  return entry;
}

GraphCache GraphCache::of_user() {
  const fs::path cache = cache_directory();
  return GraphCache(cache.empty() ? cache : cache / "graphs");
}

std::string GraphCache::why_unused() const {
  if (folder_.empty())
    return "Compiled graphs are not kept on disk: neither XDG_CACHE_HOME nor HOME is the path of a folder.";
  std::error_code none;
  for (const fs::path& folder : {folder_.parent_path(), folder_}) {
    if (fs::symlink_status(folder, none).type() == fs::file_type::not_found) continue;
    if (const std::string why = why_not_private(folder); !why.empty())
      return fmt::format("Compiled graphs are not kept on disk: '{}' could be tampered with, {}.",
                         folder.string(), why);
  }
  return {};
}

// What is read is copied: a mapped file could change while a graph is made from it.
std::optional<GraphEntry> GraphCache::load(const GraphKey& key) const {
  try {
    const fs::path path = folder_ / key.file_name();
    std::error_code none;
    if (!fs::exists(path, none) || !why_unused().empty()) return std::nullopt;
    auto entry =
        read_entry(key.file_name(), std::make_shared<const std::string>(read_own_file(path, kLargest)));
    // The order in which entries are dropped.
    if (entry) fs::last_write_time(path, fs::file_time_type::clock::now(), none);
    return entry;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void GraphCache::store(const GraphKey& key, std::span<const float> proof, std::string_view blob) const {
  if (blob.size() > kLargest || !why_unused().empty()) return;
  try {
    make_own_folder(folder_);
    if (!why_unused().empty()) return;
    AtomicFile file(folder_ / key.file_name(), Access::kOwnerOnly);
    const std::string start = start_of_entry(key.file_name(), proof, blob);
    for (const std::string_view part : {std::string_view(start), blob})
      file.write({reinterpret_cast<const std::uint8_t*>(part.data()), part.size()});
    file.finish();
    trim();
  } catch (const std::exception&) {  // a convenience that failed: nothing is lost
  }
}

GraphCache::Usage GraphCache::usage() const {
  Usage usage;
  for (const auto& file : files_in(folder_)) count(file, usage);
  return usage;
}

GraphCache::Usage GraphCache::clear() const {
  if (const std::string why = why_unused(); !why.empty()) fail(ErrorKind::kIo, "{}", why);
  Usage before = usage();
  remove_stale_parts(folder_);
  std::error_code error;
  for (const auto& file : files_in(folder_)) {
    if (is_unfinished(file.path())) continue;
    fs::remove(file.path(), error);
    if (error) fail(ErrorKind::kIo, "cannot remove '{}': {}", file.path().string(), error.message());
  }
  const Usage left = usage();
  return {before.entries - left.entries, before.unfinished - left.unfinished,
          before.bytes - std::min(before.bytes, left.bytes)};
}

void GraphCache::trim() const {
  remove_stale_parts(folder_);
  std::uint64_t total = usage().bytes;
  if (total <= kLargest) return;
  std::vector<fs::directory_entry> files = files_in(folder_);
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.last_write_time() < b.last_write_time(); });
  for (const auto& file : files) {
    if (total <= kLargest) break;
    if (is_unfinished(file.path())) continue;  // its writer is alive
    total -= file.file_size();
    fs::remove(file.path());
  }
}

}  // namespace anomalyvlm::nn
