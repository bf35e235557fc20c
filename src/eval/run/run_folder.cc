#include "eval/run/run_folder.h"

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <system_error>

#include "core/check.h"
#include "core/platform.h"
#include "core/sha256.h"
#include "eval/data/listing.h"
#include "eval/run/evidence.h"
#include "eval/run/run_state.h"

namespace anomalyvlm::eval {
namespace {

namespace fs = std::filesystem;

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// Empty: it cannot be read.
std::string digest_of_file(const fs::path& file) {
  try {
    const std::string content = read_file(file);
    return sha256_hex({reinterpret_cast<const std::uint8_t*>(content.data()), content.size()});
  } catch (const Error&) {
    return {};
  }
}

std::string excerpt(const Json& value) {
  return in_message(value.is_string() ? value.get<std::string>() : dumped(value));
}

// "model (nano there, paper here)"; empty when both are the same.
std::string first_difference(const Json& there, const Json& here) {
  for (const auto& [key, value] : here.items()) {
    const Json other = there.contains(key) ? there[key] : Json();
    if (other == value) continue;
    // Of these the values say nothing to people.
    if (key == "prompts") return "prompt, or with other phrases to compare";
    if (key == "images_sha256") return "choice of images, or with other names of them";
    if (value.is_object() && other.is_object()) return first_difference(other, value);
    return fmt::format("{} ({} there, {} here)", key, excerpt(other), excerpt(value));
  }
  return dumped(there) == dumped(here) ? "" : "configuration";
}

}  // namespace

RunFolder::RunFolder(const fs::path& folder, const RunPlan& plan) : folder_(folder), side_(plan.side) {
  check_folder(folder);
  make_folder(folder / "evidence");
  open_results();
  remove_leftovers(folder);
  check_configuration(configuration_of(plan));
  const std::vector<PlannedImage> images = planned_images(plan);
  records_.resize(images.size());
  for (const PlannedImage& image : images) prompts_.push_back(plan.categories[image.category].prompts.size());
  read_records(images);
}

RunFolder::~RunFolder() = default;

void RunFolder::open_results() {
  results_ = std::make_unique<GrowingFile>(folder_ / "results.jsonl", [&] {
    fail(ErrorKind::kBadInput,
         "Another process works on the run in '{}'; wait for it, or choose another folder.",
         folder_.string());
  });
}

bool RunFolder::holds(const fs::path& folder, const RunPlan& plan) {
  const Json wanted = configuration_of(plan);
  const SavedRun saved = read_run(folder);
  if (saved.state == SavedRun::kWhole) return first_difference(saved.json["configuration"], wanted).empty();
  return saved.state == SavedRun::kDamaged &&
         runs_of_lines(folder) == std::vector<std::string>{run_digest(wanted)};
}

void RunFolder::check_configuration(const Json& configuration) {
  run_ = run_digest(configuration);
  SavedRun saved = read_run(folder_);
  if (saved.state == SavedRun::kOther)
    fail(ErrorKind::kBadInput, "'{}' describes no run of this version; choose another folder.",
         (folder_ / "run.json").string());
  if (saved.state != SavedRun::kWhole) {
    const std::vector<std::string> runs = runs_of_lines(folder_);
    if (std::any_of(runs.begin(), runs.end(), [&](const std::string& run) { return run != run_; }))
      fail(
          ErrorKind::kBadInput,
          "The description of the run in '{}' (run.json) is missing or damaged, and its images were run with "
          "other options than these; choose another folder.",
          folder_.string());
    if (!runs.empty() || saved.state == SavedRun::kDamaged)
      notes_.emplace_back("The run's description, run.json, was missing or damaged and is written again.");
    saved_ = std::make_unique<Json>(Json{{"format", kRunFormat}, {"configuration", configuration}});
    return write_run(folder_, *saved_);
  }
  saved_ = std::make_unique<Json>(std::move(saved.json));
  const std::string difference = first_difference((*saved_)["configuration"], configuration);
  if (!difference.empty())
    fail(ErrorKind::kBadInput,
         "The folder '{}' holds a run that differs in its {}; repeat that run's options to go on with it, or "
         "choose "
         "another folder.",
         folder_.string(), difference);
}

void RunFolder::check_models(const std::vector<std::string>& models) {
  const std::string here = fmt::format("{}", fmt::join(models, "; "));
  const auto check = [&](const std::string& there) {
    if (there != here)
      fail(ErrorKind::kBadInput,
           "The run in '{}' was begun with other models ({} there, {} here); choose another folder.",
           folder_.string(), in_message(there), in_message(here));
  };
  if (saved_->contains("models")) return check((*saved_)["models"]);
  for (const std::optional<ImageRecord>& record : records_)  // of a run whose run.json was lost
    for (const auto& [name, value] : record ? record->by : Provenance{})
      if (name == kModels) check(value);
  (*saved_)["models"] = here;
  write_run(folder_, *saved_);
}

// Whether a line still matches its image, ground truth and evidence.
bool RunFolder::take(ImageRecord record, const std::vector<PlannedImage>& images) {
  if (record.run != run_ || record.index >= images.size() || records_[record.index]) return false;
  const Sample& sample = *images[record.index].sample;
  if (sample.id != record.id) return false;
  const fs::path evidence = evidence_file(record.index);
  if (digest_of_file(evidence) != record.evidence_sha256) {
    notes_.push_back(fmt::format("The evidence of '{}' ('{}') is missing or damaged: the image is run again.",
                                 in_message(sample.id), evidence.string()));
    return false;
  }
  std::string changed = difference(record.files, sample);
  if (changed.empty() && (sample.kind != record.kind || label_name(sample.label) != record.label))
    changed = "its label";
  if (!changed.empty()) {
    notes_.push_back(
        fmt::format("'{}' is run again: {} was changed since it was run.", in_message(sample.id), changed));
    return false;
  }
  records_[record.index] = std::move(record);
  ++done_;
  return true;
}

// The last line may have been cut short. A line without its evidence, after a power failure, is run again.
void RunFolder::read_records(const std::vector<PlannedImage>& images) {
  const std::string text = read_file(folder_ / "results.jsonl");
  const std::size_t whole = text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1;
  std::string good;
  std::size_t damaged = 0;
  for (std::size_t at = 0; at < whole;) {
    const std::size_t end = text.find('\n', at) + 1;
    const std::string_view line(text.data() + at, end - at);
    at = end;
    try {
      if (take(from_line(line), images)) good += line;
    } catch (const std::exception&) {
      ++damaged;
    }
  }
  if (damaged > 0)
    notes_.push_back(fmt::format("{} of the run's results {} damaged: what is missing now is run again.",
                                 damaged == 1 ? "A line" : fmt::format("{} lines", damaged),
                                 damaged == 1 ? "was" : "were"));
  if (good.size() == text.size()) return;
  if (text.starts_with(good)) return results_->shorten(good.size());
  write_file_atomically(folder_ / "results.jsonl", good);
  open_results();  // the new file; the old one is held until then
}

fs::path RunFolder::evidence_file(std::size_t index) const {
  return folder_ / "evidence" / fmt::format("{:06}.safetensors", index);
}

std::vector<Evidence> RunFolder::evidence(std::size_t index) const {
  std::vector<Evidence> found = read_evidence(evidence_file(index));
  const ImageRecord& record = records_[index].value();
  const int width = side_ > 0 ? side_ : record.width, height = side_ > 0 ? side_ : record.height;
  if (found.size() != prompts_[index] || found[0].width != width || found[0].height != height)
    fail(ErrorKind::kBadModel,
         "'{}' is of another image or run ({} x {} pixels, {} prompts). Remove it, and run the evaluation "
         "again.",
         evidence_file(index).string(), found[0].width, found[0].height, found.size());
  return found;
}

std::string RunFolder::keep(std::size_t index, std::span<const Evidence> evidence) {
  write_evidence(evidence_file(index), evidence);
  return digest_of_file(evidence_file(index));
}

void RunFolder::add(ImageRecord record) {
  record.run = run_;
  const std::string line = to_line(record);
  const std::lock_guard lock(adding_);
  results_->append({reinterpret_cast<const std::uint8_t*>(line.data()), line.size()});
  AVLM_CHECK(!records_[record.index]);
  records_[record.index] = std::move(record);
  ++done_;
}

}  // namespace anomalyvlm::eval
