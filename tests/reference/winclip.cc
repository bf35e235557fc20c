// The kind "winclip_tiny": sentences, windows, and the maps made of them.
#include "methods/winclip/winclip.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "image/resize.h"
#include "models/clip/image_encoder.h"
#include "models/clip/image_input.h"
#include "models/clip/text_encoder.h"
#include "reference/clip_config.h"
#include "reference/pillow_image.h"
#include "reference/runner.h"
#include "reference/vocabulary.h"

namespace anomalyvlm::golden {
namespace {

using Json = nlohmann::json;

Tensor floats_of(const std::vector<double>& values, Shape shape) {
  return Tensor::from<float>(std::move(shape), {values.begin(), values.end()});
}

Tensor image_at(const Tensor& images, std::int64_t i) {
  const std::int64_t numbers = images.size() / images.dim(0);
  const auto from =
      images.floats().subspan(static_cast<std::size_t>(i * numbers), static_cast<std::size_t>(numbers));
  return Tensor::from<float>({1, images.dim(1), images.dim(2), images.dim(3)}, {from.begin(), from.end()});
}

// The rows of all images, one after the other.
class Rows {
 public:
  void add(const std::string& name, Shape shape, std::span<const float> values) {
    Entry& entry = rows_[name];
    entry.shape = std::move(shape);
    entry.values.insert(entry.values.end(), values.begin(), values.end());
    ++entry.count;
  }
  void add(const std::string& name, const Tensor& row) { add(name, row.shape(), row.floats()); }
  void give_to(Outputs& out) {
    for (auto& [name, entry] : rows_) {
      entry.shape.insert(entry.shape.begin(), entry.count);
      out.give(name, Tensor::from<float>(entry.shape, entry.values));
    }
  }

 private:
  struct Entry {
    Shape shape;
    std::vector<float> values;
    std::int64_t count = 0;
  };
  std::map<std::string, Entry> rows_;
};

class WinClipRun {
 public:
  WinClipRun(const GoldenCase& golden, GoldenContext& context, Outputs& out)
      : golden_(golden),
        out_(out),
        info_(golden.info.at("config")),
        config_(read_clip_config(info_)),
        tokenizer_(clip::Tokenizer::load(find_vocabulary(golden, "bpe_simple_vocab_16e6.txt.gz"),
                                         clip::SpecialTokens::kOpenClip)),
        texts_(golden.weights, context.engine(), nn::Precision::kF32, config_),
        encoder_(golden.weights, context.engine(), nn::Precision::kF32, config_),
        temperature_(info_.value("temperature", winclip::Config().temperature)) {}

  void run() {
    give_prototypes();
    const std::int64_t side = info_.value("image_size", config_.image_size);
    check_images(static_cast<int>(side));
    grid_ = {side / config_.patch, side / config_.patch};
    const Json kernels = info_.value("window_kernels_px", Json{{"large_scale", 48}, {"mid_scale", 32}});
    for (const char* scale : {"large_scale", "mid_scale"}) {
      const std::int64_t kernel = kernels.at(scale).get<std::int64_t>() / config_.patch;
      windows_.push_back({kernel, info_.value("window_stride_patches", std::int64_t{16} / config_.patch)});
      const std::vector<std::int64_t> cells = clip::patches_of(windows_.back(), grid_);
      std::vector<std::int64_t> mask;
      for (const std::int64_t cell : cells) mask.push_back(1 + cell);
      const auto count = static_cast<std::int64_t>(mask.size()) / (kernel * kernel);
      out_.give("window_mask_" + name_of_side(kernel),
                Tensor::from<std::int64_t>({count, kernel * kernel}, mask));
    }
    const Tensor images = golden_.input("images").to_f32();
    const auto indices = golden_.input("image_index").values<std::int64_t>();
    const auto objects = golden_.input("cls_id").values<std::int64_t>();
    for (std::size_t row = 0; row < indices.size(); ++row)
      see(image_at(images, indices[row]), prototypes_.at(static_cast<std::size_t>(objects[row])));
    rows_.give_to(out_);
  }

 private:
  static std::string name_of_side(std::int64_t side) { return fmt::format("{}x{}", side, side); }

