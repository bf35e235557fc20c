#include "train/nano/trainer.h"

#include <ATen/core/grad_mode.h>
#include <fmt/chrono.h>

#include <chrono>
#include <cmath>
#include <numbers>

#include "core/platform.h"
#include "models/nano/network.h"
#include "train/nano/batches.h"
#include "train/nano/loss.h"
#include "train/nano/parameters.h"
#include "train/nano/validation.h"
#include "train/nano/words.h"
#include "weights/safetensors.h"

namespace anomalyvlm::train {
namespace {

using Clock = std::chrono::steady_clock;
using Initial = std::vector<std::pair<std::string, Tensor>>;

constexpr std::uint64_t kTrainingSeeds = 1'000'000'000;

Tensor random_normal(const Shape& shape, double deviation, synthetic::Rng& rng) {
  std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
  for (float& v : values) v = rng.n(0, deviation);
  return Tensor::from<float>(shape, std::move(values));
}

Tensor filled(const Shape& shape, float value) {
  return Tensor::from<float>(shape,
                             std::vector<float>(static_cast<std::size_t>(element_count(shape)), value));
}

bool ends_with(const std::string& name, std::string_view tail) {
  return name.size() >= tail.size() && std::string_view(name).substr(name.size() - tail.size()) == tail;
}

Tensor initial_value(const ExpectedTensor& tensor, synthetic::Rng& rng) {
  constexpr float kRare = -3.0F;  // few pixels are defects
  if (tensor.name == "decoder.defect.bias") return filled(tensor.shape, kRare);
  if (ends_with(tensor.name, "norm.weight") || ends_with(tensor.name, "running_var"))
    return filled(tensor.shape, 1);
  if (tensor.shape.size() == 1) return filled(tensor.shape, 0);
  const double fan_in =
      static_cast<double>(element_count(tensor.shape)) / static_cast<double>(tensor.shape[0]);
  return random_normal(tensor.shape, std::sqrt(2 / fan_in), rng);
}

class Training {
 public:
  Training(const TrainOptions& options, const std::function<void(const std::string&)>& log)
      : options_(options), log_(log), device_(options.device), lexicon_(make_lexicon()), rng_(options.seed) {
    network_.folded_norm = false;
    build_parameters();
    if (!options_.start.empty()) calibrate_norms();
    if (options_.resume && std::filesystem::exists(checkpoint())) load_checkpoint();
  }

  void run() {
    BatchFeed feed(options_.batch, step_, kTrainingSeeds + options_.seed * kTrainingSeeds, Schedule{});
    const Clock::time_point start = Clock::now();
    const double before = spent_;
    double last_validation = spent_, sum = 0, waited = 0;
    const std::int64_t first = step_;
    while (progress() < 1) {
      parameters_.groups[kEncoder].set_trainable(progress() >= options_.frozen_share);
      const Clock::time_point waiting = Clock::now();
      const Batch batch = feed.next();
      waited += std::chrono::duration<double>(Clock::now() - waiting).count();
      sum += train_step(batch);
      spent_ = before + std::chrono::duration<double>(Clock::now() - start).count() / 60;
      if (++step_ % kLogEvery == 0) {
        const double seconds = (spent_ - before) * 60;
        log_(fmt::format(
            "{:7.2f} min step {} pictures {} loss {:.4f} rate {:.1e}{} {:.1f} pictures/s ({:.0f} % waiting)",
            spent_, step_, step_ * options_.batch, sum / kLogEvery, rate(),
            parameters_.groups[kEncoder].trainable() ? "" : " encoder fixed",
            static_cast<double>((step_ - first) * options_.batch) / seconds, waited / seconds * 100));
        sum = 0;
      }
      if (spent_ - last_validation > options_.validate_minutes) {
        last_validation = spent_;
        finish_part();
      }
    }
    finish_part();
  }

 private:
  static constexpr std::size_t kDecoder = 0, kEncoder = 1;
  static constexpr int kLogEvery = 20;

