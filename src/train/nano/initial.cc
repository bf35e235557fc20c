#include "train/nano/initial.h"

#include <cmath>

#include "models/efficientnet_lite/efficientnet_lite.h"

namespace anomalyvlm::train {
namespace {

bool ends_with(const std::string& name, std::string_view tail) {
  return name.size() >= tail.size() && std::string_view(name).substr(name.size() - tail.size()) == tail;
}

}  // namespace

Tensor random_normal(const Shape& shape, double deviation, synthetic::Rng& rng) {
  std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
  for (float& v : values) v = rng.n(0, deviation);
  return Tensor::from<float>(shape, std::move(values));
}

Tensor filled(const Shape& shape, float value) {
  return Tensor::from<float>(shape,
                             std::vector<float>(static_cast<std::size_t>(element_count(shape)), value));
}

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

WeightFile::Tensors published_encoder(const std::filesystem::path& file) {
  WeightFile::Tensors tensors;
  const auto published = load_weights(file);
  for (auto& [name, tensor] : fold_efficientnet_lite(*published, EfficientNetLiteConfig::lite0()))
    tensors.emplace("encoder." + name, tensor);
  return tensors;
}

WeightFile::Tensors started_before(const std::filesystem::path& path, const nano::Lexicon& lexicon,
                                   bool folded) {
  WeightFile::Tensors tensors;
  const auto file = load_weights(path);
  const bool same_words = nano::Lexicon::from_metadata(*file).words() == lexicon.words();
  for (const std::string& name : file->names()) {
    if (name == "words" && !same_words) continue;
    const Tensor tensor = file->at(name).to_f32();
    const std::string ending = ".conv.bias";
    if (!folded && name.rfind("decoder.", 0) == 0 && ends_with(name, ending)) {
      const std::string norm = name.substr(0, name.size() - ending.size()) + ".norm.";
      tensors.emplace(norm + "bias", tensor);
      tensors.emplace(norm + "weight", filled(tensor.shape(), 0));
    } else {
      tensors.emplace(name, tensor);
    }
  }
  return tensors;
}

}  // namespace anomalyvlm::train
