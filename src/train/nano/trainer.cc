#include "train/nano/trainer.h"

#include <ATen/core/grad_mode.h>
#include <fmt/chrono.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include "core/platform.h"
#include "models/nano/network.h"
#include "train/nano/augment.h"
#include "train/nano/batches.h"
#include "train/nano/initial.h"
#include "train/nano/loss.h"
#include "train/nano/parameters.h"
#include "train/nano/references.h"
#include "train/nano/validation.h"
#include "train/nano/words.h"
#include "weights/safetensors.h"

namespace anomalyvlm::train {
namespace {

using Clock = std::chrono::steady_clock;
using Initial = std::vector<std::pair<std::string, Tensor>>;

constexpr std::uint64_t kTrainingSeeds = 1'000'000'000;

class Training {
 public:
  Training(const TrainOptions& options, const std::function<void(const std::string&)>& log)
      : options_(options), log_(log), device_(options.device), lexicon_(make_lexicon()), rng_(options.seed) {
    network_.folded_norm = options.folded;
    if (options.folded && options.start.empty())
      fail(ErrorKind::kBadInput, "Without norms training can only go on from earlier weights; use --start.");
    if (options.only_comparison && !(options.compare && options.folded))
      fail(ErrorKind::kBadInput, "To train the comparison only, use --compare and --folded as well.");
    schedule_.ramp = options.ramp;
    schedule_.compare_every = options.compare ? (options.only_comparison ? 1 : 2) : 0;
    schedule_.small = options.small;
    at::globalContext().setAllowTF32CuDNN(true);
    at::globalContext().setAllowTF32CuBLAS(true);
    at::manual_seed(options.seed);
    build_parameters();
    if (!options_.start.empty() && !options_.folded) calibrate_norms();
    if (options_.resume && std::filesystem::exists(checkpoint())) load_checkpoint();
    held_out_ = draw_validation(options_.validation_images, options_.generator_threads);
    if (options.compare)
      products_ = draw_product_validation(options_.validation_products, options_.generator_threads);
    if (!options_.folded) draw_for_statistics();
  }

  void run() {
    if (options_.minutes <= 0) {
      check("only measured");
      return;
    }
    BatchFeed feed(step_, options_.generator_threads, [this](std::int64_t number) {
      return draw_training_batch(number, options_.batch, kTrainingSeeds * (1 + options_.seed), schedule_);
    });
    const double before = spent_;
    double last_validation = spent_, last_checkpoint = spent_, last_log = spent_;
    std::int64_t last_step = step_;
    loss_sum_ = at::zeros({}, at::TensorOptions(at::kFloat).device(device_));
    const double log_minutes = std::min(0.2, options_.minutes / 8);
    if (step_ == 0) check("at the start");
    const Clock::time_point start = Clock::now();
    while (progress() < 1) {
      parameters_.groups[kEncoder].set_trainable(!options_.only_comparison &&
                                                 progress() >= options_.frozen_share);
      train_step(next_batch(feed));
      ++step_;
      spent_ = before + std::chrono::duration<double>(Clock::now() - start).count() / 60;
      if (spent_ - last_log > log_minutes) {
        log_progress(step_ - last_step, spent_ - last_log);
        last_log = spent_;
        last_step = step_;
      }
      if (spent_ - last_validation > options_.validate_minutes && progress() < 1) {
        last_validation = last_checkpoint = spent_;
        finish_part();
      }
      if (spent_ - last_checkpoint > options_.checkpoint_minutes) {
        last_checkpoint = spent_;
        save_checkpoint();
      }
    }
    finish_part();
  }

