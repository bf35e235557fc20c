// The kind "patchcore": vectors of images, their coreset, and the scores of test images.
#include "methods/patchcore/patchcore.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "anomalyvlm/codec.h"
#include "models/resnet/dense_features.h"
#include "reference/resnet_config.h"
#include "reference/runner.h"
#include "references/coreset.h"

namespace anomalyvlm::golden {
namespace {

using Json = nlohmann::json;

constexpr const char* kReweighted = "paper.image_score_b";

// "layer2", "layer3": in the order of the network, as the authors' code needs them.
std::vector<int> read_layers(const Json& config) {
  std::vector<int> layers;
  for (const std::string& name :
       config.value("layers_to_extract_from", std::vector<std::string>{"layer2", "layer3"})) {
    if (name.size() != 6 || !name.starts_with("layer") || name[5] < '1' || name[5] > '4')
      throw NotSupported("PatchCore on the features of " + name);
    layers.push_back(name[5] - '0');
  }
  if (layers.empty() || !std::is_sorted(layers.begin(), layers.end()))
    throw NotSupported("PatchCore on layers that are not in the order of the network");
  return layers;
}

patchcore::Config read_patchcore_config(const Json& config) {
  static const std::set<std::string> known = {"backbone",
                                              "layers_to_extract_from",
                                              "input_shape",
                                              "resize",
                                              "imagesize",
                                              "pretrain_embed_dimension",
                                              "target_embed_dimension",
                                              "patchsize",
                                              "patchstride",
                                              "coreset_percentage",
                                              "number_of_starting_points",
                                              "dimension_to_project_features_to",
                                              "anomaly_scorer_num_nn",
                                              "smoothing_sigma",
                                              "image_mean",
                                              "image_std",
                                              "official_full_size"};
  for (const auto& [name, value] : config.items())
    if (!known.contains(name)) throw NotSupported(fmt::format("PatchCore has no setting '{}' here", name));
  patchcore::Config read;
  const std::vector<int> shape =
      config.value("input_shape", std::vector<int>{3, read.input_side, read.input_side});
  read.input_side = config.value("imagesize", shape.back());
  read.shorter_side = std::max(config.value("resize", read.shorter_side), read.input_side);
  read.patch_size = config.value("patchsize", read.patch_size);
  read.patch_stride = config.value("patchstride", read.patch_stride);
  read.layer_size = config.value("pretrain_embed_dimension", read.layer_size);
  read.embedding_size = config.value("target_embed_dimension", read.embedding_size);
  read.neighbours = config.value("anomaly_scorer_num_nn", read.neighbours);
  read.smoothing_sigma = config.value("smoothing_sigma", read.smoothing_sigma);
  return read;
}

class Run {
 public:
  Run(const GoldenCase& golden, GoldenContext& context, Outputs& out)
      : golden_(golden),
        out_(out),
        config_(golden.info.at("config")),
        settings_(read_patchcore_config(config_)) {
    ResNetConfig backbone = read_resnet_config(config_.value("backbone", Json::object()));
    layers_ = read_layers(config_);
    backbone.out_indices = layers_;
    network_ =
        std::make_unique<DenseFeatures>(golden.weights, context.engine(), nn::Precision::kF32, backbone);
  }

  void run() {
    for (const char* which : {"train", "test"}) check_preparation(which);
    const Tensor train = embedded("train");
    const std::vector<std::int64_t> picked = coreset(train);
    const Tensor bank = rows_of(train, picked);
    out_.give("coreset_indices",
              Tensor::from<std::int64_t>({static_cast<std::int64_t>(picked.size())}, picked));
    out_.give("memory_bank", bank);
    score(embedded("test"), RowPool(bank));
  }

 private:
  Extent input_size() const {
    const Tensor& images = golden_.input("test_images");
    return {images.dim(2), images.dim(3)};
  }

