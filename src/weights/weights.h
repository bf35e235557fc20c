#pragma once
// Weight files: named tensors and a few words about them, read from safetensors or torch .pth/.pt.
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/platform.h"
#include "core/tensor.h"

namespace anomalyvlm {

// Const after load, so several models and threads may share one. Tensors of large files point into the mapped
// file where they can (safetensors; contiguous tensors of torch files) and keep it mapped; small files are
// read as a whole. Data are aligned to their element size.
class WeightFile {
 public:
  using Tensors = std::map<std::string, Tensor, std::less<>>;
  using Strings = std::map<std::string, std::string, std::less<>>;

  WeightFile() = default;
  WeightFile(std::string source, Tensors tensors, Strings metadata = {}, Strings unreadable = {})
      : source_(std::move(source)),
        tensors_(std::move(tensors)),
        metadata_(std::move(metadata)),
        unreadable_(std::move(unreadable)) {}

  // The path it was read from, for messages; of merged files, their paths joined by " + ".
  const std::string& source() const { return source_; }
  const Tensors& tensors() const { return tensors_; }
  // safetensors' "__metadata__"; empty for torch files.
  const Strings& metadata() const { return metadata_; }
  // Tensors of an element type that Tensor does not know, by name: the type. They are not in tensors().
  const Strings& unreadable() const { return unreadable_; }

  // The files that tensors point into. Others must not write to them while they are used; require_unchanged()
  // throws Error(kIo) when one did.
  void keep(std::shared_ptr<const MappedFile> file) { mapped_.push_back(std::move(file)); }
  const std::vector<std::shared_ptr<const MappedFile>>& mapped() const { return mapped_; }
  void require_unchanged() const;
  // Throws Error(kBadModel) naming a tensor that holds what is not a number.
  void require_finite() const;

  std::size_t size() const { return tensors_.size(); }
  // How many numbers are in the floating-point tensors; of a part of a network in those whose names begin
  // with one of these.
  std::uint64_t parameters(std::span<const std::string_view> beginnings = {}) const;
  std::vector<std::string> names() const;  // in order

  const Tensor* find(std::string_view name) const;  // nullptr when it is not there
  // Throws Error(kBadModel) naming the file and the tensor when it is not there, or of an unknown element
  // type.
  const Tensor& at(std::string_view name) const;

 private:
  std::string source_;
  Tensors tensors_;
  Strings metadata_;
  Strings unreadable_;
  std::vector<std::shared_ptr<const MappedFile>> mapped_;
};

// Reads a file by what it holds, whatever its name: safetensors, torch's zip form, or torch's older pickle
// form. Throws Error(kIo) when it cannot be read, Error(kBadModel) when it is truncated, damaged, malicious
// or something else.
std::shared_ptr<const WeightFile> load_weights(const std::filesystem::path& path);

// The same from memory that `owner` keeps alive; `source` stands for the path.
std::shared_ptr<const WeightFile> parse_weights(std::span<const std::uint8_t> bytes,
                                                std::shared_ptr<const void> owner, const std::string& source);

// All tensors and metadata of all files; a later file's entry replaces an earlier one's of the same name.
std::shared_ptr<const WeightFile> merge(std::span<const std::shared_ptr<const WeightFile>> files);

}  // namespace anomalyvlm
