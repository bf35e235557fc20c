#pragma once
// Describes the weight files of a network. It is defined in the network's folder (models/sam/architecture.h)
// and used by whatever reads, converts or writes such files.
#include <any>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weights/name_check.h"
#include "weights/name_rules.h"

namespace anomalyvlm {

// The same weights under the names of another publisher than the authors.
struct OtherNames {
  std::string_view publisher;  // "Hugging Face"
  bool (*found)(const WeightFile& file);
  // The file with the authors' names; the file itself if it has them already. Throws Error(kBadModel).
  std::shared_ptr<const WeightFile> (*to_authors)(std::shared_ptr<const WeightFile> file);
};

struct Architecture {
  std::string_view name;  // "sam-vit-h"
  std::any (*config)();   // of the network's own type: a SamConfig
  std::string (*config_json)();
  std::vector<ExpectedTensor> (*tensors)();  // names and shapes that the model functions ask for
  std::vector<std::string> (*ignorable)();   // patterns of what published files hold and no model reads
  // Patterns of tensors that stay float32 in files of bfloat16, since little is saved and much lost by them.
  std::span<const std::string_view> exact = {};
  // Names whose weights are those of another name: "from" repeats "to".
  std::span<const NameRule> repeated = {};
  std::string_view vocabulary = {};  // the published one that it reads words by; empty: it reads none
  const OtherNames* other_names = nullptr;
};

// How many numbers the model functions ask for. Published files may hold more.
std::uint64_t parameters_of(const Architecture& architecture);

// check_names() against the architecture's tensors.
void check_names(const WeightFile& file, const Architecture& architecture);

}  // namespace anomalyvlm
