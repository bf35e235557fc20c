#include "eval/run/run_folder.h"

#include <system_error>

#include "core/check.h"
#include "core/platform.h"
#include "eval/data/listing.h"
#include "eval/run/evidence.h"

namespace anomalyvlm::eval {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormat = "anomalyvlm.run 1";

std::string dumped(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string to_line(const ImageRecord& record) {
  Json seconds = Json::object();
  for (const auto& [stage, time] : record.seconds) seconds[stage] = time;
  return dumped({{"index", record.index},
                 {"image", record.id},
                 {"kind", record.kind},
                 {"size", {record.width, record.height}},
                 {"anomalous", record.anomalous},
                 {"score", record.score},
                 {"kept", record.kept},
                 {"candidates", record.candidates},
                 {"seconds", seconds},
                 {"notes", record.notes}}) +
         "\n";
}

ImageRecord from_line(std::string_view line) {
  const Json json = Json::parse(line);
  ImageRecord record;
  record.index = json.at("index");
  record.id = json.at("image");
  record.kind = json.at("kind");
  record.width = json.at("size").at(0);
  record.height = json.at("size").at(1);
  if (record.width < 1 || record.height < 1) fail(ErrorKind::kBadInput, "a picture has no pixels");
  record.anomalous = json.at("anomalous");
  record.score = json.at("score");
  record.kept = json.at("kept");
  record.candidates = json.at("candidates");
  for (const auto& [stage, time] : json.at("seconds").items()) record.seconds.emplace_back(stage, time);
  record.notes = json.at("notes").get<std::vector<std::string>>();
  return record;
}

void make_folder(const fs::path& folder) {
  std::error_code error, ignored;
  fs::create_directories(folder / "evidence", error);
  if (!fs::is_directory(folder / "evidence", ignored))
    fail(ErrorKind::kIo, "The folder '{}' for the run cannot be made: {}.", folder.string(),
         error ? error.message() : "a file has this name");
  if (!can_write_into(folder))
    fail(ErrorKind::kIo, "The folder '{}' for the run is read-only.", folder.string());
}

// Other people's files are not mixed with a run's.
void check_is_free(const fs::path& folder) {
  std::error_code ignored;
  if (fs::exists(folder / "run.json", ignored) || !fs::is_directory(folder, ignored)) return;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name != "results.jsonl" && name != "evidence")  // of a run that was ended at its beginning
      fail(ErrorKind::kBadInput, "The folder '{}' holds other files ('{}') and no run; choose another one.",
           folder.string(), name);
  }
}

std::string shown(const Json& value) {
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
    return fmt::format("{} ({} there, {} here)", key, shown(other), shown(value));
  }
  return dumped(there) == dumped(here) ? "" : "configuration";
}

// None: there is none, or it is no run of this version.
std::optional<Json> read_run(const fs::path& file) {
  try {
    Json saved = Json::parse(read_file(file, std::size_t{1} << 26));
    if (saved.at("format") == kFormat && saved.at("configuration").is_object()) return saved;
  } catch (const std::exception&) {
  }
  return std::nullopt;
}

}  // namespace

RunFolder::RunFolder(const fs::path& folder, const RunPlan& plan) : folder_(folder), side_(plan.side) {
  check_is_free(folder);
  make_folder(folder);
  open_results();
  check_configuration(configuration_of(plan));
  const std::vector<PlannedImage> images = planned_images(plan);
  records_.resize(images.size());
  for (const PlannedImage& image : images) prompts_.push_back(plan.categories[image.category].prompts.size());
  read_records(images);
}

void RunFolder::open_results() {
  results_ = std::make_unique<GrowingFile>(folder_ / "results.jsonl", [&] {
    fail(ErrorKind::kBadInput,
         "Another process works on the run in '{}'; wait for it, or choose another folder.",
         folder_.string());
  });
}

bool RunFolder::holds(const fs::path& folder, const RunPlan& plan) {
  const std::optional<Json> saved = read_run(folder / "run.json");
  return saved && first_difference((*saved)["configuration"], configuration_of(plan)).empty();
}

