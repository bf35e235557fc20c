#include "store/folder.h"

#include <cstdlib>

#include "core/check.h"
#include "core/platform.h"
#include "core/sha256.h"
#include "weights/grounding_dino_names.h"
#include "weights/safetensors_writer.h"
#include "weights/shown.h"

namespace anomalyvlm::store {

namespace fs = std::filesystem;

namespace {

std::uint64_t size_or_zero(const fs::path& file) {
  std::error_code none;
  const auto size = fs::is_regular_file(file, none) ? fs::file_size(file, none) : 0;
  return none ? 0 : size;
}

}  // namespace

fs::path models_folder() {
  const char* own = std::getenv("ANOMALYVLM_MODELS");
  return own && *own ? fs::path(own) : user_data_directory() / "models";
}

fs::path converted_path(const fs::path& file, bool bf16) {
  fs::path path = file;
  return path.replace_extension(bf16 ? ".bf16.safetensors" : ".safetensors");
}

fs::path unfinished_path(const fs::path& file) { return file.string() + ".part"; }

Stock stock_of(const Published& entry, const fs::path& folder) {
  Stock stock;
  stock.file = folder / entry.file;
  stock.bytes = size_or_zero(stock.file);
  stock.there = stock.bytes > 0 && (entry.bytes == 0 || stock.bytes == entry.bytes);
  stock.fetched = size_or_zero(unfinished_path(stock.file));
  if (entry.architecture.empty()) return stock;
  for (const bool bf16 : {false, true}) {
    const fs::path converted = converted_path(stock.file, bf16);
    if (size_or_zero(converted) > 0) (bf16 ? stock.bf16 : stock.f32) = converted;
  }
  return stock;
}

fs::path locate(const Published& entry, const fs::path& folder) {
  const Stock stock = stock_of(entry, folder);
  if (!stock.f32.empty()) return stock.f32;
  if (stock.there) return stock.file;
  if (!stock.bf16.empty()) return stock.bf16;
  if (stock.bytes > 0)
    fail(ErrorKind::kIo,
         "'{}' has {} bytes instead of {}, so it is not whole: run 'anomalyvlm models fetch {}'.",
         stock.file.string(), stock.bytes, entry.bytes, entry.name);
  fail(ErrorKind::kIo, "The weights {} are not there: run 'anomalyvlm models fetch {}', or {}.", entry.name,
       entry.name, by_hand(entry, folder));
}

std::shared_ptr<const WeightFile> open_published(std::string_view name, const fs::path& folder) {
  return with_authors_names(load_weights(locate(published_named(name), folder)));
}

std::string identity_of(const WeightFile& file) {
  const auto said = [&](std::string_view key) {
    const auto found = file.metadata().find(key);
    return found == file.metadata().end() ? std::string() : shown(found->second);
  };
  const std::string architecture = said("architecture");
  if (architecture.empty()) return fs::path(file.source()).filename().string();
  if (const std::string weights = said("weights"); !weights.empty())
    return fmt::format("{}, {}", architecture, weights);
  return fmt::format("{} from {} (sha256 {})", architecture, said("source"), said("source_sha256"));
}

std::string by_hand(const Published& entry, const fs::path& folder) {
  const std::string size = entry.bytes > 0 ? fmt::format(" ({} bytes)", entry.bytes) : "";
  const std::string from =
      entry.url.empty() ? fmt::format(" ({})", entry.note) : fmt::format(" from {}", entry.url);
  const std::string named = entry.url.ends_with(entry.file) || entry.url.empty()
                                ? fmt::format("the file {}{}{}", entry.file, size, from)
                                : fmt::format("the file{}{} as {}", from, size, entry.file);
  return fmt::format("put {} into '{}'", named, folder.string());
}

void verify_published(const Published& entry, const fs::path& file) {
  const auto mapped = MappedFile::open(file);
  const std::uint64_t size = mapped->bytes().size();
  if (entry.bytes > 0 && size != entry.bytes)
    fail(ErrorKind::kBadModel, "'{}' has {} bytes, but {} has {}", file.string(), size, entry.file,
         entry.bytes);
  const std::string sum = sha256_hex(mapped->bytes());
  if (sum != entry.sha256)
    fail(ErrorKind::kBadModel, "'{}' has the SHA-256 {}, but {} has {}: it is damaged, or another file",
         file.string(), sum, entry.file, entry.sha256);
}

void verify_converted(const fs::path& file) {
  const auto mapped = MappedFile::open(file);
  const auto weights = parse_weights(mapped->bytes(), mapped, file.string());
  const auto seal = weights->metadata().find(kSeal);
  if (seal == weights->metadata().end())
    fail(ErrorKind::kBadModel, "'{}' carries no SHA-256 by which it could be verified", file.string());
  if (data_sha256(mapped->bytes()) != seal->second)
    fail(ErrorKind::kBadModel,
         "'{}' is damaged: its data have another SHA-256 than it says; convert it again", file.string());
}

}  // namespace anomalyvlm::store
