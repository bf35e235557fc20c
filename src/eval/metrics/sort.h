#pragma once
// Sorting numbers, highest first, with the CPU's best instructions. Of NaN nothing is promised.
#include <span>

namespace anomalyvlm::eval {

void sort_descending(std::span<float> values);
void sort_descending(std::span<double> values);

}  // namespace anomalyvlm::eval
