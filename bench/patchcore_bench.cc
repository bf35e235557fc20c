// PatchCore against the clock, for bench/peers/patchcore.py and alone: a bank of good images (fit), then the
// maps of others (predict), on Wide ResNet-50-2 with randomly initialised weights, which cost what real ones
// do, or on the embedded backbone. Prints lines of JSON: {"work": "fit", "seconds": ..., "cpu_seconds": ...,
// "stages": {...}}.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>

#include "core/check.h"
#include "core/threads.h"
#include "guarded.h"
#include "methods/patchcore/patchcore.h"
#include "models/nano/backbone.h"
#include "random_models.h"
#include "references/coreset.h"
#include "roles/adapters/nano_features.h"
#include "roles/adapters/resnet_features.h"

namespace anomalyvlm {
namespace {

struct Options {
  std::filesystem::path images, weights, folder = "build/bench";
  bool nano = false;
  int side = 256, train = 32, repeats = 3, threads = 2;
  std::string precision = "f32", work;
};

class Clock {
 public:
  template <typename Work>
  auto stage(const std::string& name, const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    auto result = work();
    stages_[name] += seconds_since(start);
    return result;
  }
  void print(const char* work) const {
    std::string stages;
    for (const auto& [name, seconds] : stages_)
      stages += fmt::format("{}\"{}\": {:.4f}", stages.empty() ? "" : ", ", name, seconds);
    fmt::print("{{\"work\": \"{}\", \"seconds\": {:.4f}, \"cpu_seconds\": {:.4f}, \"stages\": {{{}}}}}\n",
               work, seconds_since(start_), static_cast<double>(std::clock() - cpu_) / CLOCKS_PER_SEC,
               stages);
    std::fflush(stdout);
  }

 private:
  static double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::clock_t cpu_ = std::clock();
  std::map<std::string, double> stages_;
};

// Images of side x side, RGB, one after the other.
std::vector<Image> read_images(const Options& options) {
  const auto bytes = static_cast<std::size_t>(options.side) * static_cast<std::size_t>(options.side) * 3;
  std::vector<Image> images;
  std::ifstream stream(options.images, std::ios::binary);
  for (;;) {
    Image image{options.side, options.side, std::vector<std::uint8_t>(bytes)};
    if (!stream.read(reinterpret_cast<char*>(image.rgb.data()), static_cast<std::streamsize>(bytes))) break;
    images.push_back(std::move(image));
  }
  if (static_cast<int>(images.size()) <= options.train)
    fail(ErrorKind::kBadInput, "{} holds {} images; more than {} are needed.", options.images.string(),
         images.size(), options.train);
  return images;
}

std::shared_ptr<const FeatureLayers> layers_of(const Options& options) {
  const auto engine = nn::make_engine("openvino", {.disk_cache = false});
  const nn::Precision precision = options.precision == "bf16" ? nn::Precision::kBF16 : nn::Precision::kF32;
  if (options.nano)
    return std::make_shared<const NanoLayers>(
        std::make_shared<const nano::Backbone>(load_weights(options.weights), engine, precision), "nano");
  const auto weights = options.weights.empty() ? random_weights(options.folder, "wide-resnet50-2")
                                               : load_weights(options.weights);
  return wide_resnet_layers23(weights, engine, precision, "wide-resnet50-2");
}

class Bench {
 public:
  explicit Bench(const Options& options) : layers_(layers_of(options)) {}

  void warm_up(const Image& image) const { layers_->layers(patchcore::input_of(image, config_)); }

  void fit(std::span<const Image> images, bool print) {
    Clock clock;
    std::vector<float> vectors;
    for (const Image& image : images) {
      const patchcore::Embedding embedding = embedded(clock, image);
      vectors.insert(vectors.end(), embedding.vectors.begin(), embedding.vectors.end());
    }
    const std::int64_t size = config_.embedding_size,
                       count = static_cast<std::int64_t>(vectors.size()) / size;
    const Tensor all = Tensor::from<float>({count, size}, std::move(vectors));
    const std::vector<std::int64_t> picked = clock.stage("coreset", [&] { return greedy_coreset(all, {}); });
    std::vector<float> rows;
    for (const std::int64_t i : picked)
      rows.insert(rows.end(), all.floats().begin() + i * size, all.floats().begin() + (i + 1) * size);
    bank_ = RowPool(Tensor::from<float>({static_cast<std::int64_t>(picked.size()), size}, std::move(rows)));
    if (print) clock.print("fit");
  }

  void predict(std::span<const Image> images, bool print) const {
    Clock clock;
    for (const Image& image : images) {
      const patchcore::Embedding embedding = embedded(clock, image);
      const NearestRows found =
          clock.stage("search", [&] { return nearest(bank_, embedding.vectors, config_.neighbours); });
      clock.stage("map", [&] {
        return patchcore::anomaly_map(patchcore::patch_scores(found, config_), embedding.grid,
                                      {config_.input_side, config_.input_side}, config_);
      });
    }
    if (print) clock.print("predict");
  }

 private:
  patchcore::Embedding embedded(Clock& clock, const Image& image) const {
    const Image input = clock.stage("prepare", [&] { return patchcore::input_of(image, config_); });
    const std::vector<Tensor> layers = clock.stage("network", [&] { return layers_->layers(input); });
    return clock.stage("embed", [&] { return patchcore::embed(layers, config_); });
  }

  patchcore::Config config_;
  std::shared_ptr<const FeatureLayers> layers_;
  RowPool bank_;
};

int run(int argc, char** argv) {
  Options options;
  CLI::App app("Times of PatchCore.", "patchcore_bench");
  app.add_option("images", options.images, "file of RGB images, 8 bits, one after the other")->required();
  app.add_option("--side", options.side, "their width and height")->capture_default_str();
  app.add_option("--train", options.train, "the first so many are good ones, the others are judged")
      ->capture_default_str();
  app.add_option("--weights", options.weights, "of Wide ResNet-50-2; randomly initialised otherwise");
  app.add_flag("--nano", options.nano, "the weights are nano's: its backbone");
  app.add_option("--precision", options.precision)
      ->check(CLI::IsMember({"f32", "bf16"}))
      ->capture_default_str();
  app.add_option("--work", options.work, "print only this one's times")
      ->check(CLI::IsMember({"fit", "predict"}));
  app.add_option("--repeats", options.repeats)->capture_default_str();
  app.add_option("--threads", options.threads)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  set_thread_count(options.threads);
  const std::vector<Image> images = read_images(options);
  const auto good = std::span(images).first(static_cast<std::size_t>(options.train));
  const auto other = std::span(images).subspan(good.size());
  Bench bench(options);
  bench.warm_up(images.front());
  if (options.work == "predict") bench.fit(good, false);
  for (int i = 0; i < options.repeats && options.work != "predict"; ++i) bench.fit(good, true);
  if (options.work == "fit") return 0;
  bench.predict(other, false);
  for (int i = 0; i < options.repeats; ++i) bench.predict(other, true);
  return 0;
}

}  // namespace
}  // namespace anomalyvlm

int main(int argc, char** argv) {
  return anomalyvlm::guarded("patchcore_bench", [&] { return anomalyvlm::run(argc, argv); });
}