  void give_prototypes() {
    std::vector<float> normal_means, anomalous_means;
    const auto objects = golden_.info.at("objects").get<std::vector<std::string>>();
    for (std::size_t i = 0; i < objects.size(); ++i) {
      const winclip::Sentences sentences = winclip::sentences_about(objects[i]);
      check_sentences(objects[i], sentences);
      const Tensor normal = texts_.vectors(tokenizer_, sentences.normal, clip::TooLong::kCut);
      const Tensor anomalous = texts_.vectors(tokenizer_, sentences.anomalous, clip::TooLong::kCut);
      if (const std::string name = fmt::format("text_features_normal_obj{}", i); golden_.wants(name))
        out_.give(name, normal);
      if (const std::string name = fmt::format("text_features_abnormal_obj{}", i); golden_.wants(name))
        out_.give(name, anomalous);
      for (const double value : winclip::mean_vector(normal))
        normal_means.push_back(static_cast<float>(value));
      for (const double value : winclip::mean_vector(anomalous))
        anomalous_means.push_back(static_cast<float>(value));
      prototypes_.push_back(winclip::prototypes(normal, anomalous));
    }
    const Shape shape = {static_cast<std::int64_t>(objects.size()), config_.embedding};
    out_.give("prototype_normal", Tensor::from<float>(shape, std::move(normal_means)));
    out_.give("prototype_abnormal", Tensor::from<float>(shape, std::move(anomalous_means)));
  }

  void check_sentences(const std::string& object, const winclip::Sentences& sentences) {
    if (!golden_.info.contains("prompts") || !golden_.info["prompts"].contains(object)) return;
    const Json& expected = golden_.info["prompts"][object];
    const bool same = expected.at("normal").get<std::vector<std::string>>() == sentences.normal &&
                      expected.at("abnormal").get<std::vector<std::string>>() == sentences.anomalous;
    out_.check("sentences about " + object, same, same ? "" : "are not those of the case");
  }

  // The image files made the network's input. A JPEG decoder may differ by a grey level here and there; other
  // arithmetic would differ by more, or everywhere.
  void check_images(int side) {
    constexpr double kLevel = 1 / (255 * 0.2613), kMost = 2.5, kMean = 0.05;
    const Json files = golden_.info.value("image_files", Json::array());
    const Tensor images = golden_.input("images").to_f32();
    for (std::size_t i = 0; i < files.size(); ++i) {
      const std::string file = files[i].get<std::string>();
      if (!std::filesystem::exists(golden_.dir / file)) continue;
      const Tensor got = clip::normalised(PillowImage(golden_, file, nullptr).resized(side, side));
      const Tensor expected = image_at(images, static_cast<std::int64_t>(i));
      double most = 0, sum = 0;
      for (std::size_t k = 0; k < got.floats().size(); ++k) {
        const double levels = std::abs(static_cast<double>(got.floats()[k]) - expected.floats()[k]) / kLevel;
        most = std::max(most, levels);
        sum += levels / static_cast<double>(got.size());
      }
      const bool same = most <= kMost && sum <= kMean;
      out_.check(
          fmt::format("image {} from its file", i), same,
          same ? "" : fmt::format("differs by {:.2f} grey levels at most, {:.3f} in the mean", most, sum));
    }
  }

  // One image, beside one object's sentences.
  void see(const Tensor& image, const winclip::Prototypes& prototypes) {
    const std::vector<Tensor> vectors = encoder_.vectors(image, windows_);
    rows_.add("class_token", {config_.embedding}, vectors.front().floats());
    const std::vector<double> score = winclip::anomaly_scores(vectors.front(), prototypes, temperature_);
    rows_.add("image_score", floats_of(score, {}));
    std::vector<std::vector<double>> maps;
    const Shape grid = {grid_.height, grid_.width};
    for (std::size_t i = 0; i < windows_.size(); ++i) {
      const std::string side = name_of_side(windows_[i].side);
      const std::vector<double> scores = winclip::anomaly_scores(vectors[i + 1], prototypes, temperature_);
      maps.push_back(winclip::harmonic_map(scores, clip::patches_of(windows_[i], grid_), grid_.places()));
      rows_.add("window_tokens_" + side, vectors[i + 1]);
      rows_.add("window_score_" + side, floats_of(scores, {static_cast<std::int64_t>(scores.size())}));
      rows_.add("map_" + side, floats_of(maps.back(), grid));
    }
    const Tensor combined = floats_of(winclip::combined_map(maps, score.front()), grid);
    rows_.add("multiscale_map", combined);
    rows_.add("anomaly_map", resize_torch_bilinear(combined, static_cast<int>(image.dim(3)),
                                                   static_cast<int>(image.dim(2))));
  }

  const GoldenCase& golden_;
  Outputs& out_;
  const Json& info_;
  clip::ClipConfig config_;
  clip::Tokenizer tokenizer_;
  clip::TextEncoder texts_;
  clip::ImageEncoder encoder_;
  double temperature_;
  Extent grid_;
  std::vector<clip::Windows> windows_;
  std::vector<winclip::Prototypes> prototypes_;
  Rows rows_;
};

}  // namespace

void run_winclip(const GoldenCase& golden, GoldenContext& context, Outputs& out) {
  WinClipRun(golden, context, out).run();
}

}  // namespace anomalyvlm::golden
