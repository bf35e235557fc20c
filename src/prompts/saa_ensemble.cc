#include "prompts/saa_ensemble.h"

namespace anomalyvlm {

std::vector<SaaPrompt> saa_ensemble(std::string_view category) {
  std::vector<SaaPrompt> prompts;
  for (const std::string_view general : {"defect on ", "damage on ", "flaw on "})
    prompts.push_back({std::string(general) + std::string(category), std::string(category)});
  return prompts;
}

}  // namespace anomalyvlm