void RunFolder::check_configuration(const Json& configuration) {
  const fs::path file = folder_ / "run.json";
  std::error_code ignored;
  if (!fs::exists(file, ignored)) {
    saved_ = {{"format", kFormat}, {"configuration", configuration}};
    write_file_atomically(file, dumped(saved_, 1) + "\n");
    return;
  }
  const std::optional<Json> saved = read_run(file);
  if (!saved)
    fail(ErrorKind::kBadInput, "'{}' describes no run of this version; choose another folder.",
         file.string());
  saved_ = *saved;
  const std::string difference = first_difference(saved_["configuration"], configuration);
  if (!difference.empty())
    fail(ErrorKind::kBadInput,
         "The folder '{}' holds a run with another {}; repeat that run's options to go on with it, or choose "
         "another folder.",
         folder_.string(), difference);
}

void RunFolder::check_models(const std::vector<std::string>& models) {
  if (!saved_.contains("models")) {
    saved_["models"] = models;
    write_file_atomically(folder_ / "run.json", dumped(saved_, 1) + "\n");
  } else if (saved_["models"] != Json(models)) {
    fail(ErrorKind::kBadInput,
         "The run in '{}' was begun with other models ({} there, {} here); choose another folder.",
         folder_.string(), shown(saved_["models"]), shown(Json(models)));
  }
}

std::vector<std::string> RunFolder::models() const {
  return saved_.contains("models") ? saved_["models"].get<std::vector<std::string>>()
                                   : std::vector<std::string>{};
}

// The last line may have been cut short. A line without its evidence, after a power failure, is done again.
void RunFolder::read_records(const std::vector<PlannedImage>& images) {
  const std::string text = read_file(folder_ / "results.jsonl");
  const std::size_t whole = text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1;
  std::string good;
  for (std::size_t at = 0; at < whole;) {
    const std::size_t end = text.find('\n', at) + 1;
    const std::string_view line(text.data() + at, end - at);
    at = end;
    try {
      ImageRecord record = from_line(line);
      std::error_code ignored;
      if (record.index >= images.size() || images[record.index].sample->id != record.id ||
          records_[record.index] || !fs::exists(evidence_file(record.index), ignored))
        continue;
      records_[record.index] = std::move(record);
      ++done_;
      good += line;
    } catch (const std::exception&) {
      continue;  // damaged: done again
    }
  }
  if (good.size() == text.size()) return;
  if (text.starts_with(good)) return results_->shorten(good.size());
  write_file_atomically(folder_ / "results.jsonl", good);
  open_results();  // the new file; the old one is held until then
}

fs::path RunFolder::evidence_file(std::size_t index) const {
  return folder_ / "evidence" / fmt::format("{:06}.safetensors", index);
}

std::vector<Detection> RunFolder::evidence(std::size_t index) const {
  std::vector<Detection> found = read_evidence(evidence_file(index));
  const ImageRecord& record = records_[index].value();
  const int width = side_ > 0 ? side_ : record.width, height = side_ > 0 ? side_ : record.height;
  if (found.size() != prompts_[index] || found[0].width != width || found[0].height != height)
    fail(ErrorKind::kBadModel,
         "'{}' is of another image or run ({} x {} pixels, {} prompts). Remove it, and run the evaluation "
         "again.",
         evidence_file(index).string(), found[0].width, found[0].height, found.size());
  return found;
}

void RunFolder::keep(std::size_t index, std::span<const Detection> found) {
  write_evidence(evidence_file(index), found);
}

void RunFolder::add(const ImageRecord& record) {
  const std::string line = to_line(record);
  const std::lock_guard lock(adding_);
  results_->append({reinterpret_cast<const std::uint8_t*>(line.data()), line.size()});
  AVLM_CHECK(!records_[record.index]);
  records_[record.index] = record;
  ++done_;
}

}  // namespace anomalyvlm::eval
