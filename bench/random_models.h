#pragma once
// Full-size models with randomly initialised weights, for benchmarks: they cost what real ones do.
#include <filesystem>
#include <string>
#include <string_view>

#include "models/catalog/catalog.h"
#include "models/grounding_dino/grounding_dino.h"
#include "store/convert/random.h"

namespace anomalyvlm {

// The weights of an architecture, written into the folder at the first time.
inline std::shared_ptr<const WeightFile> random_weights(const std::filesystem::path& folder,
                                                        const Architecture& architecture) {
  const std::filesystem::path file = folder / fmt::format("{}.random.safetensors", architecture.name);
  std::filesystem::create_directories(folder);
  if (!std::filesystem::exists(file)) store::write_random(architecture, file, 1);
  return load_weights(file);
}

// The same of published ones' architecture.
inline std::shared_ptr<const WeightFile> random_weights(const std::filesystem::path& folder,
                                                        std::string_view published) {
  return random_weights(folder, *catalog::published_named(published).architecture);
}

// As at the start of training: a layer hardly moves boxes, and samples points nearby. With weights of one
// scale throughout, the decoder diverges, and any rounding leads to other boxes.
inline std::shared_ptr<const WeightFile> tamed(const WeightFile& weights) {
  WeightFile::Tensors tensors = weights.tensors();
  for (auto& [name, tensor] : tensors) {
    const bool offsets = name.ends_with("sampling_offsets.weight");
    if (!offsets && !(name.find("bbox_embed") != std::string::npos && name.ends_with("layers.2.weight")))
      continue;
    std::vector<float> values(tensor.floats().begin(), tensor.floats().end());
    for (float& value : values) value *= offsets ? 0.5F : 0.1F;
    tensor = Tensor::from<float>(tensor.shape(), std::move(values));
  }
  return std::make_shared<const WeightFile>(weights.source() + ", tamed", std::move(tensors),
                                            weights.metadata());
}

// A vocabulary with just the captions' words, letters only, one token each.
inline WordPieceTokenizer tokenizer_of(std::span<const std::string> captions) {
  std::vector<std::string> words = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", ".", ","};
  for (const std::string& caption : captions) {
    std::string word;
    for (const char c : caption + " ") {
      if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
        word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      } else if (!word.empty()) {
        if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
        word.clear();
      }
    }
  }
  return WordPieceTokenizer(std::move(words));
}

// Smooth shapes and some noise.
inline Image test_image(int width, int height) {
  Image image{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(3) * width * height)};
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < image.rgb.size(); ++i) {
    state = state * 1664525U + 1013904223U;
    const auto pixel = static_cast<int>(i / 3), x = pixel % width, y = pixel / width;
    const bool spot = (x / 40 + y / 30) % 7 == 3;
    image.rgb[i] =
        static_cast<std::uint8_t>((spot ? 60 : 150) + (x + 2 * y) % 50 + static_cast<int>(state >> 28));
  }
  return image;
}

}  // namespace anomalyvlm
