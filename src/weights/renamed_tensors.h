#pragma once
// A file of weights under the names of another publisher.
#include <memory>
#include <span>

#include "weights/name_rules.h"
#include "weights/weights.h"

namespace anomalyvlm {

// All tensors by the names that `rules` give them; unknown names are kept. The names of queries that `joined`
// knows ("a.query.b") stand for queries over keys over values in one tensor: these are copied, all else
// shares the file's memory. Throws Error(kBadModel) for queries, keys and values that are not all there or do
// not fit each other, and for two tensors that would have one name.
WeightFile::Tensors renamed_tensors(const WeightFile& file, std::span<const NameRule> rules,
                                    std::span<const NameRule> joined);

// The file with other tensors that point into its memory.
std::shared_ptr<const WeightFile> with_tensors(const WeightFile& file, WeightFile::Tensors tensors);

}  // namespace anomalyvlm
