#pragma once
// What the images of a bank say of each other.
#include "anomalyvlm/references.h"
#include "references/bank.h"

namespace anomalyvlm {

ReferenceCheck check_bank(const Bank& bank);

}  // namespace anomalyvlm
