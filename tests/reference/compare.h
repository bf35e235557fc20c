#pragma once
// Outputs beside what was expected of them.
#include <string>
#include <vector>

#include "reference/runner.h"

namespace anomalyvlm::golden {

struct Tolerance {
  double max_abs = 0, mean_abs = 0;
  long long max_mismatches = -1;  // case.json's "max_mismatch_pixels"; -1: not given
};

struct Row {
  std::string name;
  bool ok = false;
  bool compared = false;             // false: nothing to measure (not computed, other shape, or a check)
  double max_abs = 0, mean_abs = 0;  // over the elements that are finite on both sides
  long long mismatches = 0;          // elements beyond the tolerance; of integers and masks, all that differ
  Tolerance limit;                   // with the factor applied
  double factor = 1;
  std::string note;  // what is wrong, or the factor's reason
};

// An infinity or NaN must meet the same at the same place. Integers and masks with max_mismatches may differ
// in so many elements; floats with it may exceed max_abs in so many, the mean still holding.
Row compare(const std::string& name, const Tensor& expected, const Tensor* got, const Tolerance& limit);

// One row for each expected tensor, each check and each tolerance that names no expected tensor, in that
// order.
std::vector<Row> compare_all(const GoldenCase& golden, const Outputs& outputs);

std::string format_table(const std::vector<Row>& rows);

}  // namespace anomalyvlm::golden
