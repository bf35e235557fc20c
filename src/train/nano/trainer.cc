#include "train/nano/trainer.h"

#include <ATen/core/grad_mode.h>
#include <fmt/chrono.h>

#include <chrono>
#include <cmath>
#include <numbers>

#include "core/platform.h"
#include "models/nano/network.h"
#include "train/nano/augment.h"
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

// The last weights of a branch that corrects what it is added to: it begins at nothing.
bool is_correction(const std::string& name) { return name.find(".out.") != std::string::npos; }

Tensor initial_value(const ExpectedTensor& tensor, synthetic::Rng& rng) {
  constexpr float kRare = -3.0F;  // few pixels are defects
  if (tensor.name == "decoder.defect.bias") return filled(tensor.shape, kRare);
  if (ends_with(tensor.name, "norm.weight") || ends_with(tensor.name, "running_var"))
    return filled(tensor.shape, 1);
  if (ends_with(tensor.name, "norm1.weight") || ends_with(tensor.name, "norm2.weight"))
    return filled(tensor.shape, 1);
  if (tensor.shape.size() == 1 || is_correction(tensor.name)) return filled(tensor.shape, 0);
  const double fan_in =
      static_cast<double>(element_count(tensor.shape)) / static_cast<double>(tensor.shape[0]);
  return random_normal(tensor.shape, std::sqrt(2 / fan_in), rng);
}

class Training {
 public:
  Training(const TrainOptions& options, const std::function<void(const std::string&)>& log)
      : options_(options), log_(log), device_(options.device), lexicon_(make_lexicon()), rng_(options.seed) {
    network_.folded_norm = false;
    schedule_.ramp = options.ramp;
    at::globalContext().setAllowTF32CuDNN(true);
    at::globalContext().setAllowTF32CuBLAS(true);
    at::manual_seed(options.seed);
    build_parameters();
    if (!options_.start.empty()) calibrate_norms();
    if (options_.resume && std::filesystem::exists(checkpoint())) load_checkpoint();
    held_out_ = draw_validation(options_.validation_images, options_.generator_threads);
    draw_for_statistics();
  }

  void run() {
    BatchFeed feed(step_, options_.generator_threads, [this](std::int64_t number) {
      return draw_training_batch(number, options_.batch, kTrainingSeeds * (1 + options_.seed), schedule_);
    });
    const double before = spent_;
    double last_validation = spent_, last_log = spent_;
    std::int64_t last_step = step_;
    loss_sum_ = at::zeros({}, at::TensorOptions(at::kFloat).device(device_));
    const double log_minutes = std::min(0.2, options_.minutes / 8);
    if (step_ == 0) check("at the start");
    const Clock::time_point start = Clock::now();
    while (progress() < 1) {
      parameters_.groups[kEncoder].set_trainable(progress() >= options_.frozen_share);
      train_step(next_batch(feed));
      ++step_;
      spent_ = before + std::chrono::duration<double>(Clock::now() - start).count() / 60;
      if (spent_ - last_log > log_minutes) {
        log_progress(step_ - last_step, spent_ - last_log);
        last_log = spent_;
        last_step = step_;
      }
      if (spent_ - last_validation > options_.validate_minutes && progress() < 1) {
        last_validation = spent_;
        finish_part();
      }
    }
    finish_part();
  }

 private:
  static constexpr std::size_t kDecoder = 0, kEncoder = 1;

  // A new batch or, if the generator cannot keep up, an earlier one, mirrored.
  Batch next_batch(BatchFeed& feed) {
    const auto full = static_cast<std::int64_t>(recent_.size()) >= options_.reuse;
    std::optional<Batch> made;
    if (options_.reuse > 0 && full) {
      made = feed.if_ready();
      if (!made) {
        const Batch& again = recent_[rng_.i(0, options_.reuse - 1)];
        return again.flipped(rng_.p(0.5), rng_.p(0.5));
      }
    } else {
      const Clock::time_point waiting = Clock::now();
      made = feed.next();
      waited_ += std::chrono::duration<double>(Clock::now() - waiting).count() / 60;
    }
    ++generated_;
    const Batch batch = made->to(device_);
    if (options_.reuse > 0 && full) recent_[generated_ % options_.reuse] = batch;
    if (options_.reuse > 0 && !full) recent_.push_back(batch);
    return batch;
  }

