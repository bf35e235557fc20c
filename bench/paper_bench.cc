// The paper's set-up against the clock, from image to anomaly map; and what bfloat16 changes in it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "core/platform.h"
#include "core/threads.h"
#include "guarded.h"
#include "methods/anomalyvlm/pipeline.h"
#include "models/grounding_dino/proposals.h"
#include "models/sam/predictor.h"
#include "nn/precision.h"
#include "random_models.h"
#include "regions/combine.h"
#include "roles/adapters/grounding_dino_proposer.h"
#include "roles/adapters/resnet_saliency.h"
#include "roles/adapters/sam_refiner.h"

namespace anomalyvlm {
namespace {

struct Arguments {
  std::string generator = "grounding-dino-swin-t", refiner = "mobile-sam", precision = "f32",
              engine = "openvino", device = "cpu", folder = "build/bench";
  std::vector<std::string> sizes = {"256x256", "1024x768"};
  int runs = 3, threads = 2, boxes = 10;
  bool compare = false;
};

const std::string kPhrase = "defect on tile";
const std::vector<std::string> kCaptions = {kPhrase};

struct Models {
  std::shared_ptr<const grounding_dino::GroundingDino> generator;
  std::shared_ptr<const sam::Predictor> refiner;
  std::shared_ptr<const DenseFeatures> features;
};

template <typename Config>
Config config_of(const std::string& published) {
  return catalog::config_of<Config>(catalog::published_named(published));
}

Models load(const Arguments& a, std::shared_ptr<nn::Engine> engine, nn::Precision precision) {
  return {std::make_shared<const grounding_dino::GroundingDino>(
              random_weights(a.folder, a.generator), engine, precision,
              config_of<GroundingDinoConfig>(a.generator), tokenizer_of(kCaptions)),
          std::make_shared<const sam::Predictor>(random_weights(a.folder, a.refiner), engine, precision,
                                                 config_of<SamConfig>(a.refiner)),
          std::make_shared<const DenseFeatures>(random_weights(a.folder, "wide-resnet50-2"), engine,
                                                precision, ResNetConfig::wide_resnet50_2())};
}

// Asks a proposer, and gives boxes in place of its own, for randomly initialised weights find nothing.
class GivenBoxes : public RegionProposer {
 public:
  GivenBoxes(std::shared_ptr<RegionProposer> asked, std::vector<Proposal> given)
      : asked_(std::move(asked)), given_(std::move(given)) {}
  std::vector<std::vector<Proposal>> propose(std::span<const Caption> captions) override {
    asked_->propose(captions);
    return std::vector<std::vector<Proposal>>(captions.size(), given_);
  }

