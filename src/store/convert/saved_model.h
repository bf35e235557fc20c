#pragma once
// What weight files that this program writes have in common: which tensors, of which types, and what they say
// about themselves.
#include <filesystem>

#include "weights/architecture.h"
#include "weights/safetensors_writer.h"

namespace anomalyvlm::store {

struct SaveOptions {
  // Matrices and convolutions as bfloat16; vectors, and what the architecture needs exact, stay float32.
  bool bf16 = false;
  std::filesystem::path vocabulary = {};  // a "vocab.txt" to put inside; empty: none
  // The folder of weights: without a given vocabulary, the published one of the architecture is put inside if
  // it lies there. Empty: none is.
  std::filesystem::path folder = {};
};

std::vector<SafetensorsWriter::Entry> entries_of(const Architecture& architecture, bool bf16);

// The metadata: "architecture", "config", "precision", "written_by", and "vocabulary" with
// "vocabulary_sha256" if there is one. Throws Error(kIo), Error(kBadInput) for a vocabulary that does not
// belong to the architecture.
WeightFile::Strings description_of(const Architecture& architecture, const SaveOptions& options);

// Throws Error(kBadInput) where somebody else's file stands: only what this program wrote is replaced.
void require_free(const std::filesystem::path& to);

}  // namespace anomalyvlm::store
