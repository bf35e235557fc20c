#pragma once
// Weight files made inside the tests, right or wrong.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weights/weights.h"

namespace anomalyvlm::test {

using Bytes = std::vector<std::uint8_t>;

Bytes to_bytes(std::string_view text);
void append(Bytes& to, const Bytes& more);
void append_number(Bytes& to, std::uint64_t value, int bytes);  // little-endian
template <typename T>
Bytes bytes_of(const std::vector<T>& values) {
  const auto* begin = reinterpret_cast<const std::uint8_t*>(values.data());
  return {begin, begin + values.size() * sizeof(T)};
}

// The length, the header as it is, the data.
Bytes make_safetensors(std::string_view header, const Bytes& data = {});

struct ZipEntry {
  std::string name;
  Bytes data;
  int method = 0;       // 8: deflated
  bool zip64 = false;   // sizes and place in the extra field
  std::size_t gap = 0;  // bytes of the local extra field, as torch has them for alignment
};
// Check sums are left 0: nobody here looks at them. `zip64`: the end record too.
Bytes make_zip(const std::vector<ZipEntry>& entries, bool zip64 = false);

// A pickle, opcode by opcode.
class Pickle {
 public:
  explicit Pickle(int protocol = 2);
  Pickle& op(std::string_view opcodes);  // as they are
  Pickle& text(std::string_view value);
  Pickle& number(std::int64_t value);
  Pickle& numbers(const std::vector<std::int64_t>& values);  // a tuple
  Pickle& global(std::string_view module, std::string_view name);
  struct Record {
    std::vector<std::int64_t> sizes, strides;
    std::int64_t offset = 0, count = 0;
    std::string key = "0", storage = "FloatStorage";
  };
  Pickle& storage(const Record& record);
  Pickle& tensor(const Record& record);
  Bytes end() const;  // with its last opcode

 private:
  Bytes bytes_;
};

// {"w": that tensor}
Bytes pickle_of(const Pickle::Record& record);

using Storages = std::map<std::string, Bytes>;
Bytes make_torch_zip(const Bytes& pickle, const Storages& storages = {});
// `counts`: elements of each storage, written before its data.
Bytes make_torch_legacy(const Bytes& pickle, const Storages& storages = {},
                        const std::map<std::string, std::int64_t>& counts = {}, int protocol = 2);

// As load_weights() does with a file of this content, called "test".
std::shared_ptr<const WeightFile> load(const Bytes& bytes);

// The text of the Error(kBadModel); "nothing was thrown" or the like otherwise.
std::string error_of(const std::function<void()>& call);
std::string error_of(const Bytes& bytes);

// Element i, in row-major order, of the tensors that make_files.py writes.
float filled(std::string_view name, std::size_t i);

}  // namespace anomalyvlm::test