 private:
  std::shared_ptr<RegionProposer> asked_;
  std::vector<Proposal> given_;
};

std::vector<Proposal> spread_boxes(int count, int width, int height) {
  std::vector<Proposal> boxes;
  for (int i = 0; i < count; ++i) {
    const auto w = static_cast<float>(width), h = static_cast<float>(height);
    const float x = w * static_cast<float>(i * 37 % 70) / 100, y = h * static_cast<float>(i * 53 % 65) / 100;
    boxes.push_back({{x, y, x + w * 0.25F, y + h * 0.3F}, 0.3 + 0.05 * i, kPhrase, 1, i});
  }
  return boxes;
}

Detection run_once(const Models& models, const Image& image, int boxes, Timings& timings) {
  const RoleOpener<RegionProposer> generator = grounding_dino_proposer(models.generator, false);
  const JoinedModels set(
      [&](const Image& opened, const StageOptions& options) {
        return std::make_shared<GivenBoxes>(generator(opened, options),
                                            spread_boxes(boxes, opened.width, opened.height));
      },
      sam_refiner(models.refiner), resnet_saliency(ResNetSaliency(models.features)), {});
  HybridPrompt prompt;
  prompt.phrases = {kPhrase};
  Timings whole;
  Detection found;
  {
    const Timings::Scope scope(whole, "all");
    found = detect(set, image, prompt, profile_named("paper"));
  }
  for (const auto& [stage, seconds] : found.timings) timings.add(stage, seconds);
  timings.add("rest", whole.total() - timings.total());
  return found;
}

void print(const std::string& what, const Timings& timings) {
  fmt::print("{:<30} {:7.0f} ms =", what, 1e3 * timings.total());
  for (const auto& [stage, seconds] : timings.stages()) fmt::print("  {} {:.0f}", stage, 1e3 * seconds);
  fmt::print("\n");
  std::fflush(stdout);
}

Image image_of(const std::string& size) {
  int width = 0, height = 0;
  if (std::sscanf(size.c_str(), "%dx%d", &width, &height) != 2 || width < 1 || height < 1)
    fail(ErrorKind::kBadInput, "--size is WIDTHxHEIGHT, not {}", size);
  return test_image(width, height);
}

void time_sizes(const Models& models, const Arguments& a) {
  for (const std::string& size : a.sizes) {
    const Image image = image_of(size);
    Timings best;
    for (int run = 0; run <= a.runs; ++run) {
      Timings timings;
      run_once(models, image, a.boxes, timings);
      if (run == 0) print(size + ", first, with compiling", timings);
      if (run == 1 || (run > 1 && timings.total() < best.total())) best = timings;
    }
    print(fmt::format("{}, fastest of {}", size, a.runs), best);
  }
}

// ---- float32 against bfloat16

// The largest difference in units of the largest number, and the mean one likewise.
std::string difference(std::span<const float> exact, std::span<const float> rounded) {
  double largest = 0, worst = 0, sum = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(exact[i])));
    const double difference = std::abs(static_cast<double>(exact[i]) - static_cast<double>(rounded[i]));
    worst = std::max(worst, difference);
    sum += difference;
  }
  return fmt::format("at most {:.4f}, on average {:.5f} of the largest", worst / largest,
                     sum / static_cast<double>(exact.size()) / largest);
}

// From the same input each stage is given what float32 gave.
void compare_generator(const Arguments& a, nn::Engine& engine, const grounding_dino::GroundingDino& exact,
                       const grounding_dino::GroundingDino& rounded) {
  const Image image = image_of(a.sizes.front());
  const grounding_dino::ImageFeatures features = exact.open(image), features16 = rounded.open(image);
  fmt::print("  image's tokens            {}\n",
             difference(features.tokens.floats(), features16.tokens.floats()));
  const auto weights = tamed(*random_weights(a.folder, a.generator));
  const GroundingDinoConfig& config = exact.config();
  const auto tokenizer = tokenizer_of(kCaptions);
  const std::vector<std::string> captions = {kPhrase + "."};
  const grounding_dino::TokenizedCaptions tokens =
      grounding_dino::tokenize_captions(tokenizer, captions, config.max_text);
  const std::int64_t length = grounding_dino::padded_length(config, tokens.length());
  const grounding_dino::TextInputs text = grounding_dino::make_text_inputs(config, *weights, tokens, length);
  const grounding_dino::TextShape shape = {1, length};
  const auto run = [&](nn::CompileRequest request, nn::Precision precision,
                       const std::vector<Tensor>& inputs) {
    request.weights = weights;
    request.precision = precision;
    return engine.compile(request)->run(inputs);
  };
  const Tensor words =
      run(text_graph(config, shape), nn::Precision::kF32, {text.embeddings, text.bert_seen})[0];
  const std::vector<Tensor> inputs = {features.tokens, words, text.positions, text.phrases, text.seen};
  const auto encoder = grounding_dino::encoder_graph(config, features.levels, shape);
  const auto encoded = run(encoder, nn::Precision::kF32, inputs),
             encoded16 = run(encoder, nn::Precision::kBF16, inputs);
  fmt::print("  encoder, image            {}\n", difference(encoded[0].floats(), encoded16[0].floats()));
  fmt::print("  encoder, text             {}\n", difference(encoded[1].floats(), encoded16[1].floats()));
  fmt::print("  scores of proposals       {}\n", difference(encoded[2].floats(), encoded16[2].floats()));
  // The same proposals for both. The decoder is one of float32, as in the program, and then one of bfloat16.
  const auto given = [&](const std::vector<Tensor>& from) {
    const grounding_dino::Selection chosen = grounding_dino::select_proposals(
        features.levels, from[0], encoded[2], grounding_dino::query_count(config, features.levels));
    return std::vector<Tensor>{from[0], from[1], text.seen, chosen.memory, chosen.anchors};
  };
  const auto decoder = grounding_dino::decoder_graph(config, features.levels, shape);
  const auto decoded = run(decoder, nn::Precision::kF32, given(encoded)),
             decoded16 = run(decoder, nn::Precision::kF32, given(encoded16)),
             all16 = run(decoder, nn::Precision::kBF16, given(encoded));
  fmt::print("  scores of boxes           {}\n", difference(decoded[0].floats(), decoded16[0].floats()));
  fmt::print("  boxes                     {}\n", difference(decoded[1].floats(), decoded16[1].floats()));
  fmt::print("  (boxes, decoder bfloat16  {})\n", difference(decoded[1].floats(), all16[1].floats()));
}

