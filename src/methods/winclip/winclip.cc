#include "methods/winclip/winclip.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "core/check.h"
#include "image/resize.h"

namespace anomalyvlm::winclip {
namespace {

// "{}" stands for the object, or for the state of it.
constexpr std::string_view kNormalStates[] = {"{}",
                                              "flawless {}",
                                              "perfect {}",
                                              "unblemished {}",
                                              "{} without flaw",
                                              "{} without defect",
                                              "{} without damage"};
constexpr std::string_view kAnomalousStates[] = {"damaged {}", "{} with flaw", "{} with defect",
                                                 "{} with damage"};
constexpr std::string_view kTemplates[] = {"a cropped photo of the {}.",
                                           "a close-up photo of a {}.",
                                           "a close-up photo of the {}.",
                                           "a bright photo of a {}.",
                                           "a bright photo of the {}.",
                                           "a dark photo of the {}.",
                                           "a dark photo of a {}.",
                                           "a jpeg corrupted photo of the {}.",
                                           "a jpeg corrupted photo of the {}.",
                                           "a blurry photo of the {}.",
                                           "a blurry photo of a {}.",
                                           "a photo of a {}.",
                                           "a photo of the {}.",
                                           "a photo of a small {}.",
                                           "a photo of the small {}.",
                                           "a photo of a large {}.",
                                           "a photo of the large {}.",
                                           "a photo of the {} for visual inspection.",
                                           "a photo of a {} for visual inspection.",
                                           "a photo of the {} for anomaly detection.",
                                           "a photo of a {} for anomaly detection."};

std::string filled(std::string_view pattern, std::string_view words) {
  const std::size_t at = pattern.find("{}");
  return fmt::format("{}{}{}", pattern.substr(0, at), words, pattern.substr(at + 2));
}

std::vector<std::string> ensemble(std::span<const std::string_view> states, const std::string& object) {
  std::vector<std::string> sentences;
  for (const std::string_view state : states)
    for (const std::string_view sentence : kTemplates)
      sentences.push_back(filled(sentence, filled(state, object)));
  return sentences;
}

void require_vectors(const Tensor& vectors) {
  if (vectors.rank() != 2 || vectors.size() == 0 || vectors.dtype() != DType::kF32)
    fail(ErrorKind::kBadInput, "WinCLIP: vectors must be float32 [n, E], not {}.",
         to_string(vectors.shape()));
}

std::vector<double> unit(std::vector<double> v) {
  double squared = 0;
  for (const double x : v) squared += x * x;
  for (double& x : v) x /= std::sqrt(squared);
  return v;
}

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

Sentences sentences_about(const std::string& object) {
  return {ensemble(kNormalStates, object), ensemble(kAnomalousStates, object)};
}

std::vector<double> mean_vector(const Tensor& vectors) {
  require_vectors(vectors);
  const auto width = static_cast<std::size_t>(vectors.dim(1));
  std::vector<double> mean(width);
  for (std::size_t i = 0; i < vectors.floats().size(); ++i) mean[i % width] += vectors.floats()[i];
  for (double& value : mean) value /= static_cast<double>(vectors.dim(0));
  return mean;
}

Prototypes prototypes(const Tensor& normal, const Tensor& anomalous) {
  return {unit(mean_vector(normal)), unit(mean_vector(anomalous))};
}

std::vector<double> anomaly_scores(const Tensor& vectors, const Prototypes& prototypes, double temperature) {
  require_vectors(vectors);
  const auto width = static_cast<std::size_t>(vectors.dim(1));
  if (prototypes.normal.size() != width || prototypes.anomalous.size() != width || !(temperature > 0))
    fail(ErrorKind::kBadInput,
         "WinCLIP: vectors of {} and of {} numbers, at a temperature of {}, cannot be compared.", width,
         prototypes.normal.size(), temperature);
  std::vector<double> scores;
  for (std::size_t begin = 0; begin < vectors.floats().size(); begin += width) {
    const auto row = vectors.floats().subspan(begin, width);
    const std::vector<double> v = unit({row.begin(), row.end()});
    const double closer = dot(v, prototypes.anomalous) - dot(v, prototypes.normal);
    scores.push_back(1 / (1 + std::exp(-closer / temperature)));
  }
  return scores;
}

std::vector<double> harmonic_map(std::span<const double> scores, std::span<const std::int64_t> cells,
                                 std::int64_t grid_cells) {
  AVLM_CHECK(!scores.empty() && cells.size() % scores.size() == 0);
  const std::size_t cells_of_each = cells.size() / scores.size();
  std::vector<double> inverse(static_cast<std::size_t>(grid_cells)), map(inverse.size());
  std::vector<int> windows(inverse.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto cell = static_cast<std::size_t>(cells[i]);
    AVLM_CHECK(cell < inverse.size());
    inverse[cell] += 1 / scores[i / cells_of_each];
    ++windows[cell];
  }
  for (std::size_t i = 0; i < map.size(); ++i)
    map[i] = windows[i] > 0 ? windows[i] / inverse[i] : std::numeric_limits<double>::quiet_NaN();
  return map;
}

std::vector<double> combined_map(const std::vector<std::vector<double>>& maps, double image_score) {
  AVLM_CHECK(!maps.empty());
  std::vector<double> combined(maps.front().size());
  for (std::size_t i = 0; i < combined.size(); ++i) {
    double inverse = 1 / image_score;
    for (const std::vector<double>& map : maps) inverse += 1 / map[i];
    const double mean = static_cast<double>(maps.size() + 1) / inverse;
    combined[i] = std::isfinite(mean) ? mean : 0;
  }
  return combined;
}

WinClip::WinClip(std::shared_ptr<const TextImageEncoder> encoder, const Config& config)
    : encoder_(std::move(encoder)), config_(config) {
  AVLM_CHECK(!config_.windows.empty());
}

Prototypes WinClip::about(const std::string& object) const {
  const Sentences sentences = sentences_about(object);
  return prototypes(encoder_->texts(sentences.normal), encoder_->texts(sentences.anomalous));
}

DenseObservation WinClip::observe(const Image& image, const Prototypes& prototypes) const {
  const TextImageEncoder::Seen seen = encoder_->see(image, config_.windows);
  const double score = anomaly_scores(seen.whole, prototypes, config_.temperature).front();
  if (!std::isfinite(score))
    fail(ErrorKind::kBadModel, "WinCLIP: the image's vector is not of numbers; the weights are damaged.");
  std::vector<std::vector<double>> maps;
  for (const TextImageEncoder::SeenWindows& windows : seen.windows)
    maps.push_back(harmonic_map(anomaly_scores(windows.vectors, prototypes, config_.temperature),
                                windows.cells, seen.grid.places()));
  const std::vector<double> map = combined_map(maps, score);
  const Tensor cells = Tensor::from<float>({seen.grid.height, seen.grid.width}, {map.begin(), map.end()});
  const Tensor pixels = resize_torch_bilinear(cells, image.width, image.height);
  return {.map = {image.width, image.height, {pixels.floats().begin(), pixels.floats().end()}},
          .evidence = {0, 0, static_cast<float>(image.width), static_cast<float>(image.height)},
          .score = score,
          .notes = {}};
}

}  // namespace anomalyvlm::winclip
