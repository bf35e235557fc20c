#pragma once
// Trains the embedded default from synthetic images: first the decoder on a fixed encoder, then both.
#include <filesystem>
#include <functional>
#include <string>

namespace anomalyvlm::train {

struct TrainOptions {
  std::filesystem::path encoder;  // EfficientNet-Lite0's published weights (.pth or .safetensors)
  std::filesystem::path start;    // or an earlier nano.safetensors; what it lacks begins at random
  double blend = 0;               // share of `start` in what is exported, 0 to 1: the mean of weights from
                                  // before and after does better on what neither has seen
  std::filesystem::path out;      // folder of checkpoint.safetensors, log.txt, nano.safetensors (the running
                                  // average) and nano-last.safetensors (the weights as they are)
  double minutes = 120;    // length of the schedule; a resumed run goes on where it stopped; 0: only measures
  std::int64_t steps = 0;  // or its length in steps, whatever time they take; 0: `minutes` counts
  double frozen_share = 0.6;  // share of the schedule with the encoder held fixed
  int batch = 16;
  double learning_rate = 1.5e-3;  // of the decoder; follows a cosine to zero
  double encoder_rate = 0.1;      // factor on it for the encoder
  double weight_decay = 0.02;
  double average = 0.998;         // decay of the running average that is exported
  double augment = 0;             // share of images whose tone is changed on the device, see augment.h
  std::int64_t ramp = 12000;      // images until the faintest defects appear; 0: from the start
  int generator_threads = 1;      // threads that generate images
  double small = 1 / 3.0;         // share of the batches with images of half the size, which cost a quarter
  int reuse = 0;                  // earlier batches to reuse, mirrored at random, if none is ready; 0: wait
  double validate_minutes = 8;    // between validations, each with a checkpoint and exported weights
  double checkpoint_minutes = 8;  // between checkpoints
  int validation_images = 128;    // held-out seeds
  std::uint64_t seed = 1;
  bool compare = false;  // every second batch has references, and the branches that read them are trained
  bool only_comparison = false;  // with it: all batches have references, and all else stays as it is
  double reference_rate = 3;     // factor on the learning rate for these branches
  int validation_products = 24;  // with them: held-out products, four images each
  bool folded = false;           // trains without norms: `start` has them folded
  bool resume = false;           // go on from the checkpoint, if there is one
  std::string device = "cpu";    // or "cuda"
  bool bf16 = false;             // CUDA: convolutions and products in bfloat16, else in TF32
};

// `log` gets a line at a time. Throws Error.
void train_nano(const TrainOptions& options, const std::function<void(const std::string&)>& log);

}  // namespace anomalyvlm::train