void compare(const Arguments& a, const std::shared_ptr<nn::Engine>& engine) {
  const Models exact = load(a, engine, nn::Precision::kF32), rounded = load(a, engine, nn::Precision::kBF16);
  fmt::print("bfloat16 against float32, of the same input for each stage:\n");
  compare_generator(a, *engine, *exact.generator, *rounded.generator);
  const Image image = image_of(a.sizes.back());
  Timings ignored;
  const Detection found = run_once(exact, image, a.boxes, ignored),
                  found16 = run_once(rounded, image, a.boxes, ignored);
  double common = 0, either = 0;
  for (const Candidate& candidate : found.candidates)
    for (const Candidate& other : found16.candidates)
      if (other.id == candidate.id) {
        const auto areas = static_cast<double>(candidate.mask.area() + other.mask.area());
        const double union_area = areas / (1 + overlap(candidate.mask, other.mask));
        common += areas - union_area;
        either += union_area;
      }
  fmt::print("  masks of {} boxes         IoU {:.4f}\n", a.boxes, either > 0 ? common / either : 1);
  fmt::print("  saliency                  {}\n", difference(found.saliency.values, found16.saliency.values));
  fmt::print("  anomaly map               {}\n", difference(found.anomaly.values, found16.anomaly.values));
}

int run(int argc, char** argv) {
  CLI::App app("Times of the paper's set-up with randomly initialised weights.", "paper_bench");
  Arguments a;
  app.add_option("--generator", a.generator)->capture_default_str();
  app.add_option("--refiner", a.refiner)->capture_default_str();
  app.add_option("--precision", a.precision, "f32, bf16, auto")->capture_default_str();
  app.add_option("--engine", a.engine)->capture_default_str();
  app.add_option("--device", a.device)->capture_default_str();
  app.add_option("--folder", a.folder, "Where the weights are kept")->capture_default_str();
  app.add_option("--size", a.sizes)->capture_default_str();
  app.add_option("--boxes", a.boxes, "That are refined")->capture_default_str();
  app.add_option("--runs", a.runs)->capture_default_str();
  app.add_option("--threads", a.threads)->capture_default_str();
  app.add_flag("--compare", a.compare, "What bfloat16 changes, instead of times");
  CLI11_PARSE(app, argc, argv);
  set_thread_count(a.threads);
  const std::shared_ptr<nn::Engine> engine = nn::make_engine(a.engine, {.device = a.device});
  if (a.compare) {
    compare(a, engine);
    return 0;
  }
  const nn::Precision precision = nn::choose_precision(parse_precision(a.precision), *engine);
  Timings loading;
  const Models models = [&] {
    const Timings::Scope scope(loading, "load");
    return load(a, engine, precision);
  }();
  fmt::print("{} + {} + wide-resnet50-2, {}, {}, {} threads, {}; opened in {:.2f} s\n", a.generator,
             a.refiner, precision == nn::Precision::kBF16 ? "bfloat16" : "float32", engine->description(),
             thread_count(), cpu_name(), loading.total());
  time_sizes(models, a);
  fmt::print("{:.0f} MB at the peak\n", static_cast<double>(peak_memory_bytes()) / 1e6);
  return 0;
}

}  // namespace
}  // namespace anomalyvlm

int main(int argc, char** argv) {
  return anomalyvlm::guarded("paper_bench", [&] { return anomalyvlm::run(argc, argv); });
}
