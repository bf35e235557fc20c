#include "references/partial_bank.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>
#include <system_error>

#include "core/check.h"
#include "core/folders.h"
#include "core/printable.h"
#include "core/sha256.h"
#include "references/origin_json.h"
#include "weights/safetensors.h"
#include "weights/seal.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;
using Lines = nlohmann::ordered_json;

constexpr const char *kBuild = "build.json", *kStart = "start.avref", *kWhole = "whole.avref",
                     *kScores = "scores.jsonl", *kImageEnding = ".safetensors", *kImageKey = "described";

bool is_own_name(const std::string& name) {
  if (name.ends_with(".part")) return true;  // of an AtomicFile
  for (const char* own : {kBuild, kStart, kWhole, kScores})
    if (name == own) return true;
  const std::string_view stem = std::string_view(name).substr(0, name.find('.'));
  return name == std::string(stem) + kImageEnding && !stem.empty() &&
         stem.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string tensor_name(const char* what, std::size_t part, std::size_t grid) {
  return fmt::format("{}.{}.{}", what, part, grid);
}

Lines numbers_of(const PixelRect& part) { return {part.x0, part.y0, part.x1, part.y1}; }

// As a bank keeps it: vectors in bfloat16.
void add_grid(WeightFile::Tensors& tensors, const DescriptorGrid& grid, std::size_t part,
              std::size_t number) {
  const auto cells = static_cast<std::int64_t>(grid.cells());
  tensors[tensor_name("vectors", part, number)] =
      to_bf16(Tensor::from({grid.height, grid.width, grid.size}, grid.vectors));
  tensors[tensor_name("places", part, number)] = Tensor::from({cells, 2}, grid.places);
  tensors[tensor_name("covered", part, number)] = Tensor::from(
      {4}, std::vector<float>{grid.covered.x0, grid.covered.y0, grid.covered.x1, grid.covered.y1});
  if (!grid.alarms.empty()) tensors[tensor_name("alarms", part, number)] = Tensor::from({cells}, grid.alarms);
}

std::vector<float> copied(const Tensor& tensor) {
  const std::span<const float> values = tensor.floats();
  return {values.begin(), values.end()};
}

DescriptorGrid grid_in(const WeightFile& file, std::size_t part, std::size_t number) {
  const Tensor& vectors = file.at(tensor_name("vectors", part, number));
  const std::vector<float> covered = copied(file.at(tensor_name("covered", part, number)));
  DescriptorGrid grid;
  grid.height = static_cast<int>(vectors.dim(0));
  grid.width = static_cast<int>(vectors.dim(1));
  grid.size = static_cast<int>(vectors.dim(2));
  grid.covered = {covered.at(0), covered.at(1), covered.at(2), covered.at(3)};
  grid.vectors = copied(vectors.to_f32());
  grid.places = copied(file.at(tensor_name("places", part, number)));
  if (const Tensor* alarms = file.find(tensor_name("alarms", part, number))) grid.alarms = copied(*alarms);
  return grid;
}

// What is damaged is not there.
std::shared_ptr<const Bank> kept_bank(const fs::path& file) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return nullptr;
  try {
    return read_bank(file);
  } catch (const Error&) {
    return nullptr;
  }
}

std::shared_ptr<const WeightFile> kept_file(const fs::path& file) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return nullptr;
  try {
    const auto text = std::make_shared<const std::string>(read_file(file));
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(text->data()), text->size());
    const auto read = parse_weights(bytes, text, file.string());
    require_seal(bytes, *read);
    return read->metadata().contains(kImageKey) ? read : nullptr;
  } catch (const Error&) {
    return nullptr;
  }
}

std::string key_of(const std::string& prompt, const std::string& sha256) {
  return sha256_hex({reinterpret_cast<const std::uint8_t*>(prompt.data()), prompt.size()}) + sha256;
}

}  // namespace

fs::path PartialBank::folder_of(const fs::path& bank) { return bank.string() + ".partial"; }

PartialBank::PartialBank(const fs::path& bank, const BankOrigin& origin, bool replace)
    : folder_(folder_of(bank)), replace_(replace) {
  std::error_code ignored;
  if (const fs::path parent = bank.parent_path(); !parent.empty() && !fs::is_directory(parent, ignored))
    fail(ErrorKind::kIo, "cannot write '{}': there is no folder '{}'", bank.string(), parent.string());
  check_folder();
  make_folder(folder_);
  lines_ = std::make_unique<GrowingFile>(folder_ / kScores, [&] {
    fail(ErrorKind::kBadInput, "Another process builds '{}'; wait for it, or choose another file.",
         bank.string());
  });
  remove_stale_parts(folder_);
  check_origin(origin);
  read_scores();
}

PartialBank::~PartialBank() {
  if (lines_ == nullptr) return;
  std::error_code error;
  for (fs::directory_iterator entry(folder_, error), end; !error && entry != end; entry.increment(error))
    if (const std::string name = entry->path().filename().string(); name != kBuild && name != kScores) return;
  try {
    remove();
  } catch (const Error&) {
    // It stays, without anything in it.
  }
}

void PartialBank::check_folder() const {
  std::error_code error;
  for (fs::directory_iterator entry(folder_, error), end; !error && entry != end; entry.increment(error))
    if (!is_own_name(entry->path().filename().string()))
      fail(ErrorKind::kBadInput,
           "The folder '{}', where an unfinished build is kept, holds other files ('{}'); rename it, or "
           "choose "
           "another file for the bank.",
           folder_.string(), printable(entry->path().filename().string()));
}

