#include "models/nano/nano_model.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "image/resize.h"
#include "regions/combine.h"

namespace anomalyvlm::nano {
namespace {

constexpr int kGrain = 32;                 // the network halves five times
constexpr double kLongest = 4.0;           // sides at most so different; longer strips are squashed
constexpr std::size_t kKeptPrograms = 40;  // the usual sides become 38 shapes

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

// Channel c of a tensor [1, C, H, W], resized to the grid.
FloatMap channel(const Tensor& tensor, std::int64_t c, int width, int height) {
  const auto w = static_cast<int>(tensor.dim(3)), h = static_cast<int>(tensor.dim(2));
  const auto values =
      tensor.floats().subspan(static_cast<std::size_t>(c) * w * h, static_cast<std::size_t>(w) * h);
  return resize_linear(FloatMap{w, h, {values.begin(), values.end()}}, width, height);
}

void add_share(FloatMap& total, const FloatMap& map, float share) {
  if (total.values.empty())
    total = FloatMap{map.width, map.height, std::vector<float>(map.values.size(), 0.0F)};
  for (std::size_t i = 0; i < map.values.size(); ++i) total.values[i] += share * map.values[i];
}

bool all_finite(const Tensor& tensor) {
  const auto values = tensor.floats();
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

FloatMap logistic(FloatMap map) {
  for (float& v : map.values) v = 1.0F / (1.0F + std::exp(-v));
  return map;
}

nn::ModelFunction whole_network(const NetworkConfig& config) {
  return [config](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
    return network(root, config, inputs[0]);
  };
}

nn::ModelFunction whole_network_with_references(const NetworkConfig& config) {
  return [config](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
    return network(root, config, inputs[0], inputs[1]);
  };
}

std::string feature_name(std::size_t depth) { return "features" + std::to_string(depth); }

nn::NamedValues encoder(const nn::Scope& root, const std::vector<nn::Value>& inputs) {
  const std::vector<nn::Value> features = encode(root, inputs[0]);
  nn::NamedValues outputs;
  for (std::size_t k = 0; k < features.size(); ++k) outputs.emplace_back(feature_name(k), features[k]);
  outputs.emplace_back("descriptors", descriptors(features));
  return outputs;
}

nn::ModelFunction decoder(const NetworkConfig& config) {
  return [config](const nn::Scope& root, const std::vector<nn::Value>& features) {
    return outputs_of(decode(root, config, features));
  };
}

nn::InputSpec image_input(int width, int height) { return {"image", {1, 3, height, width}}; }
nn::InputSpec reference_input(int width, int height) {
  return {"references", {1, kReferenceChannels, height / kDescriptorCell, width / kDescriptorCell}};
}
std::vector<nn::InputSpec> feature_inputs(int width, int height) {
  std::vector<nn::InputSpec> inputs;
  for (const Shape& shape : feature_shapes(height, width))
    inputs.push_back({feature_name(inputs.size()), shape});
  return inputs;
}

// The largest of each cell x cell values.
FloatMap largest_of_cells(const FloatMap& map, int cell) {
  FloatMap out{map.width / cell, map.height / cell, {}};
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      float most = 0;
      for (int i = 0; i < cell * cell; ++i)
        most = std::max(most, map.at(x * cell + i % cell, y * cell + i / cell));
      out.values.push_back(most);
    }
  }
  return out;
}

Tensor pixels(const Image& image, NanoModel::Size size) {
  return to_nchw(resize_pil_bilinear(image, size.width, size.height), {0, 0, 0}, {1, 1, 1});
}

// The network's answer at one scale, as a share of the whole on half the finest scale's grid.
void add_heads(const std::vector<Tensor>& heads, NanoModel::Size finest, float share, DenseMaps& maps) {
  const int width = finest.width / 2, height = finest.height / 2;
  const auto map = [&](std::size_t head, std::int64_t c) { return channel(heads[head], c, width, height); };
  add_share(maps.defect, logistic(map(0, 0)), share);
  add_share(maps.object, logistic(map(1, 0)), share);
  maps.embedding.resize(static_cast<std::size_t>(heads[2].dim(1)));
  for (std::size_t c = 0; c < maps.embedding.size(); ++c)
    add_share(maps.embedding[c], map(2, static_cast<std::int64_t>(c)), share);
  add_share(maps.saliency, map(3, 0), share);
}

}  // namespace

