#pragma once
// Compiled graphs on disk: one file an entry, below cache_directory()/graphs. An entry that is damaged, cut
// short or written by something else is as good as none.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace anomalyvlm::nn {

// What makes two compilations the same, in words; any difference gives another entry.
class GraphKey {
 public:
  void add(std::string_view field);                    // order matters
  void add_bytes(const void* data, std::size_t size);  // a digest of weights; several GB/s
  std::string file_name() const;                       // hexadecimal digest + ".graph"
  std::uint64_t digest() const { return digest_; }

 private:
  std::uint64_t digest_ = 0x6A09E667F3BCC908ULL, second_ = 0xBB67AE8584CAA73BULL;
};

struct GraphEntry {
  std::span<const std::uint8_t> blob;  // of a mapped file
  std::shared_ptr<const void> owner;   // keeps it mapped
};

class GraphCache {
 public:
  // All entries together; larger ones are not kept.
  static constexpr std::uint64_t kLargest = std::uint64_t{2} << 30;

  explicit GraphCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::optional<GraphEntry> load(const GraphKey& key) const;
  // Writes atomically, then drops the entries that were used longest ago until all are below the limit. A
  // folder that cannot be written is no error: the next start compiles again.
  void store(const GraphKey& key, std::string blob) const;

  struct Usage {
    int entries = 0;
    std::uint64_t bytes = 0;
  };
  Usage usage() const;
  const std::filesystem::path& folder() const { return folder_; }

 private:
  void trim() const;
  std::filesystem::path folder_;
};

}  // namespace anomalyvlm::nn
