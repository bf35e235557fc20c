#include "weights/safetensors_writer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "weights/excerpt.h"
#include "weights/safetensors.h"
#include "weights/safetensors_types.h"
#include "weights/seal.h"

namespace anomalyvlm {

namespace {

using nlohmann::json;

constexpr std::size_t kDigits = 64;  // of a SHA-256

std::span<const std::uint8_t> bytes_of(const void* data, std::size_t size) {
  return {static_cast<const std::uint8_t*>(data), size};
}

// The header as text, padded so that the data begin aligned.
std::string header_of(const std::vector<SafetensorsWriter::Entry>& entries,
                      const WeightFile::Strings& metadata) {
  json header = json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const auto& entry : entries) {
    const std::uint64_t size = static_cast<std::uint64_t>(element_count(entry.shape)) * size_of(entry.type);
    header[entry.name] = {{"dtype", safetensors_name(entry.type)},
                          {"shape", entry.shape},
                          {"data_offsets", {offset, offset + size}}};
    offset += size;
  }
  std::string text = header.dump(-1, ' ', false, json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

}  // namespace

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& path, std::vector<Entry> entries,
                                     WeightFile::Strings metadata, bool sealed)
    : file_(path), entries_(std::move(entries)) {
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return size_of(a.type) > size_of(b.type); });
  if (sealed) metadata[std::string(kSeal)] = std::string(kDigits, '0');
  const std::string header = header_of(entries_, metadata);
  const std::uint64_t length = header.size();
  if (sealed) {
    // Quotes inside a string would have a backslash before them, so this is the key itself.
    const std::string key = fmt::format("\"{}\":\"", kSeal);
    seal_at_ = sizeof(length) + header.find(key + std::string(kDigits, '0')) + key.size();
  }
  write(bytes_of(&length, sizeof(length)));
  write(bytes_of(header.data(), header.size()));
}

void SafetensorsWriter::write(std::span<const std::uint8_t> bytes) {
  file_.write(bytes);
  if (seal_at_ != 0) sum_.add(bytes);
}

void SafetensorsWriter::add(const Tensor& tensor) {
  AVLM_CHECK(added_ < entries_.size());
  const Entry& entry = entries_[added_++];
  AVLM_CHECK(tensor.dtype() == entry.type && tensor.shape() == entry.shape);
  write(bytes_of(tensor.raw(), tensor.bytes()));
}

void SafetensorsWriter::finish() {
  AVLM_CHECK(added_ == entries_.size());
  if (seal_at_ != 0) {
    const std::string digits = sum_.hex();
    file_.overwrite(seal_at_, bytes_of(digits.data(), digits.size()));
  }
  file_.finish();
}

void write_safetensors(const std::filesystem::path& path, const WeightFile::Tensors& tensors,
                       const WeightFile::Strings& metadata, bool sealed) {
  std::vector<SafetensorsWriter::Entry> entries;
  for (const auto& [name, tensor] : tensors) entries.push_back({name, tensor.dtype(), tensor.shape()});
  SafetensorsWriter writer(path, std::move(entries), metadata, sealed);
  for (const auto& entry : writer.entries()) writer.add(tensors.find(entry.name)->second);
  writer.finish();
}

void seal_file(const std::filesystem::path& path) {
  const auto file = load_weights(path);
  if (!file->unreadable().empty())
    fail(ErrorKind::kBadModel, "{}: tensor '{}' has an element type that this program cannot write",
         file->source(), excerpt(file->unreadable().begin()->first));
  WeightFile::Strings metadata = file->metadata();
  metadata.erase(std::string(kSeal));
  write_safetensors(path, file->tensors(), metadata, true);
}

namespace {

// Rounds all values to a type of 16 bits.
template <typename Round>
Tensor to_halves(const Tensor& tensor, DType type, Round round) {
  if (tensor.dtype() == type) return tensor;
  const Tensor floats = tensor.to_f32();
  auto halves = std::make_shared<std::vector<std::uint16_t>>(floats.floats().size());
  std::transform(floats.floats().begin(), floats.floats().end(), halves->begin(), round);
  const void* data = halves->data();
  return Tensor(type, tensor.shape(), std::move(halves), data);
}

}  // namespace

Tensor to_f16(const Tensor& tensor) { return to_halves(tensor, DType::kF16, f32_to_f16); }
Tensor to_bf16(const Tensor& tensor) { return to_halves(tensor, DType::kBF16, f32_to_bf16); }

}  // namespace anomalyvlm
