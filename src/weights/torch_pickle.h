#pragma once
// torch.save files (.pth, .pt) that hold tensors: the zip form and the older form of consecutive pickles.
//
// The pickle inside is read by a small machine that knows dictionaries, lists, tuples, strings, numbers and
// torch's tensor records and nothing else: no code is ever executed, and an unknown opcode or class is an
// error naming it.
//
// Which tensors are taken: the top-level dictionary if it holds tensors itself; else the first of its entries
// "model", "state_dict", "model_state_dict", "model_state", "net", "network", "params", "weights" that does;
// else everything. Dictionaries and lists inside it are joined by '.', a leading "module." (DataParallel's)
// is dropped from every name, and what is not a tensor is skipped. A tensor saved alone is called
// "tensor".
#include <memory>
#include <span>
#include <string>

#include "weights/weights.h"

namespace anomalyvlm {

// True when the bytes start as a zip archive or as a pickle does.
bool looks_like_torch(std::span<const std::uint8_t> bytes);

// Reads from memory that `owner` keeps alive. Size, offset and strides of every tensor are checked against
// its storage; tensors that are not contiguous, or not aligned, are copied, all others point into `bytes`.
// Throws Error(kBadModel), beginning with `source`.
std::shared_ptr<const WeightFile> parse_torch(std::span<const std::uint8_t> bytes,
                                              std::shared_ptr<const void> owner, const std::string& source);

}  // namespace anomalyvlm
