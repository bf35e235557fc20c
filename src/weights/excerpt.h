#pragma once
// Text from a file, made fit for a message.
#include <string>
#include <string_view>

namespace anomalyvlm {

// Printable ASCII only, '?' for anything else; of more than 80 characters the first 80 and "...".
std::string excerpt(std::string_view text);

}  // namespace anomalyvlm
