#include "weights/weights.h"

#include <algorithm>

#include "core/platform.h"
#include "weights/safetensors.h"
#include "weights/torch_pickle.h"

namespace anomalyvlm {

namespace {

// Of larger ones the tensors stay in the mapped file.
constexpr std::size_t kLargestRead = std::size_t{64} << 20;

bool starts_with(std::span<const std::uint8_t> bytes, std::string_view text) {
  return bytes.size() >= text.size() && std::memcmp(bytes.data(), text.data(), text.size()) == 0;
}

// What is most often mistaken for a weight file.
std::string describe_other(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return "the file is empty";
  if (starts_with(bytes, "version https://git-lfs"))
    return "it is a Git LFS pointer, not the file itself; fetch it with 'git lfs pull'";
  if (starts_with(bytes, "<") || starts_with(bytes, "\n<"))
    return "it is a web page, so the download went wrong; fetch the file again";
  if (bytes.size() > 262 && starts_with(bytes.subspan(257), "ustar"))
    return "it is a tar archive (torch before 0.1.10 wrote such files); save it again with a newer torch";
  if (starts_with(bytes, "\x1f\x8b")) return "it is compressed with gzip; unpack it first";
  return "it is neither a safetensors file nor one written by torch.save";
}

}  // namespace

std::vector<std::string> WeightFile::names() const {
  std::vector<std::string> names;
  names.reserve(tensors_.size());
  for (const auto& [name, tensor] : tensors_) names.push_back(name);
  return names;
}

const Tensor* WeightFile::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

const Tensor& WeightFile::at(std::string_view name) const {
  if (const Tensor* tensor = find(name)) return *tensor;
  if (const auto it = unreadable_.find(name); it != unreadable_.end())
    fail(ErrorKind::kBadModel, "{}: tensor '{}' has the element type {}, which this program does not read",
         source_, name, it->second);
  fail(ErrorKind::kBadModel, "{}: there is no tensor '{}'; is it the file of another model?", source_, name);
}

std::uint64_t WeightFile::parameters(std::span<const std::string_view> beginnings) const {
  const auto counts = [&](const std::string& name, DType type) {
    const bool floating =
        type == DType::kF32 || type == DType::kF64 || type == DType::kF16 || type == DType::kBF16;
    return floating && (beginnings.empty() ||
                        std::any_of(beginnings.begin(), beginnings.end(),
                                    [&](std::string_view beginning) { return name.starts_with(beginning); }));
  };
  std::uint64_t count = 0;
  for (const auto& [name, tensor] : tensors_)
    if (counts(name, tensor.dtype())) count += static_cast<std::uint64_t>(tensor.size());
  return count;
}

void WeightFile::require_unchanged() const {
  for (const auto& file : mapped_)
    if (!file->is_unchanged())
      fail(ErrorKind::kIo,
           "{}: the weights were overwritten while they were in use; start again with a whole file", source_);
}

void WeightFile::require_finite() const {
  for (const auto& [name, tensor] : tensors_)
    if (!tensor.is_finite())
      fail(ErrorKind::kBadModel, "{}: tensor '{}' holds values that are not numbers; the file is damaged",
           source_, name);
}

std::shared_ptr<const WeightFile> load_weights(const std::filesystem::path& path) {
  const auto mapped = MappedFile::open(path);
  if (mapped->bytes().size() <= kLargestRead) {
    const auto text = std::make_shared<const std::string>(read_file(path, kLargestRead));
    return parse_weights({reinterpret_cast<const std::uint8_t*>(text->data()), text->size()}, text,
                         path.string());
  }
  WeightFile weights = *parse_weights(mapped->bytes(), mapped, path.string());
  weights.keep(mapped);
  weights.require_unchanged();
  return std::make_shared<const WeightFile>(std::move(weights));
}

std::shared_ptr<const WeightFile> parse_weights(std::span<const std::uint8_t> bytes,
                                                std::shared_ptr<const void> owner,
                                                const std::string& source) {
  if (looks_like_safetensors(bytes)) return parse_safetensors(bytes, std::move(owner), source);
  if (looks_like_torch(bytes)) return parse_torch(bytes, std::move(owner), source);
  fail(ErrorKind::kBadModel, "{}: not a usable weight file: {}", source, describe_other(bytes));
}

std::shared_ptr<const WeightFile> merge(std::span<const std::shared_ptr<const WeightFile>> files) {
  std::string source;
  WeightFile::Tensors tensors;
  WeightFile::Strings metadata, unreadable;
  std::vector<std::shared_ptr<const MappedFile>> mapped;
  for (const auto& file : files) {
    mapped.insert(mapped.end(), file->mapped().begin(), file->mapped().end());
    source += (source.empty() ? "" : " + ") + file->source();
    for (const auto& [name, tensor] : file->tensors()) {
      tensors.insert_or_assign(name, tensor);
      unreadable.erase(name);
    }
    for (const auto& [name, type] : file->unreadable()) {
      unreadable.insert_or_assign(name, type);
      tensors.erase(name);
    }
    for (const auto& [key, value] : file->metadata()) metadata.insert_or_assign(key, value);
  }
  auto merged = std::make_shared<WeightFile>(std::move(source), std::move(tensors), std::move(metadata),
                                             std::move(unreadable));
  for (auto& file : mapped) merged->keep(std::move(file));
  return merged;
}

}  // namespace anomalyvlm
