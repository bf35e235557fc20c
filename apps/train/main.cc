// anomalyvlm-train: trains the embedded default from synthetic images (models/nano/README.md says how).
#include <ATen/Parallel.h>
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "anomalyvlm/error.h"
#include "core/printable.h"
#include "core/threads.h"
#include "train/nano/trainer.h"

int main(int argc, char** argv) {
  using namespace anomalyvlm;
  CLI::App app{"Trains the embedded default (nano) on synthetic images.", "anomalyvlm-train"};
  train::TrainOptions options;
  int threads = thread_count();
  CLI::Option_group* from = app.add_option_group("start", "Weights that training starts from");
  from->add_option("--encoder", options.encoder, "EfficientNet-Lite0's published weights");
  from->add_option("--start", options.start, "An earlier nano.safetensors; what it lacks begins at random");
  from->require_option(1);
  app.add_option("--blend", options.blend, "Share of --start in the exported weights")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--out", options.out, "Folder for checkpoint, log and weights")->required();
  app.add_option("--minutes", options.minutes,
                 "Length of the schedule, however many steps fit; 0: only measures on held-out images")
      ->capture_default_str();
  app.add_option("--steps", options.steps,
                 "Length in steps instead, for a machine that is busy with other things")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--frozen", options.frozen_share, "Share of it with the encoder held fixed")
      ->capture_default_str();
  app.add_option("--batch", options.batch, "Images a step")->capture_default_str();
  app.add_option("--small", options.small, "Share of the batches with images of half the size")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--rate", options.learning_rate, "Learning rate of the decoder")->capture_default_str();
  app.add_option("--encoder-rate", options.encoder_rate, "Factor on it for the encoder")
      ->capture_default_str();
  app.add_option("--average", options.average, "Decay a step of the average of the weights")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--augment", options.augment, "Share of images whose tone and texture are varied as well")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--ramp", options.ramp, "Images until the faintest defects appear")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--generator-threads", options.generator_threads, "Threads that generate images")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--reuse", options.reuse,
                 "While no new batch is ready, reuse one of this many earlier ones; 0: wait")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--held-out", options.validation_images, "Images to validate with")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--compare", options.compare,
               "Trains to compare as well: every second batch has good images of the same products");
  app.add_flag("--only-comparison", options.only_comparison,
               "Trains nothing else: without references the result is that of --start");
  app.add_option("--reference-rate", options.reference_rate,
                 "Factor on the learning rate for what reads the comparison")
      ->capture_default_str();
  app.add_option("--held-out-products", options.validation_products, "Products to validate comparisons with")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--folded", options.folded,
               "Trains without norms, which are folded in the weights of --start");
  app.add_option("--validate-minutes", options.validate_minutes, "Time between validations")
      ->capture_default_str();
  app.add_option("--checkpoint-minutes", options.checkpoint_minutes, "Time between checkpoints")
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Seed of weights and images")->capture_default_str();
  app.add_option("--threads", threads, "CPU threads")->capture_default_str();
  app.add_option("--device", options.device, "cpu or cuda")->capture_default_str();
  app.add_flag("--bf16", options.bf16, "On CUDA: convolutions and products in bfloat16 instead of TF32");
  app.add_flag("--resume", options.resume, "Go on from the checkpoint in --out, if there is one");
  CLI11_PARSE(app, argc, argv);
  try {
    set_thread_count(threads);
    at::set_num_threads(threads);
    std::filesystem::create_directories(options.out);
    std::ofstream log(options.out / "log.txt", std::ios::app);
    train::train_nano(options, [&](const std::string& line) {
      fmt::print("{}\n", printable(line));
      std::fflush(stdout);
      log << line << std::endl;
    });
  } catch (const std::exception& error) {
    fmt::print(stderr, "anomalyvlm-train: {}\n", printable(error.what()));
    return 1;
  }
  return 0;
}
