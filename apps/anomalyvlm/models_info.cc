// anomalyvlm models list and info.
#include "models_info.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "anomalyvlm/data_folder.h"
#include "core/closest.h"
#include "core/printable.h"
#include "detector/registry.h"
#include "models/catalog/architectures.h"
#include "store/folder.h"
#include "weights/excerpt.h"

namespace anomalyvlm::cli {
namespace {

namespace fs = std::filesystem;
using catalog::Published;
using catalog::PublishedSet;
using store::Stock;

void row(std::string_view name, std::string_view value) {
  show("{:<13} {}\n", printable(name), printable(value));
}

std::string state_of(const Published& entry, const Stock& stock) {
  std::vector<std::string> state;
  if (stock.there) state.emplace_back("there");
  if (stock.bytes > 0 && !stock.there) state.emplace_back("not whole");
  if (stock.fetched > 0 && entry.bytes > 0)
    state.push_back(fmt::format("{} % fetched", 100 * stock.fetched / entry.bytes));
  if (!stock.f32.empty()) state.emplace_back("converted");
  if (!stock.bf16.empty()) state.emplace_back("converted to bfloat16");
  return state.empty() ? "-" : fmt::format("{}", fmt::join(state, ", "));
}

// A weight file's metadata, made fit for one line: it may contain anything.
std::string readable(const std::string& value) {
  constexpr std::size_t kLongest = 1000;
  const auto lines = std::count(value.begin(), value.end(), '\n');
  if (lines > 0) return fmt::format("{} lines", lines);
  const bool plain = std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
  return plain && value.size() <= kLongest ? value : excerpt(value);
}

// nano has no row in the catalog: nobody else publishes weights of it.
std::string architecture_named_in(const WeightFile& file) {
  if (const Architecture* architecture = catalog::architecture_of(file))
    return std::string(architecture->name);
  const auto& metadata = file.metadata();
  const auto model = metadata.find("model");
  const bool embedded = model != metadata.end() && model->second == kEmbedded;
  return embedded ? "nano, the embedded model" : "no architecture that is known here";
}

void print_weights(const fs::path& path) {
  const auto read = load_weights(path);
  const auto file = catalog::with_authors_names(read);
  std::set<std::string_view> types;
  std::int64_t parameters = 0;
  for (const auto& [name, tensor] : read->tensors()) {
    types.insert(name_of(tensor.dtype()));
    parameters += tensor.size();
  }
  row("file", path.string());
  row("tensors", fmt::format("{} of {:.1f} million numbers, {}", read->size(),
                             static_cast<double>(parameters) / 1e6, fmt::join(types, ", ")));
  if (const OtherNames* names = catalog::other_names_of(*read))
    row("names", fmt::format("{}'s", names->publisher));
  row("weights of", architecture_named_in(*file));
  for (const auto& [key, value] : read->metadata()) row(excerpt(key), readable(value));
}

void print_published(const Published& entry) {
  const Stock stock = store::stock_of(entry, store::models_folder());
  row("name", entry.name);
  row("what it is", entry.summary);
  row("licence", entry.licence);
  row("size", entry.bytes > 0 ? fmt::format("{} bytes", entry.bytes) : "not known beforehand");
  row("SHA-256", entry.sha256);
  row("from", entry.url.empty() ? entry.note : entry.url);
  row("architecture", entry.architecture == nullptr ? "-" : entry.architecture->name);
  row("belongs to", stock.file.string());
  row("state", state_of(entry, stock));
  if (entry.architecture == nullptr) return;
  for (const fs::path& path : {stock.there ? stock.file : fs::path(), stock.f32, stock.bf16})
    if (!path.empty()) print_weights(path);
}

std::string size_of(const Published& entry) { return entry.bytes == 0 ? "?" : megabytes(entry.bytes); }

void print_set(const PublishedSet& set) {
  row("name", set.name);
  row("what it is", set.summary);
  std::uint64_t bytes = 0;
  std::string unknown;
  std::vector<std::string_view> missing;
  for (const std::string_view member : set.members) {
    const Published& entry = catalog::published_named(member);
    const Stock stock = store::stock_of(entry, store::models_folder());
    row(member == set.members.front() ? "consists of" : "",
        fmt::format("{}, {}, {}: {}", member, size_of(entry), entry.licence, state_of(entry, stock)));
    bytes += entry.bytes;
    if (entry.bytes == 0) unknown += fmt::format(" and {}, of a size not known beforehand", member);
    if (!stock.there && stock.f32.empty() && stock.bf16.empty()) missing.push_back(member);
  }
  row("size", megabytes(bytes) + unknown);
  row("folder", store::models_folder().string());
  if (!missing.empty())
    row("not here",
        fmt::format("{}; 'anomalyvlm models fetch {}' gets them", fmt::join(missing, ", "), set.name));
}

// A mistyped name looks like a missing file.
void require_file(const std::string& what) {
  std::error_code ignored;
  if (fs::exists(what, ignored) || what.find_first_of("/.") != std::string::npos) return;
  std::vector<std::string> names{std::string(kEmbedded)};
  for (const Published& entry : catalog::published()) names.emplace_back(entry.name);
  for (const PublishedSet& set : catalog::published_sets()) names.emplace_back(set.name);
  const std::string meant = closest(what, names);
  throw UsageError(fmt::format(
      "There are no weights \"{}\", and no file of this name{}", what,
      meant.empty() ? "; 'anomalyvlm models list' shows what there is." : "; did you mean " + meant + "?"));
}

}  // namespace

fs::path embedded_file() { return find_data_folder({}) / "models" / "nano" / "nano.safetensors"; }

Exit list_models() {
  const fs::path folder = store::models_folder();
  show("{:<23} {:>10}  {:<13} {:<22} {}\n", "name", "size", "licence", "state", "what it is");
  for (const Published& entry : catalog::published())
    show("{:<23} {:>10}  {:<13} {:<22} {}\n", entry.name, size_of(entry), entry.licence,
         state_of(entry, store::stock_of(entry, folder)), entry.summary);
  for (const PublishedSet& set : catalog::published_sets())
    show("{:<23} {}: {}\n", set.name, set.summary, fmt::join(set.members, ", "));
  show("folder: {}\n", folder.empty() ? "none; set ANOMALYVLM_MODELS" : printable(folder.string()));
  return kFine;
}

Exit describe_model(const std::string& what) {
  if (const Published* entry = catalog::find_published(what)) {
    print_published(*entry);
  } else if (const PublishedSet* set = catalog::find_set(what)) {
    print_set(*set);
  } else if (what == kEmbedded) {
    row("name", what);
    row("what it is", model_entry(what).summary);
    print_weights(embedded_file());
  } else {
    require_file(what);
    print_weights(what);
  }
  return kFine;
}

}  // namespace anomalyvlm::cli
