#include "detect_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <optional>

#include "core/check.h"
#include "explain.h"
#include "image/codec.h"
#include "inputs.h"

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
  if (file != kStandardInput) return read_image(file, options, &info);
  const std::string content = read_standard_input(options.limits.max_file_bytes);
  return decode_image({reinterpret_cast<const std::uint8_t*>(content.data()), content.size()},
                      "standard input", options, &info);
}

// The strongest region first, for it gives the image its score.
std::string summary(const std::string& name, const Detection& found, const HybridPrompt& prompt) {
  constexpr std::size_t kShown = 10;
  const std::vector<const Candidate*> regions = counted_regions(found, prompt);
  std::string line = fmt::format("{}  score {:.3f}", name, found.image_score);
  if (found.verdict != Verdict::kNone)
    line += fmt::format("  {} (limit {:g})", found.verdict == Verdict::kOk ? "OK" : "not OK", *prompt.limit);
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
  single_ = images.size() == 1;
  Progress progress(images.size());
  std::size_t failed = 0;
  for (std::size_t i = 0; i < images.size(); ++i) {
    progress.show(i, images[i].file.filename().string());
    if (!done(images[i], progress)) ++failed;
  }
  progress.clear();
  return finish(images.size(), failed);
}

bool DetectRun::done(const PlannedImage& image, Progress& progress) {
  try {
    one(image, progress);
    return true;
  } catch (const std::exception& error) {
    progress.clear();
    report("{}", sentence_of(error));
    if (settings_.csv) settings_.csv->add_failure(image.file.string(), sentence_of(error));
    return false;
  }
}

void DetectRun::one(const PlannedImage& planned, Progress& progress) {
  ReadInfo info;
  const Image image = read(planned.file, settings_.bits, info);
  if (info.bits_guessed) guessed_bits_.insert(info.bits);
  std::optional<Progress> tiles;  // of a single image
  const auto show_tiles = [&](int done, int all) {
    if (!single_ || all < 2) return true;
    if (!tiles) tiles.emplace(static_cast<std::size_t>(all), " tiles");
    tiles->show(static_cast<std::size_t>(done), "");
    return true;
  };
  const Detection found = detector_.detect(image.view(), settings_.prompt, settings_.ignored, show_tiles);
  tiles.reset();
  ResultOptions results = settings_.results;
  results.dir = planned.dir;
  results.stem = planned.stem;
  results.input = planned.file.string();
  write_results(found, image, settings_.prompt, results);
  progress.clear();
  tell(results.input, found, info.warnings);
  if (found.verdict == Verdict::kNotOk) ++not_ok_;
  if (settings_.csv) settings_.csv->add(results.input, found, settings_.prompt);
}

void DetectRun::tell(const std::string& name, const Detection& found,
                     const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) note("{}", warning);
  for (const std::string& text : found.notes)
    if (noted_.insert(text).second) note("note: {}", text);
  double seconds = 0;
  for (const auto& [stage, time] : found.timings) seconds += time;
  detail("{}: {} x {} pixels, {} candidates, {:.2f} s.", name, found.width, found.height,
         found.candidates.size(), seconds);
  if (settings_.explain) show("{}\n", explain(found, settings_.prompt));
  write_result_line(summary(name, found, settings_.prompt));
}

Exit DetectRun::finish(std::size_t images, std::size_t failed) {
  if (failed > 0 && images > 1) report("{} of {} images could not be done.", failed, images);
  if (settings_.prompt.limit && images > 1) detail("{} of {} images are not OK.", not_ok_, images - failed);
  if (guessed_bits_.size() > 1)
    note(
        "16-bit images were read as {}-bit, as each of them seemed to be; if they are of one camera, say "
        "--bits {}, so that their scores can be compared.",
        fmt::join(guessed_bits_, "-bit or "), *guessed_bits_.rbegin());
  if (settings_.csv) settings_.csv->finish();
  if (failed > 0) return kFailed;
  return not_ok_ > 0 && settings_.verdict_exit ? kNotOk : kFine;
}

}  // namespace anomalyvlm::cli
