#pragma once
// "Did you mean ...?"
#include <span>
#include <string>
#include <string_view>

namespace anomalyvlm {

// The edit distance: letters to insert, remove, replace or swap with their neighbour.
std::size_t letter_edits(std::string_view a, std::string_view b);

// The name that a mistyped word most likely meant, by the number of letters that differ (two exchanged
// neighbours count as one); empty when none is close.
std::string closest(std::string_view word, std::span<const std::string> names);

}  // namespace anomalyvlm
