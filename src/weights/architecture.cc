#include "weights/architecture.h"

namespace anomalyvlm {

void check_names(const WeightFile& file, const Architecture& architecture) {
  check_names(file, architecture.name, architecture.tensors(), architecture.ignorable());
}

}  // namespace anomalyvlm