  void build_parameters() {
    const auto known = options_.start.empty() ? published_encoder() : started_before();
    Initial encoder, decoder;
    const auto model = [&](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
      return nano::network(root, network_, inputs[0]);
    };
    for (const ExpectedTensor& tensor : nn::trace_signature(model, {{"image", {1, 3, 256, 256}}}).weights) {
      const auto found = known.find(tensor.name);
      const bool fits = found != known.end() && found->second.shape() == tensor.shape;
      const Tensor value = fits ? found->second : initial_value(tensor, rng_);
      if (tensor.name.rfind("encoder.", 0) == 0)
        encoder.emplace_back(tensor.name, value);
      else if (tensor.name.find(".norm.running_") != std::string::npos)
        parameters_.statistics.emplace(tensor.name, nn::to_torch(value, device_));
      else
        decoder.emplace_back(tensor.name, value);
    }
    const auto words = static_cast<std::int64_t>(lexicon_.words().size());
    decoder.emplace_back("words", random_normal({words, network_.embedding}, 0.3, rng_));
    parameters_.groups.emplace_back(decoder, device_, options_.weight_decay);
    parameters_.groups.emplace_back(encoder, device_, options_.weight_decay);
  }

  WeightFile::Tensors published_encoder() const {
    WeightFile::Tensors tensors;
    const auto published = load_weights(options_.encoder);
    for (auto& [name, tensor] : fold_efficientnet_lite(*published, EfficientNetLiteConfig::lite0()))
      tensors.emplace("encoder." + name, tensor);
    return tensors;
  }

  // The norms of an exported file are folded: what is left of one is its convolution's bias. That goes on as
  // the bias of a norm that is still to be calibrated.
  WeightFile::Tensors started_before() const {
    WeightFile::Tensors tensors;
    const auto file = load_weights(options_.start);
    for (const std::string& name : file->names()) {
      const Tensor tensor = file->at(name).to_f32();
      const std::string ending = ".conv.bias";
      if (name.rfind("decoder.", 0) == 0 && ends_with(name, ending)) {
        const std::string norm = name.substr(0, name.size() - ending.size()) + ".norm.";
        tensors.emplace(norm + "bias", tensor);
        tensors.emplace(norm + "weight", filled(tensor.shape(), 0));
      } else {
        tensors.emplace(name, tensor);
      }
    }
    return tensors;
  }

  void calibrate_norms() {
    const at::NoGradGuard no_gradients;
    constexpr int kPictures = 48;
    const Batch batch = draw_batch(kTrainingSeeds, kPictures, {});
    CalibratingBackend backend(device_);
    const nn::Scope root(backend, parameters_);
    nano::decode(root, network_, nano::encode(root, backend.value(batch.images.to(device_))));
  }

  double progress() const { return spent_ / options_.minutes; }

  double rate() const {
    const double warm = std::min(1.0, static_cast<double>(step_ + 1) / 100);
    return options_.learning_rate * warm *
               (0.5 + 0.5 * std::cos(std::numbers::pi * std::min(progress(), 1.0))) +
           1e-6;
  }

  double train_step(const Batch& batch) {
    TrainingBackend backend(device_);
    const nn::Scope root(backend, parameters_);
    const nn::Value image = backend.value(batch.images.to(device_));
    std::vector<nn::Value> features;
    {
      const at::AutoGradMode gradients(parameters_.groups[kEncoder].trainable());
      features = nano::encode(root, image);
    }
    const nano::Heads heads = nano::decode(root, network_, features);
    const at::Tensor loss = total_loss(heads, batch, words(), draw_phrases(lexicon_, rng_));
    loss.backward();
    update();
    return loss.item<double>();
  }

  at::Tensor words() const { return parameters_.groups[kDecoder].tensors().at("words"); }

