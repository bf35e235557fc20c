#pragma once
#include "core/check.h"
#include "kernels/registry.h"

namespace anomalyvlm {

template <typename Row, std::size_t N, typename... Args>
const Row& choose_implementation(std::string_view kernel, const Row (&table)[N], const Args&... args) {
  const std::string forced = forced_implementation(kernel);
  for (const Row& row : table) {
    if (forced.empty() ? row.accepts(args...) : row.name == forced) {
      if (row.accepts(args...)) return row;
      fail(ErrorKind::kBadInput, "ANOMALYVLM_FORCE_IMPL: {} of the kernel {} cannot do this here.", forced,
           kernel);
    }
  }
  fail(ErrorKind::kBadInput, "ANOMALYVLM_FORCE_IMPL: the kernel {} has no implementation \"{}\".", kernel,
       forced);
}

}  // namespace anomalyvlm
