#pragma once
// Writes safetensors files a tensor at a time, so that no more than one is in memory.
#include <filesystem>
#include <string>
#include <vector>

#include "core/files.h"
#include "core/sha256.h"
#include "weights/weights.h"

namespace anomalyvlm {

class SafetensorsWriter {
 public:
  struct Entry {
    std::string name;
    DType type;
    Shape shape;
  };
  // The file is either whole or not there. `sealed`: with a seal (seal.h). Throws
  // Error(kIo).
  SafetensorsWriter(const std::filesystem::path& path, std::vector<Entry> entries,
                    WeightFile::Strings metadata, bool sealed = false);

  // In which order the data have to come: the largest element types first, so that all are aligned.
  const std::vector<Entry>& entries() const { return entries_; }
  void add(const Tensor& tensor);  // the next entry's, of its type and shape
  void finish();                   // after the last one

 private:
  void write(std::span<const std::uint8_t> bytes);

  AtomicFile file_;
  std::vector<Entry> entries_;
  std::size_t added_ = 0;
  std::uint64_t seal_at_ = 0;  // place in the file; 0: not sealed
  Sha256 sum_;
};

// Rewrites a safetensors file with the same tensors and metadata, and a seal (seal.h). Throws Error(kIo),
// Error(kBadModel).
void seal_file(const std::filesystem::path& path);

}  // namespace anomalyvlm