  void update() {
    constexpr double kLongestGradient = 2;
    double norm2 = 0;
    for (const Group& group : parameters_.groups) norm2 += group.trainable() ? group.gradient_norm2() : 0;
    const double factor = std::min(1.0, kLongestGradient / (std::sqrt(norm2) + 1e-6));
    for (std::size_t g = 0; g < parameters_.groups.size(); ++g) {
      Group& group = parameters_.groups[g];
      if (!group.trainable()) continue;
      group.scale_gradient(factor);
      group.step(rate() * (g == kEncoder ? options_.encoder_rate : 1.0), options_.average);
    }
  }

  // Validates and keeps the averaged weights, and a checkpoint to go on from.
  void finish_part() {
    save_checkpoint();
    for (Group& group : parameters_.groups) group.swap_average();
    const WeightFile::Tensors tensors = parameters_.export_tensors();
    const Validation v =
        validate(parameters_, network_, words(), lexicon_, options_.validation_pictures, device_);
    for (Group& group : parameters_.groups) group.swap_average();
    log_(fmt::format("  held out: max-F1 {:.4f} AP {:.4f} kinds right {:.3f} named first {:.3f}", v.max_f1,
                     v.average_precision, v.kinds_right, v.named_first));
    WeightFile::Tensors halves;
    for (const auto& [name, tensor] : blended(nano::fold_norms(tensors))) halves[name] = to_f16(tensor);
    WeightFile::Strings metadata = lexicon_.to_metadata();
    metadata["model"] = "nano";
    metadata["training"] =
        fmt::format("{} pictures, seed {}, held-out max-F1 {:.4f}, {:.2f} of the weights from before",
                    step_ * options_.batch, options_.seed, v.max_f1, options_.blend);
    write_safetensors(options_.out / "nano.safetensors", halves, metadata);
  }

  // What the start lacks stays as it is.
  WeightFile::Tensors blended(WeightFile::Tensors trained) const {
    if (options_.blend <= 0 || options_.start.empty()) return trained;
    const auto start = load_weights(options_.start);
    const auto share = static_cast<float>(options_.blend);
    for (auto& [name, tensor] : trained) {
      const Tensor* earlier = start->find(name);
      if (earlier == nullptr || earlier->shape() != tensor.shape()) continue;
      const Tensor before = earlier->to_f32();
      std::vector<float> values(tensor.floats().begin(), tensor.floats().end());
      for (std::size_t i = 0; i < values.size(); ++i) values[i] += share * (before.floats()[i] - values[i]);
      tensor = Tensor::from<float>(tensor.shape(), std::move(values));
    }
    return trained;
  }

  std::filesystem::path checkpoint() const { return options_.out / "checkpoint.safetensors"; }

  void save_checkpoint() const {
    WeightFile::Tensors tensors;
    parameters_.groups[kDecoder].save("decoder", tensors);
    parameters_.groups[kEncoder].save("encoder", tensors);
    for (const auto& [name, tensor] : parameters_.statistics) tensors[name] = nn::from_torch(tensor);
    tensors["step"] = Tensor::from<std::int64_t>({1}, {step_});
    tensors["minutes"] = Tensor::from<float>({1}, {static_cast<float>(spent_)});
    write_safetensors(checkpoint(), tensors);
  }

  void load_checkpoint() {
    const auto file = load_weights(checkpoint());
    parameters_.groups[kDecoder].load("decoder", *file);
    parameters_.groups[kEncoder].load("encoder", *file);
    for (auto& [name, tensor] : parameters_.statistics) tensor.copy_(nn::to_torch(file->at(name), device_));
    step_ = file->at("step").values<std::int64_t>()[0];
    spent_ = file->at("minutes").floats()[0];
  }

  TrainOptions options_;
  std::function<void(const std::string&)> log_;
  at::Device device_;
  nano::Lexicon lexicon_;
  synthetic::Rng rng_;
  nano::NetworkConfig network_;
  TrainedParameters parameters_;
  std::int64_t step_ = 0;
  double spent_ = 0;  // minutes, over all runs of this schedule
};

}  // namespace

void train_nano(const TrainOptions& options, const std::function<void(const std::string&)>& log) {
  std::filesystem::create_directories(options.out);
  Training(options, log).run();
}

}  // namespace anomalyvlm::train
