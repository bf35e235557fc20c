#include "store/folder.h"

#include <array>
#include <cstdlib>

#include "core/check.h"
#include "core/platform.h"
#include "core/sha256.h"
#include "models/catalog/architectures.h"
#include "weights/excerpt.h"
#include "weights/seal.h"

namespace anomalyvlm::store {

namespace fs = std::filesystem;

namespace {

fs::path folder_from_environment() {
  const char* own = std::getenv("ANOMALYVLM_MODELS");
  return own ? own : "";
}

// Whether a converted file is whole and was made from the published one.
bool comes_from(const Published& entry, const fs::path& file) {
  try {
    const auto mapped = MappedFile::open(file);
    const auto weights = parse_weights(mapped->bytes(), mapped, file.string());
    const auto source = weights->metadata().find("source_sha256");
    if (source == weights->metadata().end() || source->second != entry.sha256) return false;
    require_seal(mapped->bytes(), *weights);
    return true;
  } catch (const Error&) {
    return false;
  }
}

// Somebody's own file need not be sealed, but a broken seal says that it is damaged.
void refuse_damaged(const fs::path& file) {
  if (file.empty()) return;
  const auto mapped = MappedFile::open(file);
  const auto weights = parse_weights(mapped->bytes(), mapped, file.string());
  if (weights->metadata().contains(kSeal)) require_seal(mapped->bytes(), *weights);
}

// The file to load, whose seal, if it has one, is whole; empty: there is none.
fs::path best_of(const Stock& stock, const Published& entry) {
  if (!stock.f32.empty() && comes_from(entry, stock.f32)) return stock.f32;
  if (stock.there) return stock.file;
  if (!stock.bf16.empty() && comes_from(entry, stock.bf16)) return stock.bf16;
  const fs::path& own = stock.f32.empty() ? stock.bf16 : stock.f32;  // other training, random numbers
  refuse_damaged(own);
  return own;
}

// "the file mobile_sam.pt (40728226 bytes) from https://...".
std::string file_by_hand(const Published& entry) {
  const std::string size = entry.bytes > 0 ? fmt::format(" ({} bytes)", entry.bytes) : "";
  const std::string from =
      entry.url.empty() ? fmt::format(" ({})", entry.note) : fmt::format(" from {}", entry.url);
  return entry.url.ends_with(entry.file) || entry.url.empty()
             ? fmt::format("the file {}{}{}", entry.file, size, from)
             : fmt::format("the file{}{} as {}", from, size, entry.file);
}

[[noreturn]] void fail_without(std::span<const Published* const> entries, const fs::path& folder) {
  std::vector<std::string_view> names;
  std::vector<std::string> files;
  for (const Published* entry : entries) {
    names.push_back(entry->name);
    files.push_back(file_by_hand(*entry));
  }
  fail(ErrorKind::kIo, "The weights {} are not there: run 'anomalyvlm models fetch {}', or put {} into '{}'.",
       fmt::join(names, ", "), fmt::join(names, " "), fmt::join(files, " and "), folder.string());
}

std::uint64_t size_or_zero(const fs::path& file) {
  std::error_code none;
  const auto size = fs::is_regular_file(file, none) ? fs::file_size(file, none) : 0;
  return none ? 0 : size;
}

}  // namespace

fs::path models_folder() {
  if (const fs::path own = folder_from_environment(); !own.empty()) return own;
  const fs::path data = user_data_directory();
  return data.empty() ? data : data / "models";
}

void require_folder(const fs::path& folder) {
  if (folder.empty())
    fail(ErrorKind::kIo,
         "There is no folder for weights, for neither XDG_DATA_HOME nor HOME is the path of one: set "
         "ANOMALYVLM_MODELS.");
}

// Anyone who can write to the weights decides what is found. A folder that was named explicitly is its
// owner's responsibility.
void require_trusted(const fs::path& path, const fs::path& folder) {
  std::error_code none;
  if (!fs::exists(path, none)) return;
  const bool named = folder == folder_from_environment();
  const std::string why = why_not_trusted(path, named ? Owner::kAnybody : Owner::kUserOrRoot);
  if (why.empty()) return;
  fail(ErrorKind::kIo,
       "The weights in '{}' are not used, for they could have been replaced: {}. Put that right (chmod, "
       "chown), or set ANOMALYVLM_MODELS to another folder.",
       path.string(), why);
}

void forbid_others_to_write(const fs::path& file) {
  constexpr fs::perms kOthers = fs::perms::group_write | fs::perms::others_write;
  std::error_code error;
  if ((fs::status(file, error).permissions() & kOthers) == fs::perms::none) return;
  fs::permissions(file, kOthers, fs::perm_options::remove, error);
  if (error) fail(ErrorKind::kIo, "cannot change the mode of '{}': {}", file.string(), error.message());
}

fs::path converted_path(const fs::path& file, bool bf16) {
  fs::path path = file;
  return path.replace_extension(bf16 ? ".bf16.safetensors" : ".safetensors");
}

fs::path unfinished_path(const fs::path& file) { return file.string() + ".part"; }

Stock stock_of(const Published& entry, const fs::path& folder) {
  Stock stock;
  stock.file = folder / entry.file;
  if (folder.empty()) return stock;  // what lies where the program was started is something else
  stock.bytes = size_or_zero(stock.file);
  stock.there = stock.bytes > 0 && (entry.bytes == 0 || stock.bytes == entry.bytes);
  stock.fetched = size_or_zero(unfinished_path(stock.file));
  if (entry.architecture == nullptr) return stock;
  for (const bool bf16 : {false, true}) {
    const fs::path converted = converted_path(stock.file, bf16);
    if (size_or_zero(converted) > 0) (bf16 ? stock.bf16 : stock.f32) = converted;
  }
  return stock;
}

fs::path locate(const Published& entry, const fs::path& folder) {
  require_folder(folder);
  const Stock stock = stock_of(entry, folder);
  if (const fs::path best = best_of(stock, entry); !best.empty()) {
    require_trusted(folder, folder);
    require_trusted(best, folder);
    return best;
  }
  if (stock.bytes > 0)
    fail(ErrorKind::kIo,
         "'{}' has {} bytes instead of {}, so it is not whole, or another file: run 'anomalyvlm models fetch "
         "{}'.",
         stock.file.string(), stock.bytes, entry.bytes, entry.name);
  fail_without(std::array{&entry}, folder);
}

std::shared_ptr<const WeightFile> open_published(std::string_view name, const fs::path& folder) {
  return catalog::with_authors_names(load_weights(locate(catalog::published_named(name), folder)));
}

std::string identity_of(const WeightFile& file) {
  const auto said = [&](std::string_view key) {
    const auto found = file.metadata().find(key);
    return found == file.metadata().end() ? std::string() : excerpt(found->second);
  };
  const std::string architecture = said("architecture");
  if (architecture.empty()) return fs::path(file.source()).filename().string();
  if (const std::string weights = said("weights"); !weights.empty())
    return fmt::format("{}, {}", architecture, weights);
  return fmt::format("{} from {} (sha256 {})", architecture, said("source"), said("source_sha256"));
}

std::string by_hand(const Published& entry, const fs::path& folder) {
  return fmt::format("put {} into '{}'", file_by_hand(entry), folder.string());
}

std::vector<std::string> missing_of(std::span<const std::string> names, const fs::path& folder) {
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    const Stock stock = stock_of(catalog::published_named(name), folder);
    if (stock.bytes == 0 && stock.f32.empty() && stock.bf16.empty()) missing.push_back(name);
  }
  return missing;
}

void fail_without(std::span<const std::string> names, const fs::path& folder) {
  std::vector<const Published*> entries;
  for (const std::string& name : names) entries.push_back(&catalog::published_named(name));
  require_folder(folder);
  fail_without(entries, folder);
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
  require_seal(mapped->bytes(), *parse_weights(mapped->bytes(), mapped, file.string()));
}

}  // namespace anomalyvlm::store
