#pragma once
// Words that say whether an image shows a defect, in lists and as names of folders.
#include <optional>
#include <string_view>

namespace anomalyvlm::eval {

// "NG", "bad", "1", "TRUE", "fail" and their like: true, anomalous. "ok", "good", "0", "FALSE", "pass":
// false. None: the word says nothing; as a folder's name it is a kind of defect.
std::optional<bool> means_anomalous(std::string_view word);

}  // namespace anomalyvlm::eval