NanoModel::NanoModel(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
                     nn::Precision precision, NanoConfig config)
    : precision_(precision),
      config_(std::move(config)),
      programs_(std::move(weights), std::move(engine), kKeptPrograms),
      lexicon_(Lexicon::from_metadata(this->weights())),
      words_(this->weights().at("words").to_f32()) {
  this->weights().require_finite();  // an activation may hide what is not a number from the outputs
  const auto count = static_cast<std::int64_t>(lexicon_.words().size());
  if (words_.shape() != Shape{count, network_.embedding})
    fail(ErrorKind::kBadModel, "{}: tensor words has the shape {}, not [{}, {}]; the file is damaged.",
         this->weights().source(), to_string(words_.shape()), count, network_.embedding);
  constexpr int kSmallest = 2 * kGrain;
  const auto signature =
      reads_references(this->weights())
          ? nn::trace_signature(whole_network_with_references(network_),
                                {image_input(kSmallest, kSmallest), reference_input(kSmallest, kSmallest)})
          : nn::trace_signature(whole_network(network_), {image_input(kSmallest, kSmallest)});
  nn::require_weights(this->weights(), "nano", signature);
}

NanoModel::Size NanoModel::network_size(const Image& image, int side) {
  const double ratio = std::clamp(static_cast<double>(image.width) / image.height, 1 / kLongest, kLongest);
  const auto rounded = [](double extent) {
    return std::max(2 * kGrain, static_cast<int>(std::lround(extent / kGrain)) * kGrain);
  };
  return {rounded(side * std::sqrt(ratio)), rounded(side / std::sqrt(ratio))};
}

std::shared_ptr<const nn::Program> NanoModel::program(Size size, Part part) const {
  const nn::InputSpec image = image_input(size.width, size.height);
  const auto compiled = [&](const char* name, const nn::ModelFunction& function,
                            std::vector<nn::InputSpec> inputs) {
    return programs_.get(nn::make_request(name, function, std::move(inputs)), precision_);
  };
  switch (part) {
    case Part::kEncoder:
      return compiled("nano encoder", encoder, {image});
    case Part::kDecoder:
      return compiled("nano decoder", decoder(network_), feature_inputs(size.width, size.height));
    case Part::kWhole:
      break;
  }
  return compiled("nano", whole_network(network_), {image});
}

std::vector<Tensor> NanoModel::run(Size size, Part part, const std::vector<Tensor>& inputs) const {
  std::vector<Tensor> outputs = program(size, part)->run(inputs);
  if (!std::all_of(outputs.begin(), outputs.end(), all_finite))
    fail(ErrorKind::kBadModel, "{}: the network's answer is not a number; the file is damaged.",
         weights().source());
  return outputs;
}

NanoModel::Size NanoModel::seen_size(const Image& image) const {
  return network_size(image, *std::max_element(config_.sides.begin(), config_.sides.end()));
}

DenseMaps NanoModel::analyse(const Image& image) const {
  const Size finest = seen_size(image);
  DenseMaps maps;
  for (const int side : config_.sides) {
    const Size size = network_size(image, side);
    add_heads(run(size, Part::kWhole, {pixels(image, size)}), finest,
              1.0F / static_cast<float>(config_.sides.size()), maps);
  }
  return maps;
}

NanoModel::EncodedImage NanoModel::encode(const Image& image) const {
  EncodedImage encoded;
  for (const int side : config_.sides) {
    const Size size = network_size(image, side);
    std::vector<Tensor> outputs = run(size, Part::kEncoder, {pixels(image, size)});
    EncodedScale& scale = encoded.emplace_back(EncodedScale{size, {}, std::move(outputs.back())});
    outputs.pop_back();
    scale.features = std::move(outputs);
  }
  return encoded;
}

DenseMaps NanoModel::decode(const EncodedImage& encoded, std::vector<FloatMap>* alarms) const {
  const auto narrower = [](const EncodedScale& a, const EncodedScale& b) {
    return a.size.width < b.size.width;
  };
  const Size finest = std::max_element(encoded.begin(), encoded.end(), narrower)->size;
  DenseMaps maps;
  for (const EncodedScale& scale : encoded) {
    const std::vector<Tensor> heads = run(scale.size, Part::kDecoder, scale.features);
    add_heads(heads, finest, 1.0F / static_cast<float>(encoded.size()), maps);
    if (alarms == nullptr) continue;
    const FloatMap defect = logistic(channel(heads[0], 0, scale.size.width / 2, scale.size.height / 2));
    alarms->push_back(largest_of_cells(defect, kDescriptorCell / 2));
  }
  return maps;
}