void PartialBank::check_origin(const BankOrigin& origin) {
  const Lines wanted = to_json(origin);
  origin_ = wanted.dump(1, ' ', false, Lines::error_handler_t::replace) + "\n";
  std::error_code ignored;
  const fs::path file = folder_ / kBuild;
  const Lines there = fs::exists(file, ignored) ? Lines::parse(read_file(file), nullptr, false) : Lines();
  if (there.is_object()) {
    for (const auto& [name, value] : wanted.items())
      if (const Lines other = there.contains(name) ? there[name] : Lines(); other != value) {
        refuse(fmt::format("with another {} ({} there, {} here)", name, other.dump(), value.dump()));
        return;
      }
    return;
  }
  forget();  // its description was lost
}

void PartialBank::refuse(const std::string& why) {
  if (!replace_)
    fail(ErrorKind::kBadInput,
         "'{}' holds an unfinished build {}; delete it, or let it be replaced (--overwrite).",
         folder_.string(), why);
  forget();
}

void PartialBank::forget() {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(folder_, error), end; !error && entry != end; entry.increment(error))
    if (const std::string name = entry->path().filename().string(); name != kScores && is_own_name(name))
      files.push_back(entry->path());
  for (const fs::path& file : files) fs::remove(file, error);
  lines_->shorten(0);
  scores_.clear();
  write_file_atomically(folder_ / kBuild, origin_);
}

void PartialBank::read_scores() {
  const std::string text = read_file(folder_ / kScores);
  std::size_t whole = 0;  // up to the last line that is
  for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    const Lines line = Lines::parse(text.begin() + static_cast<std::ptrdiff_t>(at),
                                    text.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    if (!line.is_object() || !line.contains("of") || !line["of"].is_string() || !line.contains("score") ||
        !line["score"].is_number())
      break;
    scores_[line["of"].get<std::string>()] = line["score"].get<double>();
    whole = end + 1;
  }
  if (whole < text.size()) lines_->shorten(whole);
}

std::size_t PartialBank::images() const {
  for (const auto& bank : {whole(), start()})
    if (bank != nullptr) return bank->images().size();
  std::error_code ignored;
  std::size_t count = 0;
  while (fs::exists(file_of(count), ignored)) ++count;
  return count;
}

std::shared_ptr<const Bank> PartialBank::start() const { return kept_bank(folder_ / kStart); }
std::shared_ptr<const Bank> PartialBank::whole() const { return kept_bank(folder_ / kWhole); }

fs::path PartialBank::file_of(std::size_t number) const {
  return folder_ / (std::to_string(number) + kImageEnding);
}

std::optional<std::vector<DescribedPart>> PartialBank::described(std::size_t number,
                                                                 const std::string& sha256) const {
  const auto file = kept_file(file_of(number));
  if (file == nullptr) return std::nullopt;
  const Lines image = Lines::parse(file->metadata().at(kImageKey));  // sealed: as it was written
  if (image.at("sha256") != sha256) return std::nullopt;
  std::vector<DescribedPart> parts;
  for (const Lines& part : image.at("parts")) {
    const std::size_t number_of_part = parts.size();
    const Lines& rect = part.at("rect");
    DescribedPart& read = parts.emplace_back();
    read.part = {rect.at(0), rect.at(1), rect.at(2), rect.at(3)};
    for (std::size_t g = 0; g < part.at("grids").get<std::size_t>(); ++g)
      read.grids.push_back(grid_in(*file, number_of_part, g));
  }
  return parts;
}

std::string PartialBank::first_image() const {
  const auto file = kept_file(file_of(0));
  return file == nullptr ? "" : Lines::parse(file->metadata().at(kImageKey)).at("sha256");
}

void PartialBank::keep(std::size_t number, const std::string& sha256,
                       std::span<const DescribedPart> described) {
  WeightFile::Tensors tensors;
  Lines image = {{"sha256", sha256}, {"parts", Lines::array()}};
  for (std::size_t p = 0; p < described.size(); ++p) {
    image["parts"].push_back({{"rect", numbers_of(described[p].part)}, {"grids", described[p].grids.size()}});
    for (std::size_t g = 0; g < described[p].grids.size(); ++g)
      add_grid(tensors, described[p].grids[g], p, g);
  }
  write_safetensors(file_of(number), tensors, {{kImageKey, image.dump()}}, /*sealed=*/true);
}

void PartialBank::keep_start(const Bank& bank) {
  write_bank(folder_ / kStart, bank);
  std::error_code ignored;
  for (std::size_t number = bank.images().size(); number-- > 0;) {
    if (!fs::remove(file_of(number), ignored)) break;  // those before went with an earlier start
  }
}

void PartialBank::keep_whole(const Bank& bank) {
  lines_->shorten(0);
  scores_.clear();
  write_bank(folder_ / kWhole, bank);
}

std::optional<double> PartialBank::score(const std::string& prompt, const std::string& sha256) const {
  const auto found = scores_.find(key_of(prompt, sha256));
  return found == scores_.end() ? std::nullopt : std::optional(found->second);
}

void PartialBank::keep_score(const std::string& prompt, const std::string& sha256, double score) {
  const std::string key = key_of(prompt, sha256);
  const Lines record = {{"of", key}, {"score", score}};
  const std::string line = record.dump() + "\n";
  lines_->append({reinterpret_cast<const std::uint8_t*>(line.data()), line.size()});
  scores_[key] = score;
}

void PartialBank::remove() {
  forget();
  std::error_code ignored;
  fs::remove(folder_ / kBuild, ignored);
  lines_->remove();  // last, as it is the lock
  lines_.reset();
  fs::remove(folder_, ignored);  // it stays if another process has begun there
}

}  // namespace anomalyvlm
