#pragma once
// --bits: how many bits 16-bit images use.
#include <string>

#include "cli_fwd.h"

namespace anomalyvlm::cli {

// `otherwise`: what holds where neither the option nor the image says it. `bits`: ReadOptions::bits.
void declare_bits(CLI::App& app, int& bits, const std::string& otherwise, const std::string& group);

// Tells that a set of images is read by what common_bits() gave, and how to say otherwise.
void note_common_bits(int bits);

}  // namespace anomalyvlm::cli
