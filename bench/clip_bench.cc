// WinCLIP (CLIP ViT-B/16+ 240) and CLIPSeg (rd64) against the clock, alone and for bench/peers, with randomly
// initialised weights, which cost what real ones do.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <utility>

#include "core/check.h"
#include "core/platform.h"
#include "core/threads.h"
#include "guarded.h"
#include "methods/winclip/winclip.h"
#include "models/clip/architecture.h"
#include "models/clipseg/architecture.h"
#include "models/clipseg/clipseg.h"
#include "nn/precision.h"
#include "random_models.h"
#include "roles/adapters/clip_encoder.h"

namespace anomalyvlm {
namespace {

using Clock = std::chrono::steady_clock;

struct Arguments {
  std::string work = "image", precision = "f32", engine = "openvino", object = "bottle";
  std::vector<std::string> phrases = {"scratch"};
  std::filesystem::path image, vocabulary, write, folder = "build/bench";
  int runs = 3, threads = 2;
  bool json = false;
};

void read_arguments(CLI::App& app, Arguments& a) {
  app.add_option("--work", a.work,
                 "image: WinCLIP of an image whose object is known; sentences: those that WinCLIP encodes "
                 "about a new object; phrases: CLIPSeg of an image and new phrases")
      ->check(CLI::IsMember({"image", "sentences", "phrases"}))
      ->capture_default_str();
  app.add_option("--precision", a.precision, "f32, bf16, auto")->capture_default_str();
  app.add_option("--engine", a.engine)->capture_default_str();
  app.add_option("--object", a.object)->capture_default_str();
  app.add_option("--phrase", a.phrases)->capture_default_str();
  app.add_option("--image", a.image, "RGB, 8 bits, as large as the network sees it; by default made up");
  app.add_option("--vocabulary", a.vocabulary,
                 "bpe_simple_vocab_16e6.txt.gz; by default the texts' own words");
  app.add_option("--write", a.write, "A file for the result: float32, one after the other");
  app.add_option("--folder", a.folder, "Where the weights are kept")->capture_default_str();
  app.add_option("--runs", a.runs)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--threads", a.threads)->capture_default_str();
  app.add_flag("--json", a.json, "Prints a line {\"seconds\": ...} a run");
}

// What is timed; gives the result's numbers.
using Work = std::function<std::vector<float>()>;

Image image_of(const Arguments& a, int side) {
  Image image = test_image(side, side);
  if (a.image.empty()) return image;
  std::ifstream stream(a.image, std::ios::binary);
  if (!stream.read(reinterpret_cast<char*>(image.rgb.data()), static_cast<std::streamsize>(image.rgb.size())))
    fail(ErrorKind::kIo, "{} does not hold {} x {} pixels.", a.image.string(), side, side);
  return image;
}

// CLIP's form of vocabulary, from which nearly every word of the texts becomes one token: each is built up
// letter by letter, long ones first.
clip::Tokenizer tokenizer_of(std::span<const std::string> texts, clip::SpecialTokens special) {
  const auto longer = [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  };
  std::set<std::string, decltype(longer)> words(longer);
  for (const std::string& text : texts) {
    std::string word;
    for (const char c : text + " ") {
      if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
        word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      } else {
        words.insert(std::exchange(word, {}));
      }
    }
  }
  std::set<std::string> known;
  std::string lines = "made up\n";
  for (const std::string& word : words)
    for (std::size_t i = 1; i < word.size(); ++i) {
      const std::string merge =
          fmt::format("{} {}{}\n", word.substr(0, i), word[i], i + 1 == word.size() ? "</w>" : "");
      if (known.insert(merge).second) lines += merge;
    }
  return clip::Tokenizer::parse(lines, special);
}

clip::Tokenizer tokenizer(const Arguments& a, std::span<const std::string> texts,
                          clip::SpecialTokens special) {
  return a.vocabulary.empty() ? tokenizer_of(texts, special) : clip::Tokenizer::load(a.vocabulary, special);
}

std::shared_ptr<const winclip::WinClip> load_winclip(const Arguments& a,
                                                     const std::shared_ptr<nn::Engine>& engine,
                                                     nn::Precision precision) {
  const winclip::Sentences sentences = winclip::sentences_about(a.object);
  std::vector<std::string> texts = sentences.normal;
  texts.insert(texts.end(), sentences.anomalous.begin(), sentences.anomalous.end());
  return std::make_shared<const winclip::WinClip>(clip_encoder(
      random_weights(a.folder, clip::kVitB16Plus240), engine, precision,
      clip::ClipConfig::vit_b_16_plus_240(), tokenizer(a, texts, clip::SpecialTokens::kOpenClip)));
}

Work image_work(const Arguments& a, const std::shared_ptr<const winclip::WinClip>& winclip) {
  const int side = static_cast<int>(clip::ClipConfig::vit_b_16_plus_240().image_size);
  return [winclip, image = image_of(a, side), about = winclip->about(a.object)] {
    return winclip->observe(image, about).map.values;
  };
}

Work sentences_work(const Arguments& a, const std::shared_ptr<const winclip::WinClip>& winclip) {
  return [winclip, object = a.object] {
    const winclip::Prototypes about = winclip->about(object);
    std::vector<float> both(about.normal.begin(), about.normal.end());
    both.insert(both.end(), about.anomalous.begin(), about.anomalous.end());
    return both;
  };
}

Work phrases_work(const Arguments& a, const std::shared_ptr<nn::Engine>& engine, nn::Precision precision) {
  const clipseg::ClipSegConfig config = clipseg::ClipSegConfig::rd64();
  const auto model = std::make_shared<const clipseg::ClipSeg>(
      clipseg::with_clip(random_weights(a.folder, clipseg::kRd64), random_weights(a.folder, clip::kVitB16)),
      engine, precision, config);
  return [model, phrases = a.phrases, words = tokenizer(a, a.phrases, clip::SpecialTokens::kOpenAi),
          input = clipseg::input_of(image_of(a, config.input_side), config.input_side)] {
    const Tensor found = model->probabilities(input, model->conditions(words, phrases));
    return std::vector<float>(found.floats().begin(), found.floats().end());
  };
}

struct Time {
  double wall, cpu;  // seconds; CPU of all threads together
};

Time time_of(const Work& work, std::vector<float>& result) {
  const Clock::time_point start = Clock::now();
  const std::clock_t cpu = std::clock();
  result = work();
  return {std::chrono::duration<double>(Clock::now() - start).count(),
          static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC};
}

void measure(const Arguments& a, const Work& work) {
  std::vector<float> result;
  const Time first = time_of(work, result);
  Time best = first;
  for (int run = 0; run < a.runs; ++run) {
    const Time time = time_of(work, result);
    if (a.json) fmt::print("{{\"seconds\": {:.5f}, \"cpu_seconds\": {:.5f}}}\n", time.wall, time.cpu);
    if (run == 0 || time.wall < best.wall) best = time;
  }
  if (!a.json)
    fmt::print(
        "{:<9} {:7.1f} ms, CPU {:7.1f} ms (fastest of {}); the first {:.0f} ms; {:.0f} MB at the peak\n",
        a.work, 1e3 * best.wall, 1e3 * best.cpu, a.runs, 1e3 * first.wall,
        static_cast<double>(peak_memory_bytes()) / 1e6);
  if (a.write.empty()) return;
  std::ofstream stream(a.write, std::ios::binary);
  stream.write(reinterpret_cast<const char*>(result.data()),
               static_cast<std::streamsize>(result.size() * sizeof(float)));
  if (!stream.flush()) fail(ErrorKind::kIo, "{} could not be written.", a.write.string());
}

int run(int argc, char** argv) {
  CLI::App app("Times of WinCLIP and CLIPSeg.", "clip_bench");
  Arguments a;
  read_arguments(app, a);
  CLI11_PARSE(app, argc, argv);
  set_thread_count(a.threads);
  const Clock::time_point start = Clock::now();
  const std::shared_ptr<nn::Engine> engine = nn::make_engine(a.engine, {.disk_cache = false});
  const nn::Precision precision = nn::choose_precision(parse_precision(a.precision), *engine);
  const Work work = a.work == "phrases" ? phrases_work(a, engine, precision)
                    : a.work == "image" ? image_work(a, load_winclip(a, engine, precision))
                                        : sentences_work(a, load_winclip(a, engine, precision));
  const double load = std::chrono::duration<double>(Clock::now() - start).count();
  if (a.json)
    fmt::print("{{\"load_seconds\": {:.3f}}}\n", load);
  else
    fmt::print("{}, {}, {}, {} threads\n", precision == nn::Precision::kBF16 ? "bfloat16" : "float32",
               engine->description(), cpu_name(), thread_count());
  measure(a, work);
  return 0;
}

}  // namespace
}  // namespace anomalyvlm

int main(int argc, char** argv) {
  return anomalyvlm::guarded("clip_bench", [&] { return anomalyvlm::run(argc, argv); });
}
