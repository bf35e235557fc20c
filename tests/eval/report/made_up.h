#pragma once
// Results that no evaluation gave, but one might have.
#include <vector>

#include "eval/metrics/evaluation_result.h"
#include "eval/metrics/study_table.h"

namespace anomalyvlm::eval::test {

// Six categories in two groups with kinds of defects, synthetic images, stages, notes and failures; some
// metrics are undefined, and one category's name and prompt, one id, a kind and a note try to be markup.
EvaluationResult made_up_result();

// One category with kinds, as a data set without categories gives.
EvaluationResult made_up_single_result();

std::vector<StudyTable> made_up_studies();  // over x of one group, over x of three, bars

inline constexpr const char* kHostileName = "<script>alert(1)</script> & \"quotes' \xff|,";

}  // namespace anomalyvlm::eval::test
