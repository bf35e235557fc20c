#pragma once
// Turns published weights into safetensors that say what they are.
#include "store/convert/saved_model.h"

namespace anomalyvlm::store {

struct Converted {
  const Architecture* architecture;
  std::size_t tensors;                // written
  std::vector<std::string> left_out;  // names in the source that no model reads
  bool lacks_words;                   // the architecture has a vocabulary, but none was given
};

// From a torch or safetensors file, under the authors' names or Hugging Face's
// (OtherNames). `architecture`: empty: the one whose names and shapes the file has.
// Written are the tensors that the model reads, with description_of() them and where they come from: "source"
// (the file's name), "source_sha256", and "published", "source_url", "licence" if the catalog knows it. A
// file that is converted again keeps its metadata. A tensor at a time is in memory, and the file is whole or
// not there. Throws Error(kBadModel) for a file of no architecture, or of another one than the given, naming
// it; Error(kBadInput), Error(kIo).
Converted convert(const std::filesystem::path& from, const std::filesystem::path& to,
                  std::string_view architecture = {}, const SaveOptions& options = {});

}  // namespace anomalyvlm::store
