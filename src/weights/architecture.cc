#include "weights/architecture.h"

namespace anomalyvlm {

std::uint64_t parameters_of(const Architecture& architecture) {
  std::uint64_t count = 0;
  for (const ExpectedTensor& tensor : architecture.tensors())
    count += static_cast<std::uint64_t>(element_count(tensor.shape));
  return count;
}

void check_names(const WeightFile& file, const Architecture& architecture) {
  check_names(file, architecture.name, architecture.tensors(), architecture.ignorable());
}

}  // namespace anomalyvlm