  void log_progress(std::int64_t steps, double minutes) {
    const double loss = loss_sum_.item<double>() / static_cast<double>(steps);
    log_(fmt::format(
        "{:7.2f} min step {} loss {:.4f} rate {:.1e}{} {:.1f} images/s, {:.1f} generated ({:.0f} % "
        "waiting)",
        spent_, step_, loss, rate(), parameters_.groups[kEncoder].trainable() ? "" : " encoder fixed",
        static_cast<double>(steps * options_.batch) / minutes / 60,
        static_cast<double>((generated_ - generated_before_) * options_.batch) / minutes / 60,
        waited_ / minutes * 100));
    loss_sum_.zero_();
    generated_before_ = generated_;
    waited_ = 0;
    if (!std::isfinite(loss))
      fail(ErrorKind::kInternal, "The loss is no longer a number; use a lower --rate.");
  }

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
    const auto vectors = known.find("words");
    decoder.emplace_back("words", vectors != known.end()
                                      ? vectors->second
                                      : random_normal({words, network_.embedding}, 0.3, rng_));
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
    const bool same_words = nano::Lexicon::from_metadata(*file).words() == lexicon_.words();
    for (const std::string& name : file->names()) {
      if (name == "words" && !same_words) continue;
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
    constexpr int kImages = 48;
    const Batch batch = draw_batch(kTrainingSeeds, kImages, {}).to(device_);
    CalibratingBackend backend(device_);
    const nn::Scope root(backend, parameters_);
    nano::decode(root, network_, nano::encode(root, backend.value(batch.images)));
  }

  double progress() const { return spent_ / options_.minutes; }

  double rate() const {
    const double warm = std::min(1.0, static_cast<double>(step_ + 1) / 100);
    return options_.learning_rate * warm *
               (0.5 + 0.5 * std::cos(std::numbers::pi * std::min(progress(), 1.0))) +
           1e-6;
  }

  // Only queues work where the device is a GPU.
  void train_step(const Batch& batch) {
    const at::Tensor images =
        augmented(batch.images, options_.augment).contiguous(at::MemoryFormat::ChannelsLast);
    const bool bf16 = options_.bf16 && device_.is_cuda();  // older libtorch cannot train in it on a CPU
    TrainingBackend backend(device_, bf16 ? nn::Precision::kBF16 : nn::Precision::kF32);
    const nn::Scope root(backend, parameters_);
    const nano::Heads heads = nano::decode(root, network_, encode(root, backend, images));
    const at::Tensor loss = total_loss(heads, batch, words(), draw_phrases(lexicon_, rng_).to(device_));
    loss.backward();
    update();
    loss_sum_ += loss.detach();
  }

  // In float32 whatever the products gave: small distances between features count.
  std::vector<nn::Value> encode(const nn::Scope& root, nn::TorchBackend& backend, const at::Tensor& images) {
    const at::AutoGradMode gradients(parameters_.groups[kEncoder].trainable());
    std::vector<nn::Value> features = nano::encode(root, backend.value(images));
    for (nn::Value& feature : features) feature = backend.value(nn::torch_tensor(feature).to(at::kFloat));
    return features;
  }

  at::Tensor words() const { return parameters_.groups[kDecoder].tensors().at("words"); }

  void update() {
    const at::NoGradGuard no_gradients;
    constexpr double kLongestGradient = 2;
    at::Tensor norm2 = at::zeros({}, at::TensorOptions(at::kFloat).device(device_));
    for (const Group& group : parameters_.groups) {
      if (group.trainable()) norm2 += group.gradient_norm2();
    }
    const at::Tensor factor = at::clamp_max(kLongestGradient / (norm2.sqrt() + 1e-6), 1);
    for (std::size_t g = 0; g < parameters_.groups.size(); ++g) {
      Group& group = parameters_.groups[g];
      if (!group.trainable()) continue;
      group.scale_gradient(factor);
      group.step(rate() * (g == kEncoder ? options_.encoder_rate : 1.0), options_.average);
    }
  }

