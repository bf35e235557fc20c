#pragma once
// BERT as case.json states it.
#include <nlohmann/json_fwd.hpp>

#include "models/bert/bert.h"

namespace anomalyvlm::golden {

// In Hugging Face's field names. Throws NotSupported for a setting that is unknown here.
BertConfig read_bert_config(const nlohmann::json& config);

}  // namespace anomalyvlm::golden
