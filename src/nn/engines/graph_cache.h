#pragma once
// Compiled graphs on disk: one file an entry, below cache_directory()/graphs. An entry that is damaged,
// truncated or written by another program is ignored, and so is a folder that others can write to.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace anomalyvlm::nn {

// Everything that identifies a compilation, as text; any difference gives another entry.
class GraphKey {
 public:
  void add(std::string_view field);         // order matters
  void add_digest(std::uint64_t of_bytes);  // of weights: digest_of()
  std::string file_name() const;            // hexadecimal digest + ".graph"
  std::uint64_t digest() const { return digest_; }

 private:
  std::uint64_t digest_ = 0x6A09E667F3BCC908ULL, second_ = 0xBB67AE8584CAA73BULL;
};

struct GraphEntry {
  std::vector<float> proof;            // of the graph when it was compiled, see graph_proof.h
  std::span<const std::uint8_t> blob;  // of `owner`
  std::shared_ptr<const void> owner;
};

// The file's form: magic, length of a JSON header, header, proof, blob. Nothing when the bytes are not a
// whole entry of this name, a GraphKey's file_name().
std::string write_entry(std::string_view name, std::span<const float> proof, std::string_view blob);
std::optional<GraphEntry> read_entry(std::string_view name, std::shared_ptr<const std::string> bytes);

class GraphCache {
 public:
  // All entries together; larger ones are not kept.
  static constexpr std::uint64_t kLargest = std::uint64_t{2} << 30;

  explicit GraphCache(std::filesystem::path folder) : folder_(std::move(folder)) {}
  static GraphCache of_user();  // an empty folder if the user has none

  std::optional<GraphEntry> load(const GraphKey& key) const;
  // Writes atomically, then evicts the least recently used entries until all are below the limit. A folder
  // that cannot be written is no error: the next start compiles again.
  void store(const GraphKey& key, std::span<const float> proof, std::string_view blob) const;

  struct Usage {
    int entries = 0, unfinished = 0;  // files that killed or running processes left half-written
    std::uint64_t bytes = 0;          // of both
  };
  Usage usage() const;
  Usage clear() const;  // removes all but what is being written; what is gone. Throws Error(kIo).
  const std::filesystem::path& folder() const { return folder_; }
  // Why nothing is read from and written to the folder: a sentence. Empty: it is used, or will be made.
  std::string why_unused() const;

 private:
  void trim() const;
  std::filesystem::path folder_;
};

}  // namespace anomalyvlm::nn
