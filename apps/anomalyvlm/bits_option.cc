#include "bits_option.h"

#include <CLI/CLI.hpp>

#include "option_checks.h"
#include "output.h"

namespace anomalyvlm::cli {

void declare_bits(CLI::App& app, int& bits, const std::string& otherwise, const std::string& group) {
  app.add_option(
         "--bits", bits,
         "Bits that 16-bit images use, 10 or 12 of many cameras; by default what they declare, else " +
             otherwise)
      ->type_name("N")
      ->check(whole_number(8, 16, "bits"))
      ->group(group);
}

void note_common_bits(int bits) {
  if (bits > 0 && bits < 16)
    note(
        "The 16-bit images use only the lowest {0} bits, so they are read as {0}-bit; say --bits 16 if they "
        "are meant to be so dark.",
        bits);
  if (bits == 16)
    note(
        "Some 16-bit images use only their lowest bits, others all 16, so all are read as 16-bit; use images "
        "of one camera at a time, or say --bits.");
}

}  // namespace anomalyvlm::cli