 private:
  static constexpr std::size_t kDecoder = 0, kEncoder = 1, kReferences = 2;

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
    const auto known = options_.start.empty() ? published_encoder(options_.encoder)
                                              : started_before(options_.start, lexicon_, options_.folded);
    Initial encoder, decoder, references;
    const auto model = [&](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
      return nano::network(root, network_, inputs[0], inputs[1]);
    };
    const std::vector<nn::InputSpec> inputs = {{"image", {1, 3, 256, 256}},
                                               {"references", {1, nano::kReferenceChannels, 32, 32}}};
    for (const ExpectedTensor& tensor : nn::trace_signature(model, inputs).weights) {
      const bool compares = tensor.name.rfind("decoder.references.", 0) == 0;
      if (compares && !options_.compare) continue;
      const auto found = known.find(tensor.name);
      const bool fits = found != known.end() && found->second.shape() == tensor.shape;
      const Tensor value = fits ? found->second : initial_value(tensor, rng_);
      if (tensor.name.rfind("encoder.", 0) == 0)
        encoder.emplace_back(tensor.name, value);
      else if (tensor.name.find(".norm.running_") != std::string::npos)
        parameters_.statistics.emplace(tensor.name, nn::to_torch(value, device_));
      else
        (compares ? references : decoder).emplace_back(tensor.name, value);
    }
    const auto words = static_cast<std::int64_t>(lexicon_.words().size());
    const auto vectors = known.find("words");
    decoder.emplace_back("words", vectors != known.end()
                                      ? vectors->second
                                      : random_normal({words, network_.embedding}, 0.3, rng_));
    parameters_.groups.emplace_back(decoder, device_, options_.weight_decay);
    parameters_.groups.emplace_back(encoder, device_, options_.weight_decay);
    if (options_.compare) parameters_.groups.emplace_back(references, device_, options_.weight_decay);
    parameters_.groups[kDecoder].set_trainable(!options_.only_comparison);
  }

  void calibrate_norms() {
    const at::NoGradGuard no_gradients;
    constexpr int kImages = 48;
    const Batch batch = draw_batch(kTrainingSeeds, kImages, {}).to(device_);
    CalibratingBackend backend(device_);
    const nn::Scope root(backend, parameters_);
    nano::decode(root, network_, nano::encode(root, backend.value(batch.images)));
  }

  double progress() const {
    return options_.steps > 0 ? static_cast<double>(step_) / static_cast<double>(options_.steps)
                              : spent_ / options_.minutes;
  }

  double rate() const {
    const double warm = std::min(1.0, static_cast<double>(step_ + 1) / 100);
    return options_.learning_rate * warm *
               (0.5 + 0.5 * std::cos(std::numbers::pi * std::min(progress(), 1.0))) +
           1e-6;
  }

  // Only queues work where the device is a GPU.
  void train_step(const Batch& drawn) {
    const Batch batch = varied(drawn);
    const bool bf16 = options_.bf16 && device_.is_cuda();  // older libtorch cannot train in it on a CPU
    TrainingBackend backend(device_, bf16 ? nn::Precision::kBF16 : nn::Precision::kF32);
    const nn::Scope root(backend, parameters_);
    const std::vector<nn::Value> features = encode(root, backend, batch.images);
    const nano::Heads heads =
        nano::decode(root, network_, features, compared(root, backend, features, batch));
    const at::Tensor loss = total_loss(heads, batch, words(), draw_phrases(lexicon_, rng_).to(device_));
    loss.backward();
    update(batch.has_references());
    loss_sum_ += loss.detach();
  }

  // Augmented; images of one product and its references alike.
  Batch varied(const Batch& drawn) {
    Batch batch = drawn;
    if (!batch.has_references()) {
      batch.images = augmented(batch.images, options_.augment);
    } else if (options_.augment > 0) {
      batch.images = batch.images.clone();
      batch.references = batch.references.clone();
      const std::int64_t pools = batch.pool.max().item<std::int64_t>() + 1;
      for (std::int64_t k = 0; k < pools; ++k) {
        const at::Tensor images = batch.pool.eq(k).nonzero().flatten().to(device_),
                         references = batch.reference_pool.eq(k).nonzero().flatten().to(device_);
        const at::Tensor all = augmented(
            at::cat({batch.images.index_select(0, images), batch.references.index_select(0, references)}),
            options_.augment, /*alike=*/true);
        batch.images.index_copy_(0, images, all.narrow(0, 0, images.size(0)));
        batch.references.index_copy_(0, references, all.narrow(0, images.size(0), references.size(0)));
      }
    }
    batch.images = batch.images.contiguous(at::MemoryFormat::ChannelsLast);
    return batch;
  }

  // The reference channels, where the batch has references. No gradient flows through them.
  std::optional<nn::Value> compared(const nn::Scope& root, nn::TorchBackend& backend,
                                    const std::vector<nn::Value>& features, const Batch& batch) {
    if (!batch.has_references() || !options_.compare) return std::nullopt;
    return compare_with_references(root, backend, features, batch);
  }

