#pragma once
// What weight files can be of: one table, a row an architecture. Names and shapes are those that the model
// functions ask for.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weights/name_check.h"
#include "weights/name_rules.h"

namespace anomalyvlm::store {

struct Architecture {
  std::string_view name;
  std::vector<ExpectedTensor> (*tensors)();
  std::vector<std::string> (*ignorable)();  // patterns of what published files hold and no model reads
  std::string (*config)();                  // of the model, as JSON
  // Patterns of tensors that stay float32 in files of bfloat16, since little is saved and much lost by them.
  std::span<const std::string_view> exact;
  // Names whose weights are those of another name: "from" repeats "to".
  std::span<const NameRule> repeated;
  bool has_words;  // a vocabulary belongs to it
};

std::span<const Architecture> architectures();
const Architecture& architecture_named(std::string_view name);  // throws Error(kBadInput)

// The one whose names and shapes a file has; nullptr when there is none.
const Architecture* architecture_of(const WeightFile& file);

// Throws Error(kBadModel) as check_names() does, which ends with what the file is if it is of another
// architecture.
void require_architecture(const WeightFile& file, const Architecture& architecture);

}  // namespace anomalyvlm::store