  void draw_for_statistics() {
    constexpr std::int64_t kBatches = 12;
    BatchFeed feed(0, options_.generator_threads, [this](std::int64_t number) {
      return draw_training_batch(number, options_.batch, kTrainingSeeds / 2, Schedule{.ramp = 0});
    });
    for (std::int64_t k = 0; k < kBatches; ++k) for_statistics_.push_back(feed.next());
  }

  // The norms' statistics under the present weights, which no training step has seen: their average.
  void measure_statistics() {
    const at::NoGradGuard no_gradients;
    for (std::size_t k = 0; k < for_statistics_.size(); ++k) {
      TrainingBackend backend(device_, nn::Precision::kF32, 1.0 / static_cast<double>(k + 1));
      const nn::Scope root(backend, parameters_);
      nano::decode(root, network_, encode(root, backend, for_statistics_[k].to(device_).images));
    }
  }

  // Validates and exports the weights and their average, and keeps a checkpoint to go on from.
  void finish_part() {
    save_checkpoint();
    export_weights("nano-last.safetensors", "last");
    std::map<std::string, at::Tensor> statistics;
    for (const auto& [name, tensor] : parameters_.statistics) statistics.emplace(name, tensor.clone());
    for (Group& group : parameters_.groups) group.swap_average();
    measure_statistics();
    export_weights("nano.safetensors", "average");
    for (Group& group : parameters_.groups) group.swap_average();
    for (auto& [name, tensor] : parameters_.statistics) tensor.copy_(statistics.at(name));
  }

  Validation check(const std::string& which) {
    const Validation v = validate(parameters_, network_, words(), lexicon_, held_out_, device_);
    log_(fmt::format("  held out, {}: max-F1 {:.4f} AP {:.4f} kinds right {:.3f} named first {:.3f}", which,
                     v.max_f1, v.average_precision, v.kinds_right, v.named_first));
    return v;
  }

  void export_weights(const std::string& file, const std::string& which) {
    const WeightFile::Tensors tensors = parameters_.export_tensors();
    const Validation v = check(which);
    WeightFile::Tensors halves;
    for (const auto& [name, tensor] : blended(nano::fold_norms(tensors))) halves[name] = to_f16(tensor);
    WeightFile::Strings metadata = lexicon_.to_metadata();
    metadata["model"] = "nano";
    metadata["training"] = fmt::format(
        "{} steps of {} images, seed {}, held-out max-F1 {:.4f}, {:.2f} of the weights from before", step_,
        options_.batch, options_.seed, v.max_f1, options_.blend);
    write_safetensors(options_.out / file, halves, metadata, true);
  }

  // What the start lacks counts as nothing where it corrects, and stays as it is elsewhere.
  WeightFile::Tensors blended(WeightFile::Tensors trained) const {
    if (options_.blend <= 0 || options_.start.empty()) return trained;
    const auto start = load_weights(options_.start);
    const auto share = static_cast<float>(options_.blend);
    for (auto& [name, tensor] : trained) {
      const Tensor* earlier = start->find(name);
      const bool fits = earlier != nullptr && earlier->shape() == tensor.shape();
      if (!fits && !is_correction(name)) continue;
      const Tensor before = fits ? earlier->to_f32() : filled(tensor.shape(), 0);
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
  Schedule schedule_;
  std::vector<Batch> held_out_, for_statistics_;                  // in host memory
  std::vector<Batch> recent_;                                     // on the device, see TrainOptions::reuse
  at::Tensor loss_sum_;                                           // since the log's last line
  std::int64_t step_ = 0, generated_ = 0, generated_before_ = 0;  // batches
  double spent_ = 0;                                              // minutes, over all runs of this schedule
  double waited_ = 0;                                             // minutes since the log's last line
};

}  // namespace

void train_nano(const TrainOptions& options, const std::function<void(const std::string&)>& log) {
  std::filesystem::create_directories(options.out);
  Training(options, log).run();
}

}  // namespace anomalyvlm::train
