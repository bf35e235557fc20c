#include "kernels/registry.h"

#include <cstdlib>

#include "kernels/deformable_attention/implementations.h"
#include "kernels/nearest/implementations.h"
#include "kernels/saliency/implementations.h"
#include "kernels/saliency/saliency.h"

namespace anomalyvlm {

std::string forced_implementation(std::string_view kernel) {
  const char* variable = std::getenv("ANOMALYVLM_FORCE_IMPL");
  std::string_view rest = variable ? variable : "";
  std::string forced;
  while (!rest.empty()) {
    const std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), item.size() + 1));
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) forced = item;
    if (equals != std::string_view::npos && item.substr(0, equals) == kernel)
      return std::string(item.substr(equals + 1));
  }
  return forced;
}

namespace {

template <typename Row>
KernelInfo info(std::string name, std::span<const Row> table, std::string chosen) {
  KernelInfo info{std::move(name), {}, std::move(chosen)};
  for (const Row& row : table) info.implementations.emplace_back(row.name);
  return info;
}

}  // namespace

std::vector<KernelInfo> list_kernels() {
  return {info("deformable_attention", deformable_attention_implementations(),
               chosen_deformable_attention_implementation()),
          info("nearest", nearest_implementations(), chosen_nearest_implementation()),
          info("saliency", saliency_implementations(), chosen_saliency_implementation())};
}

}  // namespace anomalyvlm
