#pragma once
// Limits and thresholds as people give them to the program.
#include <string>

namespace anomalyvlm::eval {

// A limit or threshold for an option, cut to four decimals: not above `value`, so that what has the score
// `value` still reaches it.
std::string limit_text(double value);
// The same, but below it: for what counts only above.
std::string threshold_text(double value);

}  // namespace anomalyvlm::eval
