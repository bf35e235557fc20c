#pragma once
// How the vectors of a bank were made, as JSON: in banks, and in builds that are not finished.
#include <nlohmann/json_fwd.hpp>

#include "references/bank.h"

namespace anomalyvlm {

nlohmann::ordered_json to_json(const BankOrigin& origin);
// Throws nlohmann's exceptions, and Error(kBadModel) for values that no bank has.
BankOrigin to_origin(const nlohmann::ordered_json& json);

}  // namespace anomalyvlm
