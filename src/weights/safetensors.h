#pragma once
// The safetensors format: 8 bytes of header length, a JSON header {name: {dtype, shape, data_offsets}}, raw
// data.
#include <filesystem>
#include <memory>
#include <span>

#include "core/tensor.h"
#include "weights/weights.h"

namespace anomalyvlm {

// True when the bytes start as a safetensors file does (a plausible length, then '{').
bool looks_like_safetensors(std::span<const std::uint8_t> bytes);

// Reads from memory that `owner` keeps alive. Every number of the header is checked against the file; as the
// format demands, tensors neither overlap nor leave gaps. A tensor whose data are not aligned is copied, all
// others point into `bytes`. An element type that Tensor does not know is no error until that tensor is asked
// for (see unreadable()). Throws Error(kBadModel), beginning with `source`.
std::shared_ptr<const WeightFile> parse_safetensors(std::span<const std::uint8_t> bytes,
                                                    std::shared_ptr<const void> owner,
                                                    const std::string& source);

// Writes a file that is either whole or not there (safetensors_writer.h does so a tensor at a time); the
// largest element types first, so that all data are aligned; `sealed`: with a seal (seal.h). Throws
// Error(kIo).
void write_safetensors(const std::filesystem::path& path, const WeightFile::Tensors& tensors,
                       const WeightFile::Strings& metadata = {}, bool sealed = false);

// The same values as float16 or bfloat16 (round to nearest even, overflow to infinity), for storing weights
// in half the space.
Tensor to_f16(const Tensor& tensor);
Tensor to_bf16(const Tensor& tensor);

}  // namespace anomalyvlm