  // In float32 whatever the products gave: small distances between features count.
  std::vector<nn::Value> encode(const nn::Scope& root, nn::TorchBackend& backend, const at::Tensor& images) {
    const at::AutoGradMode gradients(parameters_.groups[kEncoder].trainable());
    std::vector<nn::Value> features = nano::encode(root, backend.value(images));
    for (nn::Value& feature : features) feature = backend.value(nn::torch_tensor(feature).to(at::kFloat));
    return features;
  }

  at::Tensor words() const { return parameters_.groups[kDecoder].tensors().at("words"); }

  void update(bool with_references) {
    const at::NoGradGuard no_gradients;
    constexpr double kLongestGradient = 2;
    at::Tensor norm2 = at::zeros({}, at::TensorOptions(at::kFloat).device(device_));
    for (const Group& group : parameters_.groups) {
      if (group.trainable()) norm2 += group.gradient_norm2();
    }
    const at::Tensor factor = at::clamp_max(kLongestGradient / (norm2.sqrt() + 1e-6), 1);
    for (std::size_t g = 0; g < parameters_.groups.size(); ++g) {
      Group& group = parameters_.groups[g];
      if (!group.trainable() || (g == kReferences && !with_references)) continue;
      group.scale_gradient(factor);
      const double factors[] = {1, options_.encoder_rate, options_.reference_rate};
      group.step(rate() * factors[g], options_.average);
    }
  }

  void draw_for_statistics() {
    constexpr std::int64_t kBatches = 12;
    BatchFeed feed(0, options_.generator_threads, [this](std::int64_t number) {
      return draw_training_batch(number, options_.batch, kTrainingSeeds / 2,
                                 Schedule{.ramp = 0, .compare_every = options_.compare ? 2 : 0});
    });
    for (std::int64_t k = 0; k < kBatches; ++k) for_statistics_.push_back(feed.next());
    // Those with references first: the norms that only they pass through average over them alone.
    std::stable_partition(for_statistics_.begin(), for_statistics_.end(),
                          [](const Batch& batch) { return batch.has_references(); });
  }

  // The norms' statistics under the present weights, which no training step has seen: their average.
  void measure_statistics() {
    const at::NoGradGuard no_gradients;
    for (std::size_t k = 0; k < for_statistics_.size(); ++k) {
      TrainingBackend backend(device_, nn::Precision::kF32, 1.0 / static_cast<double>(k + 1));
      const nn::Scope root(backend, parameters_);
      const Batch batch = for_statistics_[k].to(device_);
      const std::vector<nn::Value> features = encode(root, backend, batch.images);
      nano::decode(root, network_, features, compared(root, backend, features, batch));
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
    if (!options_.compare) return v;
    const ProductValidation products = validate_products(parameters_, network_, products_, device_);
    const auto line = [&](const char* with, const Ranking& r) {
      log_(fmt::format("  products, {}, {}: max-F1 {:.4f} AP {:.4f} image AUROC {:.4f}", which, with,
                       r.max_f1, r.average_precision, r.image_auroc));
    };
    line("without references", products.without);
    line("4 references", products.with);
    line("4 references of other products", products.others);
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
    if (!options_.start.empty()) {  // what the file went through before
      const auto start = load_weights(options_.start);
      const auto before = start->metadata().find("training");
      if (before != start->metadata().end()) metadata["training"] += "; before: " + before->second;
    }
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
    if (options_.compare) parameters_.groups[kReferences].save("references", tensors);
    for (const auto& [name, tensor] : parameters_.statistics) tensors[name] = nn::from_torch(tensor);
    tensors["step"] = Tensor::from<std::int64_t>({1}, {step_});
    tensors["minutes"] = Tensor::from<float>({1}, {static_cast<float>(spent_)});
    write_safetensors(checkpoint(), tensors);
  }

  void load_checkpoint() {
    const auto file = load_weights(checkpoint());
    parameters_.groups[kDecoder].load("decoder", *file);
    parameters_.groups[kEncoder].load("encoder", *file);
    if (options_.compare) parameters_.groups[kReferences].load("references", *file);
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
  std::vector<ProductBatch> products_;                            // held out, too
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