  Tensor embedded(const std::string& which) {
    const Tensor images = golden_.input(which + "_images").to_f32();
    const std::int64_t numbers = images.size() / images.dim(0);
    std::vector<float> vectors;
    for (std::int64_t i = 0; i < images.dim(0); ++i) {
      const auto from =
          images.floats().subspan(static_cast<std::size_t>(i * numbers), static_cast<std::size_t>(numbers));
      const std::vector<Tensor> layers = network_->layers(
          Tensor::from<float>({1, images.dim(1), images.dim(2), images.dim(3)}, {from.begin(), from.end()}));
      const patchcore::Embedding embedding = patchcore::embed(layers, settings_);
      grid_ = embedding.grid;
      vectors.insert(vectors.end(), embedding.vectors.begin(), embedding.vectors.end());
      if (which == "test" && i == 0) give_layers(layers);
    }
    const auto rows = static_cast<std::int64_t>(vectors.size()) / settings_.embedding_size;
    Tensor all = Tensor::from<float>({rows, settings_.embedding_size}, std::move(vectors));
    out_.give(which + "_embedding", all);
    return all;
  }

  // The features of the first test image, and the first of their patches.
  void give_layers(const std::vector<Tensor>& layers) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      out_.give(fmt::format("feature_layer{}", layers_[i]), layers[i]);
      const std::string name = fmt::format("patchify_layer{}_first_image", layers_[i]);
      for (const auto& [wanted, expected] : golden_.expected->tensors()) {
        if (!wanted.starts_with(name)) continue;
        const Tensor patches = patchcore::patchify(layers[i], settings_);
        out_.give(wanted, corner(patches, expected.shape()));
      }
    }
  }

  // The first of each axis.
  static Tensor corner(const Tensor& x, const Shape& shape) {
    std::vector<float> values;
    for (std::int64_t n = 0; n < shape[0]; ++n)
      for (std::int64_t c = 0; c < shape[1]; ++c)
        for (std::int64_t k = 0; k < shape[2] * shape[3]; ++k)
          values.push_back(
              x.floats()[static_cast<std::size_t>((n * x.dim(1) + c) * x.dim(2) * x.dim(3) + k)]);
    return Tensor::from<float>(shape, std::move(values));
  }

  std::vector<std::int64_t> coreset(const Tensor& rows) const {
    CoresetOptions options;
    options.share = config_.value("coreset_percentage", options.share);
    options.starting_points = config_.value("number_of_starting_points", options.starting_points);
    options.projected = config_.value("dimension_to_project_features_to", options.projected);
    CoresetDraws draws;
    if (golden_.has_input("projection")) draws.projection = golden_.input("projection").to_f32();
    if (golden_.has_input("start_points")) {
      const auto points = golden_.input("start_points").values<std::int64_t>();
      draws.starting_points = {points.begin(), points.end()};
    }
    return greedy_coreset(rows, options, {}, draws);
  }

  static Tensor rows_of(const Tensor& all, const std::vector<std::int64_t>& picked) {
    std::vector<float> rows;
    const std::int64_t size = all.dim(1);
    for (const std::int64_t i : picked) {
      const auto row =
          all.floats().subspan(static_cast<std::size_t>(i * size), static_cast<std::size_t>(size));
      rows.insert(rows.end(), row.begin(), row.end());
    }
    return Tensor::from<float>({static_cast<std::int64_t>(picked.size()), size}, std::move(rows));
  }

  // "patch_scores" with the case's own number of neighbours, "nn3.patch_scores" with 3.
  void score(const Tensor& vectors, const RowPool& bank) {
    std::set<std::pair<std::string, int>> all = {{"", settings_.neighbours}};
    for (const auto& [name, expected] : golden_.expected->tensors())
      if (name.starts_with("nn") && name.find('.') != std::string::npos)
        all.insert({name.substr(0, name.find('.') + 1), std::stoi(name.substr(2))});
    for (const auto& [prefix, neighbours] : all) {
      patchcore::Config config = settings_;
      config.neighbours = neighbours;
      score_with(vectors, nearest(bank, vectors.floats(), neighbours), config, prefix);
    }
    give_nearest(vectors, bank);
    for (const auto& [name, expected] : golden_.expected->tensors())
      if (name.starts_with(kReweighted)) give_reweighted(name, vectors, bank);
  }

