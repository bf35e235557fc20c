#pragma once
// The general prompts that the released SAA+ code asks beside those of a category. For the profile
// `saa-plus`.
#include <string>
#include <string_view>
#include <vector>

namespace anomalyvlm {

struct SaaPrompt {
  std::string text;
  std::string filter_phrase;  // boxes whose phrase contains it are dropped
};
// "defect on X", "damage on X", "flaw on X", where X is the category.
std::vector<SaaPrompt> saa_ensemble(std::string_view category);

}  // namespace anomalyvlm
