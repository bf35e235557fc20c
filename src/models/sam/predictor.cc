#include "models/sam/predictor.h"

#include <algorithm>
#include <map>

#include "image/resize.h"

namespace anomalyvlm::sam {
namespace {

// How many prompts a graph takes: few sizes, so that few graphs are compiled.
constexpr std::size_t kBatches[] = {8, 4, 1};

// The largest batch of which at most a quarter would stay empty.
std::size_t batch_for(std::size_t prompts) {
  for (const std::size_t batch : kBatches)
    if (3 * batch <= 4 * prompts) return batch;
  return 1;
}

// A box is two points; points without a box are followed by one that is none, as in training.
std::int64_t point_count(const Prompt& prompt) {
  const auto points = static_cast<std::int64_t>(prompt.points.size());
  if (prompt.box) return points + 2;
  return points > 0 ? points + 1 : 0;
}

std::vector<Point> point_list(const Prompt& prompt) {
  std::vector<Point> points = prompt.points;
  if (prompt.box) {
    points.push_back({prompt.box->x0, prompt.box->y0, kBoxStart});
    points.push_back({prompt.box->x1, prompt.box->y1, kBoxEnd});
  } else if (!points.empty()) {
    points.push_back({0, 0, kNotAPoint});
  }
  return points;
}

void require_prompt(const Prompt& prompt, PixelSize grid) {
  if (point_count(prompt) == 0 && !prompt.mask.defined())
    fail(ErrorKind::kBadInput, "SAM needs a box, a point or a mask to know what to cut out.");
  const Shape expected = {4 * grid.height, 4 * grid.width};
  if (prompt.mask.defined() && prompt.mask.shape() != expected)
    fail(ErrorKind::kBadInput, "A mask prompt of shape {} where SAM takes {}.",
         to_string(prompt.mask.shape()), to_string(expected));
}

// Crops [..., H, W] to its first rows and columns.
Tensor cropped(const Tensor& x, PixelSize size) {
  Shape shape = x.shape();
  shape[shape.size() - 2] = size.height;
  shape[shape.size() - 1] = size.width;
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(element_count(shape)));
  for (std::int64_t row = 0; row < x.size() / x.dim(-1); ++row) {
    const float* from = x.floats().data() + row * x.dim(-1);
    if (row % x.dim(-2) < size.height) values.insert(values.end(), from, from + size.width);
  }
  return Tensor::from<float>(std::move(shape), std::move(values));
}

// Masks `first` to `last` of prompt i: masks [N, all, h, w], quality [N, all].
MaskLogits answer_of(const Tensor& masks, const Tensor& quality, std::int64_t i, std::int64_t first,
                     std::int64_t last) {
  const std::int64_t all = masks.dim(1), pixels = masks.dim(2) * masks.dim(3);
  const float* logits = masks.floats().data() + i * all * pixels;
  const float* scores = quality.floats().data() + i * all;
  return {Tensor::from<float>({last - first, masks.dim(2), masks.dim(3)},
                              std::vector<float>(logits + first * pixels, logits + last * pixels)),
          std::vector<float>(scores + first, scores + last)};
}

}  // namespace

Point Embedding::in_network(const Point& of_image) const {
  const auto ratio = [](std::int64_t to, std::int64_t from) {
    return static_cast<float>(static_cast<double>(to) / static_cast<double>(from));
  };
  return {of_image.x * ratio(input.width, image.width), of_image.y * ratio(input.height, image.height),
          of_image.kind};
}

Tensor enlarge(const Tensor& logits, std::int64_t side, PixelSize input, PixelSize image) {
  const auto pixels = [](std::int64_t extent) { return static_cast<int>(extent); };
  const Tensor square = resize_torch_bilinear(logits, pixels(side), pixels(side));
  return resize_torch_bilinear(cropped(square, input), pixels(image.width), pixels(image.height));
}

Predictor::Predictor(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
                     nn::Precision precision, SamConfig config)
    : precision_(precision), config_(std::move(config)), programs_(std::move(weights), std::move(engine)) {
  check_names(*programs_.weights(), "SAM", expected_tensors(config_), ignorable_tensors());
}

Image Predictor::fit(const Image& image) const {
  const double scale = static_cast<double>(config_.image_size()) / std::max(image.width, image.height);
  const auto scaled = [&](int extent) { return std::max(1, static_cast<int>(extent * scale + 0.5)); };
  return resize_pil_bilinear(image, scaled(image.width), scaled(image.height));
}

Tensor Predictor::normalise(const Image& fitted) const {
  const Tensor pixels = to_nchw(fitted, config_.pixel_mean, config_.pixel_std);
  const std::int64_t side = config_.image_size();
  Tensor square = Tensor::zeros({1, 3, side, side});
  const float* from = pixels.floats().data();
  for (std::int64_t row = 0; row < 3 * fitted.height; ++row, from += fitted.width) {
    const std::int64_t channel = row / fitted.height, y = row % fitted.height;
    std::copy(from, from + fitted.width, square.mutable_floats().data() + (channel * side + y) * side);
  }
  return square;
}