std::vector<float> NanoModel::embed(const DenseMaps& maps, const Region& region) const {
  std::vector<float> mean;
  for (const FloatMap& map : maps.embedding) mean.push_back(static_cast<float>(mean_inside(map, region)));
  return mean;
}

std::vector<float> NanoModel::phrase_vector(std::string_view phrase) const {
  std::vector<float> mean(static_cast<std::size_t>(network_.embedding), 0.0F);
  const std::vector<std::size_t> words = lexicon_.indices(phrase);
  for (const std::size_t word : words) {
    const auto row = words_.floats().subspan(word * mean.size(), mean.size());
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += row[i] / static_cast<float>(words.size());
  }
  return mean;
}

PhraseMeaning NanoModel::meaning_of(std::string_view phrase) const {
  PhraseMeaning meaning;
  const bool generic = lexicon_.is_generic(phrase);
  meaning.known = generic || !lexicon_.indices(phrase).empty();
  meaning.any = generic || !meaning.known;
  if (meaning.any) return meaning;
  meaning.vector = phrase_vector(phrase);
  for (std::size_t kind = 0; kind < lexicon_.families().size(); ++kind)
    if (lexicon_.names(phrase, kind)) meaning.kinds.push_back(kind);
  return meaning;
}

Question NanoModel::understand(std::span<const std::string> phrases) const {
  Question question;
  std::set<std::size_t> named;
  for (const std::string& phrase : phrases) {
    const PhraseMeaning& meaning = question.phrases.emplace_back(meaning_of(phrase));
    if (meaning.any && !question.any) question.any = question.phrases.size() - 1;
    question.kinds = question.kinds || !meaning.any;
    named.insert(meaning.kinds.begin(), meaning.kinds.end());
  }
  for (std::size_t kind = 0; kind < lexicon_.families().size(); ++kind)
    if (!named.contains(kind)) question.rivals.push_back(phrase_vector(lexicon_.families()[kind].front()));
  return question;
}

// A softmax over what was asked for and its rivals. Kinds exclude each other, so what several phrases ask for
// adds up; two words for the same kind count once.
PhraseFit NanoModel::answer(std::span<const float> embedding, const Question& question) {
  PhraseFit answer;
  if (!question.kinds) return answer;
  std::vector<double> fits;
  for (const PhraseMeaning& meaning : question.phrases)
    fits.push_back(meaning.any ? -HUGE_VAL : dot(embedding, meaning.vector));
  answer.phrase = static_cast<std::size_t>(std::max_element(fits.begin(), fits.end()) - fits.begin());
  const double best = fits[answer.phrase];
  double asked = 0;  // relative to the best phrase's own weight
  for (std::size_t i = 0; i < fits.size(); ++i) {
    bool again = false;  // a phrase for the same kind fits better
    for (std::size_t j = 0; j < fits.size() && !again; ++j)
      again = question.phrases[i].kinds == question.phrases[j].kinds && !question.phrases[i].kinds.empty() &&
              (fits[j] > fits[i] || (fits[j] == fits[i] && j < i));
    if (!again) asked += std::exp(fits[i] - best);
  }
  constexpr double kLargest = 60;  // keeps exp() finite
  double others = 0;
  for (const std::vector<float>& rival : question.rivals)
    others += std::exp(std::min(dot(embedding, rival) - best, kLargest));
  answer.probability = asked / (asked + others);
  return answer;
}

FloatMap NanoModel::probability_map(const DenseMaps& maps, const Question& question) {
  FloatMap map{maps.defect.width, maps.defect.height, std::vector<float>(maps.defect.values.size(), 1.0F)};
  if (!question.kinds) return map;
  std::vector<float> embedding(maps.embedding.size());
  for (std::size_t i = 0; i < map.values.size(); ++i) {
    for (std::size_t c = 0; c < embedding.size(); ++c) embedding[c] = maps.embedding[c].values[i];
    map.values[i] = static_cast<float>(answer(embedding, question).probability);
  }
  return map;
}

}  // namespace anomalyvlm::nano
