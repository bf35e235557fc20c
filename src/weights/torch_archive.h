#pragma once
// Where things lie in a torch.save file, of either form: the pickle of the object, and the data of its
// storages.
#include <map>
#include <span>
#include <string>

#include "core/tensor.h"
#include "weights/torch_unpickler.h"

namespace anomalyvlm {

// What a storage record says, checked: its element type and how many elements it has.
struct StorageRecord {
  std::string_view key;
  std::string type_name;  // "FloatStorage"
  bool readable = true;   // whether Tensor knows the type; if not, `type` means nothing
  DType type = DType::kF32;
  std::size_t element = 4;        // bytes
  std::uint64_t count = 0;        // elements
  std::uint64_t view_offset = 0;  // elements, of a storage that is a part of another one
  std::uint64_t view_count = 0;   // elements of that part; equal to count when it is none
};

// Throws Error(kBadModel) naming the class when it is no storage of numbers.
StorageRecord read_storage_record(const PickleNode& storage, const std::string& source);

struct TorchArchive {
  const PickleNode* object = nullptr;                                  // what was saved
  std::map<std::string_view, std::span<const std::uint8_t>> storages;  // by key
};

bool looks_like_zip(std::span<const std::uint8_t> bytes);

// Everything returned points into `bytes` and `unpickler`. Throws Error(kBadModel).
TorchArchive open_zip(std::span<const std::uint8_t> bytes, Unpickler& unpickler, const std::string& source);
TorchArchive open_legacy(std::span<const std::uint8_t> bytes, Unpickler& unpickler,
                         const std::string& source);

}  // namespace anomalyvlm
