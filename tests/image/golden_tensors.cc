#include "image/golden_tensors.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace anomalyvlm::test {
namespace {

DType dtype_named(const std::string& name) {
  if (name == "F32") return DType::kF32;
  if (name == "F64") return DType::kF64;
  if (name == "I32") return DType::kI32;
  if (name == "I64") return DType::kI64;
  if (name == "U8") return DType::kU8;
  if (name == "BOOL") return DType::kBool;
  throw std::runtime_error("type " + name);
}

}  // namespace

std::map<std::string, Tensor> read_golden_tensors(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::uint64_t header_bytes = 0;
  in.read(reinterpret_cast<char*>(&header_bytes), 8);
  std::string header(header_bytes, '\0');
  in.read(header.data(), static_cast<std::streamsize>(header_bytes));
  auto data =
      std::make_shared<std::string>(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  std::map<std::string, Tensor> tensors;
  const auto entries = nlohmann::json::parse(header);
  for (const auto& [name, entry] : entries.items()) {
    if (name == "__metadata__") continue;
    tensors[name] = Tensor(dtype_named(entry.at("dtype")), entry.at("shape").get<Shape>(), data,
                           data->data() + entry.at("data_offsets").at(0).get<std::size_t>());
  }
  return tensors;
}

}  // namespace anomalyvlm::test