Embedding Predictor::embed(const Image& image) const {
  const Image fitted = fit(image);
  const Tensor input = normalise(fitted);
  const auto encoder = programs_.get(image_graph(config_, input.shape()), precision_);
  return {encoder->run({input})[0], {image.height, image.width}, {fitted.height, fitted.width}};
}

std::vector<MaskLogits> Predictor::predict(const Embedding& embedding, std::span<const Prompt> prompts,
                                           bool several) const {
  std::map<PromptShape, std::vector<std::size_t>> by_shape;  // prompts that can share a graph
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    require_prompt(prompts[i], grid());
    by_shape[{1, point_count(prompts[i]), prompts[i].mask.defined()}].push_back(i);
  }
  std::vector<MaskLogits> answers(prompts.size());
  for (auto& [shape, indices] : by_shape) {
    for (std::size_t done = 0; done < indices.size();) {
      const std::size_t batch = batch_for(indices.size() - done);
      const std::size_t taken = std::min(batch, indices.size() - done);
      std::vector<const Prompt*> group;  // the last one fills up what stays empty
      for (std::size_t i = 0; i < batch; ++i)
        group.push_back(&prompts[indices[done + std::min(i, taken - 1)]]);
      const PromptShape full = {static_cast<std::int64_t>(batch), shape.points, shape.mask};
      std::vector<MaskLogits> some = predict_same_shape(embedding, full, group, several);
      for (std::size_t i = 0; i < taken; ++i) answers[indices[done + i]] = std::move(some[i]);
      done += taken;
    }
  }
  return answers;
}

std::vector<MaskLogits> Predictor::predict_same_shape(const Embedding& embedding, const PromptShape& shape,
                                                      std::span<const Prompt* const> prompts,
                                                      bool several) const {
  // Prompts are always encoded in float32: bfloat16 cannot tell pixels apart.
  const auto encoder = programs_.get(prompt_graph(config_, shape, square(), grid()), nn::Precision::kF32);
  std::vector<Tensor> inputs = encoder->run(prompt_inputs(embedding, shape, prompts));
  inputs.insert(inputs.begin(), embedding.features);
  const std::vector<Tensor> outputs =
      programs_.get(decoder_graph(config_, shape, grid()), precision_)->run(inputs);
  const std::int64_t first = several ? 1 : 0, last = several ? 1 + config_.multimask_outputs : 1;
  std::vector<MaskLogits> answers;
  for (std::int64_t i = 0; i < shape.prompts; ++i)
    answers.push_back(answer_of(outputs[0], outputs[1], i, first, last));
  return answers;
}

std::vector<Tensor> Predictor::prompt_inputs(const Embedding& embedding, const PromptShape& shape,
                                             std::span<const Prompt* const> prompts) const {
  std::vector<float> places, kinds, masks;
  for (const Prompt* prompt : prompts) {
    for (const Point& given : point_list(*prompt)) {
      const Point point = embedding.in_network(given);
      places.insert(places.end(), {point.x, point.y});
      for (int kind = 0; kind < kPointKinds; ++kind) kinds.push_back(kind == point.kind ? 1.0F : 0.0F);
    }
    if (shape.mask) {
      const Tensor mask = prompt->mask.to_f32();
      masks.insert(masks.end(), mask.floats().begin(), mask.floats().end());
    }
  }
  std::vector<Tensor> inputs;
  if (shape.points > 0) {
    inputs.push_back(Tensor::from<float>({shape.prompts, shape.points, 2}, std::move(places)));
    inputs.push_back(Tensor::from<float>({shape.prompts, shape.points, kPointKinds}, std::move(kinds)));
  }
  if (shape.mask)
    inputs.push_back(
        Tensor::from<float>({shape.prompts, 1, 4 * grid().height, 4 * grid().width}, std::move(masks)));
  return inputs;
}

std::vector<Region> Predictor::regions(const Embedding& embedding, const MaskLogits& answer) const {
  const Tensor logits = enlarge(answer.logits, config_.image_size(), embedding.input, embedding.image);
  const auto width = static_cast<int>(logits.dim(2)), height = static_cast<int>(logits.dim(1));
  const std::size_t pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  std::vector<Region> regions;
  for (std::size_t m = 0; m < static_cast<std::size_t>(logits.dim(0)); ++m)
    regions.push_back(Region::above(logits.floats().subspan(m * pixels, pixels), width, height,
                                    static_cast<float>(config_.mask_threshold)));
  return regions;
}

}  // namespace anomalyvlm::sam
