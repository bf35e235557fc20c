#include "detect_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <optional>

#include "anomalyvlm/codec.h"
#include "core/check.h"
#include "explain.h"

namespace anomalyvlm::cli {
namespace {

std::string read_standard_input(std::size_t limit) {
  std::string content;
  char part[1 << 16];
  for (std::size_t n; (n = std::fread(part, 1, sizeof part, stdin)) > 0;) {
    content.append(part, n);
    if (content.size() > limit)
      fail(ErrorKind::kBadInput, "Standard input has more than the {} bytes that are allowed here.", limit);
  }
  if (content.empty()) fail(ErrorKind::kBadInput, "Standard input is empty; '-' reads an image from there.");
  return content;
}

Image read(const std::filesystem::path& file, int bits, ReadInfo& info) {
  ReadOptions options;
  options.bits = bits;
  if (file != DetectRun::kStandardInput) return read_image(file, options, &info);
  const std::string content = read_standard_input(options.limits.max_file_bytes);
  return decode_image({reinterpret_cast<const std::uint8_t*>(content.data()), content.size()},
                      "standard input", options, &info);
}

// The strongest region first, since it determines the image's score.
std::string summary(const std::string& name, const Detection& found, const HybridPrompt& prompt) {
  constexpr std::size_t kShown = 10;
  const std::vector<const Candidate*> regions = counted_regions(found, prompt);
  std::string line = fmt::format("{}  score {:.3f}", name, found.image_score);
  if (found.verdict != Verdict::kNone)
    line +=
        fmt::format("  {} (limit {:.4g})", found.verdict == Verdict::kOk ? "OK" : "not OK", *prompt.limit);
  if (found.p_value) line += fmt::format("  p {:.3g}", *found.p_value);
  if (!found.no_content.empty()) line += fmt::format("  no content: {};", found.no_content);
  line += fmt::format("  {} region{}", regions.size(), regions.size() == 1 ? "" : "s");
  const std::size_t shown = std::min(kShown, regions.size());
  for (std::size_t i = 0; i < shown; ++i)
    line += fmt::format("{}{} {:.2f}", i == 0 ? ": " : ", ", regions[i]->phrase, regions[i]->refined_score);
  if (shown < regions.size()) line += fmt::format(" and {} weaker", regions.size() - shown);
  if (regions.size() < found.kept) line += fmt::format("; {} below the limit", found.kept - regions.size());
  return line;
}

}  // namespace

Exit DetectRun::operator()(const std::vector<PlannedImage>& images) {
  images_ = &images;
  read_.resize(images.size());
  progress_.emplace(images.size());
  progress_->show(0, images.front().file.filename().string());
  detect_batch(
      detector_, settings_.prompt, [this] { return next(); },
      [this](BatchOutput output) { done(std::move(output)); }, {.in_flight = settings_.jobs});
  progress_->clear();
  return finish();
}

// Called by worker threads, one at a time.
std::optional<BatchInput> DetectRun::next() {
  if (next_ == images_->size()) return std::nullopt;
  const std::size_t i = next_++;
  const PlannedImage& planned = (*images_)[i];
  BatchInput input{.name = planned.file.string(),
                   .load = [this, i, &planned] { return read(planned.file, settings_.bits, read_[i]); },
                   .settings = {.ignored = settings_.ignored, .references = settings_.references}};
  if (images_->size() == 1)
    input.settings.progress = [this](int done, int all) {
      show_tiles(done, all);
      return true;
    };
  return input;
}

void DetectRun::show_tiles(int done, int all) {
  if (all < 2) return;
  if (!tiles_) tiles_.emplace(static_cast<std::size_t>(all), " tiles");
  tiles_->show(static_cast<std::size_t>(done), "");
}

void DetectRun::done(BatchOutput output) {
  tiles_.reset();
  const std::size_t i = output.index;
  try {
    if (output.error) throw Error(*output.error);
    write(output, (*images_)[i]);
  } catch (const std::exception& error) {
    progress_->clear();
    report("{}", sentence_of(error));
    if (settings_.csv) settings_.csv->add_failure(output.name, sentence_of(error));
    ++failed_;
  }
  if (i + 1 < images_->size()) progress_->show(i + 1, (*images_)[i + 1].file.filename().string());
}

void DetectRun::write(const BatchOutput& output, const PlannedImage& planned) {
  const ReadInfo& info = read_[output.index];
  if (info.bits_guessed) guessed_bits_.insert(info.bits);
  ResultOptions results = settings_.results;
  results.dir = planned.dir;
  results.stem = planned.stem;
  results.input = output.name;
  write_results(output.detection, output.image, settings_.prompt, results);
  progress_->clear();
  tell(output.name, output.detection, info.warnings);
  if (output.detection.verdict == Verdict::kNotOk) ++not_ok_;
  constexpr double kStrong = 0.5;  // a score that shows in a mask of the usual threshold
  if (output.detection.image_score >= settings_.prompt.limit.value_or(kStrong)) ++strong_;
  if (!output.detection.no_content.empty() && without_content_++ == 0) first_without_content_ = output.name;
  if (settings_.csv) settings_.csv->add(output.name, output.detection, settings_.prompt);
}

void DetectRun::tell(const std::string& name, const Detection& found,
                     const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) note("{}", warning);
  for (const std::string& text : settings_.explain ? std::vector<std::string>{} : found.notes)
    if (noted_.insert(text).second) note("note: {}", text);
  double seconds = 0;
  for (const auto& [stage, time] : found.timings) seconds += time;
  detail("{}: {} x {} pixels, {} candidates, {:.2f} s.", name, found.width, found.height,
         found.candidates.size(), seconds);
  if (settings_.explain) show("{}\n", explain(found, settings_.prompt));
  write_result_line(summary(name, found, settings_.prompt));
}

Exit DetectRun::finish() {
  const std::size_t images = images_->size();
  if (failed_ > 0 && images > 1) report("{} of {} images could not be processed.", failed_, images);
  if (without_content_ > 0 && images > 1)
    note("{} of {} images {} no content that could be inspected, '{}' for one{}.", without_content_, images,
         without_content_ == 1 ? "has" : "have", first_without_content_,
         settings_.prompt.limit ? "; such images are not OK, whatever their score" : "");
  if (settings_.prompt.limit && images > 1) detail("{} of {} images are not OK.", not_ok_, images - failed_);
  if (settings_.mutual && 2 * strong_ > images)
    note(
        "{} of {} images seem defective: what most of a batch shows counts as normal (--mutual), so that "
        "defects "
        "they share may be missed.",
        strong_, images);
  if (guessed_bits_.size() > 1)
    note(
        "16-bit images were read as {}-bit, as each of them seemed to be; if they are of one camera, say "
        "--bits {}, so that their scores can be compared.",
        fmt::join(guessed_bits_, "-bit or "), *guessed_bits_.rbegin());
  if (settings_.csv) settings_.csv->finish();
  if (failed_ > 0) return kFailed;
  return not_ok_ > 0 && settings_.verdict_exit ? kNotOk : kFine;
}

}  // namespace anomalyvlm::cli