  void score_with(const Tensor& vectors, const NearestRows& found, const patchcore::Config& config,
                  const std::string& prefix) {
    const std::vector<float> scores = patchcore::patch_scores(found, config);
    const std::int64_t images = vectors.dim(0) / grid_.places();
    std::vector<float> image_scores, maps;
    for (std::int64_t i = 0; i < images; ++i) {
      const auto own = std::span(scores).subspan(static_cast<std::size_t>(i * grid_.places()),
                                                 static_cast<std::size_t>(grid_.places()));
      image_scores.push_back(patchcore::image_score(own));
      const FloatMap map = patchcore::anomaly_map(own, grid_, input_size(), config);
      maps.insert(maps.end(), map.values.begin(), map.values.end());
    }
    out_.give(prefix + "patch_scores", Tensor::from<float>({images, grid_.height, grid_.width}, scores));
    out_.give(prefix + "image_score", Tensor::from<float>({images}, image_scores));
    out_.give(prefix + "anomaly_map",
              Tensor::from<float>({images, input_size().height, input_size().width}, maps));
  }

  // [images, rows, columns], or with the neighbours as a further axis.
  void give_nearest(const Tensor& vectors, const RowPool& bank) {
    const Tensor* expected = golden_.expected->find("nearest_index");
    if (expected == nullptr) return;
    const int count = expected->rank() == 4 ? static_cast<int>(expected->dim(3)) : 1;
    const NearestRows found = nearest(bank, vectors.floats(), count);
    Shape shape = {vectors.dim(0) / grid_.places(), grid_.height, grid_.width};
    if (expected->rank() == 4) shape.push_back(count);
    out_.give("nearest_index",
              Tensor::from<std::int64_t>(shape, {found.indices.begin(), found.indices.end()}));
  }

  void give_reweighted(const std::string& name, const Tensor& vectors, const RowPool& bank) {
    const int b = std::stoi(name.substr(std::string(kReweighted).size()));
    const auto numbers = static_cast<std::size_t>(grid_.places() * vectors.dim(1));
    std::vector<float> scores;
    for (std::size_t begin = 0; begin < vectors.floats().size(); begin += numbers) {
      const auto own = vectors.floats().subspan(begin, numbers);
      const patchcore::Embedding embedding{grid_, static_cast<int>(vectors.dim(1)), {own.begin(), own.end()}};
      scores.push_back(patchcore::reweighted_score({&bank, 1}, embedding, nearest(bank, own, 1), b));
    }
    out_.give(name, Tensor::from<float>({static_cast<std::int64_t>(scores.size())}, scores));
  }

  // The image files that lie there, made the network's input. A JPEG decoder may differ by a grey level here
  // and there; other arithmetic would differ by more, or everywhere.
  void check_preparation(const std::string& which) {
    static const std::vector<double> imagenet_mean = {0.485, 0.456, 0.406};
    if (!golden_.has_input(which + "_images") || config_.value("image_mean", imagenet_mean) != imagenet_mean)
      return;
    constexpr double kLevel = 1 / (255 * 0.224), kMost = 2, kMean = 0.01;
    if (config_.value("resize", settings_.shorter_side) != settings_.shorter_side)
      return;  // it would be padded
    const Json files = golden_.info.value(which + "_files", Json::array());
    const Tensor expected = golden_.input(which + "_images").to_f32();
    for (std::size_t i = 0; i < files.size(); ++i) {
      const std::filesystem::path file = golden_.dir / files[i].get<std::string>();
      if (!std::filesystem::exists(file)) continue;
      const Tensor got = imagenet_input(patchcore::input_of(read_image(file), settings_));
      const auto n = static_cast<std::size_t>(got.size());
      double most = static_cast<std::int64_t>(n) * expected.dim(0) == expected.size() ? 0 : HUGE_VAL, sum = 0;
      for (std::size_t k = 0; most < HUGE_VAL && k < n; ++k) {
        const double levels =
            std::abs(static_cast<double>(got.floats()[k]) - expected.floats()[i * n + k]) / kLevel;
        most = std::max(most, levels);
        sum += levels / static_cast<double>(n);
      }
      const bool same = most <= kMost && sum <= kMean;
      out_.check(
          fmt::format("{} image {} from its file", which, i), same,
          same ? "" : fmt::format("differs by {:.2f} grey levels at most, {:.3f} in the mean", most, sum));
    }
  }

  const GoldenCase& golden_;
  Outputs& out_;
  const Json& config_;
  patchcore::Config settings_;
  std::vector<int> layers_;
  std::unique_ptr<DenseFeatures> network_;
  Extent grid_;
};

}  // namespace

void run_patchcore(const GoldenCase& golden, GoldenContext& context, Outputs& out) {
  Run(golden, context, out).run();
}

}  // namespace anomalyvlm::golden
