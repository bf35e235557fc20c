#include "store/convert/saved_model.h"

#include <algorithm>

#include "anomalyvlm/version.h"
#include "core/platform.h"
#include "models/catalog/catalog.h"

namespace anomalyvlm::store {

namespace {

DType type_of(const ExpectedTensor& tensor, const Architecture& architecture, bool bf16) {
  const bool exact = std::any_of(architecture.exact.begin(), architecture.exact.end(),
                                 [&](std::string_view pattern) { return matches(pattern, tensor.name); });
  return bf16 && tensor.shape.size() >= 2 && !exact ? DType::kBF16 : DType::kF32;
}

constexpr const char* kWrittenBy = "written_by";

// Empty: there is none to put inside.
std::filesystem::path vocabulary_of(const Architecture& architecture, const SaveOptions& options) {
  if (!options.vocabulary.empty() || options.folder.empty() || architecture.vocabulary.empty())
    return options.vocabulary;
  const std::filesystem::path usual = options.folder / catalog::published_named(architecture.vocabulary).file;
  std::error_code none;
  return std::filesystem::exists(usual, none) ? usual : std::filesystem::path();
}

}  // namespace

std::vector<SafetensorsWriter::Entry> entries_of(const Architecture& architecture, bool bf16) {
  std::vector<SafetensorsWriter::Entry> entries;
  for (const ExpectedTensor& tensor : architecture.tensors())
    entries.push_back({tensor.name, type_of(tensor, architecture, bf16), tensor.shape});
  return entries;
}

WeightFile::Strings description_of(const Architecture& architecture, const SaveOptions& options) {
  WeightFile::Strings about;
  about["architecture"] = architecture.name;
  about["config"] = architecture.config_json();
  about["precision"] = options.bf16 ? "bfloat16" : "float32";
  about[kWrittenBy] = "anomalyvlm " + version();
  const std::filesystem::path vocabulary = vocabulary_of(architecture, options);
  if (vocabulary.empty()) return about;
  if (architecture.vocabulary.empty())
    fail(ErrorKind::kBadInput, "A model {} reads no words: leave the vocabulary out.", architecture.name);
  constexpr std::size_t kLargest = 64 << 20;
  const std::string words = read_file(vocabulary, kLargest);
  about["vocabulary_sha256"] =
      sha256_hex({reinterpret_cast<const std::uint8_t*>(words.data()), words.size()});
  about["vocabulary"] = words;
  return about;
}

void require_free(const std::filesystem::path& to) {
  std::error_code none;
  if (std::filesystem::symlink_status(to, none).type() == std::filesystem::file_type::not_found) return;
  try {
    if (load_weights(to)->metadata().contains(kWrittenBy)) return;
  } catch (const Error&) {  // no weights, or damaged ones
  }
  fail(ErrorKind::kBadInput,
       "'{}' is there and was not written by this program: remove it, or give the weights another name "
       "(--out).",
       to.string());
}

}  // namespace anomalyvlm::store
