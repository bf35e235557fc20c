#include "store/convert/convert.h"

#include <set>

#include "core/platform.h"
#include "models/catalog/architectures.h"
#include "store/folder.h"
#include "weights/safetensors.h"

namespace anomalyvlm::store {

namespace fs = std::filesystem;

namespace {

const Architecture& known_architecture(const WeightFile& file, std::string_view given) {
  if (!given.empty()) return catalog::architecture_named(given);
  if (const Architecture* found = catalog::architecture_of(file)) return *found;
  fail(ErrorKind::kBadModel,
       "{}: its tensors are those of no architecture that is known here; give --architecture to see what is "
       "missing.",
       file.source());
}

// The origin that the file states if it was converted before, else what is known of it.
WeightFile::Strings origin_of(const fs::path& path, const WeightFile& file,
                              std::span<const std::uint8_t> bytes) {
  if (file.metadata().contains("architecture")) return file.metadata();
  WeightFile::Strings origin;
  origin["source"] = path.filename().string();
  const std::string sum = sha256_hex(bytes);
  origin["source_sha256"] = sum;
  for (const Published& entry : catalog::published()) {
    if (entry.sha256 != sum) continue;
    origin["published"] = entry.name;
    if (!entry.url.empty()) origin["source_url"] = entry.url;
    origin["licence"] = entry.licence;
  }
  return origin;
}

bool is_same_file(const fs::path& a, const fs::path& b) {
  std::error_code none;
  return fs::equivalent(a, b, none);
}

}  // namespace

Converted convert(const fs::path& from, const fs::path& to, std::string_view given,
                  const SaveOptions& options) {
  if (is_same_file(from, to))
    fail(ErrorKind::kBadInput, "The converted file would replace '{}' itself; give it another name.",
         from.string());
  require_free(to);
  const auto mapped = MappedFile::open(from);
  const auto file = catalog::with_authors_names(parse_weights(mapped->bytes(), mapped, from.string()));
  const Architecture& architecture = known_architecture(*file, given);
  catalog::require_architecture(*file, architecture);
  WeightFile::Strings about = description_of(architecture, options);
  about.merge(origin_of(from, *file, mapped->bytes()));  // what is there already stays
  const bool lacks_words = !architecture.vocabulary.empty() && !about.contains("vocabulary");
  SafetensorsWriter writer(to, entries_of(architecture, options.bf16), std::move(about), true);
  std::set<std::string_view> written;
  for (const auto& entry : writer.entries()) {
    const Tensor& tensor = file->at(entry.name);
    writer.add(entry.type == DType::kBF16 ? to_bf16(tensor) : tensor.to_f32());
    written.insert(entry.name);
  }
  writer.finish();
  forbid_others_to_write(to);
  Converted result{&architecture, written.size(), {}, lacks_words};
  for (const auto& [name, tensor] : file->tensors())
    if (!written.contains(name)) result.left_out.push_back(name);
  return result;
}

}  // namespace anomalyvlm::store
