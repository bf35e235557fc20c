#pragma once
// Full-size randomly initialised weights, for benchmarks and tests that need no download.
#include "store/convert/saved_model.h"

namespace anomalyvlm::store {

// The values of one tensor: matrices, tables and convolutions with deviation 1 / sqrt(fan-in), so that layers
// keep the scale of what they are given; norms 1; biases 0. They depend on name, shape and seed only.
Tensor random_tensor(const ExpectedTensor& tensor, std::uint64_t seed);

// A file like a converted one, whose metadata say "weights": "random, seed N". Names that repeat another
// one's weights do so. Throws Error(kIo), Error(kBadInput).
void write_random(const Architecture& architecture, const std::filesystem::path& to, std::uint64_t seed,
                  const SaveOptions& options = {});

}  // namespace anomalyvlm::store
