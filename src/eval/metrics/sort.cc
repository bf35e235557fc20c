#include "eval/metrics/sort.h"

#include <hwy/contrib/sort/vqsort.h>

namespace anomalyvlm::eval {

void sort_descending(std::span<float> values) {
  hwy::Sorter()(values.data(), values.size(), hwy::SortDescending());
}

void sort_descending(std::span<double> values) {
  hwy::Sorter()(values.data(), values.size(), hwy::SortDescending());
}

}  // namespace anomalyvlm::eval
