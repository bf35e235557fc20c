#include "models/clip/text_encoder.h"

#include <algorithm>

namespace anomalyvlm::clip {
namespace {

// Texts of a batch; the rest of a batch is filled up. Most texts alone, an ensemble of prompts in large
// batches.
constexpr std::int64_t kBatches[] = {1, 8, 32};
constexpr std::int64_t kLengthStep = 16;  // tokens

}  // namespace

TextEncoder::TextEncoder(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
                         nn::Precision precision, const ClipConfig& config, std::string prefix)
    : precision_(precision),
      config_(config),
      prefix_(std::move(prefix)),
      programs_(std::move(weights), std::move(engine)) {}

Tensor TextEncoder::batch_of(const Tensor& ids, std::int64_t first, std::int64_t count) const {
  const std::int64_t places = ids.dim(1);
  const std::int64_t batch = *std::find_if(std::begin(kBatches), std::end(kBatches) - 1,
                                           [&](std::int64_t size) { return size >= count; });
  const auto all = ids.values<std::int64_t>();
  const auto text = [&](std::int64_t i) {
    return all.subspan(static_cast<std::size_t>((first + std::min(i, count - 1)) * places),
                       static_cast<std::size_t>(places));
  };
  std::int64_t longest = 0;
  for (std::int64_t i = 0; i < count; ++i)
    longest =
        std::max<std::int64_t>(longest, std::max_element(text(i).begin(), text(i).end()) - text(i).begin());
  const std::int64_t length = std::min((longest / kLengthStep + 1) * kLengthStep, places);
  std::vector<std::int64_t> shortened;
  for (std::int64_t i = 0; i < batch; ++i)
    shortened.insert(shortened.end(), text(i).begin(), text(i).begin() + length);
  const Tensor these = Tensor::from<std::int64_t>({batch, length}, std::move(shortened));
  const Tensor embeddings = token_embeddings(*programs_.weights(), prefix_, these);
  const Tensor place = end_places(these, length);
  const auto function = [config = config_, prefix = prefix_](const nn::Scope& root,
                                                             const std::vector<nn::Value>& in) {
    const nn::Scope at = prefix.empty() ? root : root / prefix;
    return nn::NamedValues{{"vectors", text_projection(at, config, text_states(at, config, in[0]), in[1])}};
  };
  const auto graph = nn::make_request("texts of " + config_.description() + " " + prefix_, function,
                                      {{"embeddings", embeddings.shape()}, {"place", place.shape()}});
  return programs_.get(graph, precision_)->run({embeddings, place}).front();
}

Tensor TextEncoder::vectors(const Tensor& ids) const {
  AVLM_CHECK(ids.rank() == 2);
  const std::int64_t most = *(std::end(kBatches) - 1), count = ids.dim(0);
  std::vector<float> vectors;
  for (std::int64_t first = 0; first < count; first += most) {
    const std::int64_t some = std::min(most, count - first);
    const Tensor batch = batch_of(ids, first, some);
    const auto rows = batch.floats().first(static_cast<std::size_t>(some * config_.embedding));
    vectors.insert(vectors.end(), rows.begin(), rows.end());
  }
  return Tensor::from<float>({count, config_.embedding}, std::move(vectors));
}

Tensor TextEncoder::vectors(const Tokenizer& tokenizer, const std::vector<std::string>& texts,
                            TooLong too_long) const {
  return vectors(contexts_of(tokenizer, texts, config_.context, too_long));
}

Tensor contexts_of(const Tokenizer& tokenizer, const std::vector<std::string>& texts, std::int64_t context,
                   TooLong too_long) {
  std::vector<std::int64_t> ids;
  for (const std::string& text : texts)
    for (const std::int64_t id : tokenizer.context(text, context, too_long)) ids.push_back(id);
  return Tensor::from<std::int64_t>({static_cast<std::int64_t>(texts.size()), context}, std::move(ids));
}

}  // namespace anomalyvlm::clip
