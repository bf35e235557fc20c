#pragma once
// --bits: how many bits 16-bit images use.
#include <string>

#include "cli_fwd.h"

namespace anomalyvlm::cli {

// `otherwise`: for the help, what is used if neither the option nor the image says it. `bits`:
// ReadOptions::bits.
void declare_bits(CLI::App& app, int& bits, const std::string& otherwise, const std::string& group);

// Notes that a set of images is read with the bit depth that common_bits() found, and how to override it.
void note_common_bits(int bits);

}  // namespace anomalyvlm::cli
