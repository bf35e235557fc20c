// The kind "sam_predictor": from an image to masks of its own size, by boxes, points and an earlier answer.
#include <algorithm>

#include "models/sam/predictor.h"
#include "nn/engine.h"
#include "reference/images.h"
#include "reference/sam_cases.h"
#include "roles/adapters/color_order.h"

namespace anomalyvlm::golden {

namespace {

using Json = nlohmann::json;

// The network is to see the channels reversed when the case calls the image BGR.
Image image_of(const GoldenCase& golden) {
  const bool reversed = golden.info.value("image_format", "RGB") == "BGR";
  return in_order(to_image(golden.input("image_u8")), reversed ? ColorOrder::kBgr : ColorOrder::kRgb);
}

std::vector<sam::Prompt> read_boxes(const Tensor& boxes) {
  std::vector<sam::Prompt> prompts;
  for (std::int64_t i = 0; i < boxes.dim(0); ++i) {
    const float* b = boxes.floats().data() + 4 * i;
    prompts.push_back({Box{b[0], b[1], b[2], b[3]}, {}, {}});
  }
  return prompts;
}

Tensor stacked(const std::vector<Tensor>& tensors) {  // [...] each -> [N, ...]
  Shape shape = tensors.front().shape();
  shape.insert(shape.begin(), static_cast<std::int64_t>(tensors.size()));
  std::vector<float> values;
  for (const Tensor& t : tensors) values.insert(values.end(), t.floats().begin(), t.floats().end());
  return Tensor::from<float>(std::move(shape), std::move(values));
}

Tensor row(std::vector<float> values) {
  Shape shape = {static_cast<std::int64_t>(values.size())};
  return Tensor::from<float>(std::move(shape), std::move(values));
}

class PredictorCase {
 public:
  PredictorCase(const GoldenCase& golden, GoldenContext& context, Outputs& outputs)
      : golden_(golden),
        context_(context),
        out_(outputs),
        config_(read_sam_config(golden.info.at("config"))),
        predictor_(golden.weights, context.engine(), nn::Precision::kF32, config_) {
    require_square();
  }

  void run() {
    const Image image = image_of(golden_);
    give_input(predictor_.fit(image));
    embedding_ = predictor_.embed(image);
    give_kept("features", embedding_.features, 2, "embed_stride");
    if (golden_.has_input("boxes")) predict_boxes(read_boxes(golden_.input("boxes").to_f32()));
    if (golden_.has_input("predict.point") || golden_.has_input("predict.box")) predict_twice();
  }

 private:
  // The predictor works on a colour image in a square of the encoder's image size.
  void require_square() const {
    const Json& config = golden_.info["config"];
    const Json prompts = config.value("prompt_encoder", Json::object());
    if (const int channels = config.at("image_encoder").value("in_chans", 3); channels != 3)
      throw NotSupported(fmt::format("an image of {} channels", channels));
    const auto check = [&](const char* key, std::int64_t side) {
      if (!prompts.contains(key)) return;
      const sam::PixelSize size = read_size(prompts[key]);
      if (size.height != side || size.width != side)
        throw NotSupported(
            fmt::format("{} is {} x {}, not {} x {}", key, size.height, size.width, side, side));
    };
    check("input_image_size", config_.image_size());
    check("image_embedding_size", config_.grid_size());
  }

  // Two axes from the first; a case keeps every so many places, and may not say how many.
  void give_kept(const std::string& name, const Tensor& full, int axis, const char* stride_key = "") {
    const Tensor* wanted = golden_.expected->find(name);
    if (wanted == nullptr || wanted->rank() <= axis + 1) return;
    const std::int64_t stride = golden_.info.value(stride_key, std::int64_t{0});
    out_.give(name, kept_places(kept_places(full, axis, wanted->dim(axis), stride), axis + 1,
                                wanted->dim(axis + 1), stride));
  }

  void give_input(const Image& fitted) {
    give_kept("resized_u8", to_tensor(fitted), 0, "resized_stride");
    const Tensor input = predictor_.normalise(fitted);
    give_kept("preprocessed", input, 2);
    const auto& expected = golden_.expected->tensors();
    const auto is_stage = [](const auto& entry) { return entry.first.starts_with("stage."); };
    if (std::none_of(expected.begin(), expected.end(), is_stage)) return;
    for (const auto& [name, value] :
         run_graph(golden_, *context_.engine(), sam::image_graph(config_, input.shape()), {input})) {
      const bool tokens = value.rank() == 3,
                 last_channels = name.starts_with("block_") || name == "tokens_in";
      give_kept("stage." + name, tokens ? as_map(value) : value, tokens || last_channels ? 1 : 2);
    }
  }

  void predict_boxes(const std::vector<sam::Prompt>& prompts) {
    std::vector<float> corners;
    for (const sam::Prompt& prompt : prompts) {
      const sam::Point start = embedding_.in_network({prompt.box->x0, prompt.box->y0});
      const sam::Point end = embedding_.in_network({prompt.box->x1, prompt.box->y1});
      corners.insert(corners.end(), {start.x, start.y, end.x, end.y});
    }
    const auto count = static_cast<std::int64_t>(prompts.size());
    out_.give("transformed_boxes", Tensor::from<float>({count, 4}, std::move(corners)));
    const std::vector<sam::MaskLogits> answers = predictor_.predict(embedding_, prompts);
    std::vector<Tensor> logits, quality, enlarged;
    std::vector<Mask> masks;
    const auto kept = static_cast<std::size_t>(golden_.info.value("n_logits", 0));
    for (std::size_t i = 0; i < answers.size(); ++i) {
      logits.push_back(answers[i].logits);
      quality.push_back(row(answers[i].quality));
      masks.push_back(masks_of(answers[i]).front());
      if (i < kept)
        enlarged.push_back(
            sam::enlarge(answers[i].logits, config_.image_size(), embedding_.input, embedding_.image));
    }
    give_kept("low_res_logits", stacked(logits), 2, "low_res_stride");
    out_.give("iou_predictions", stacked(quality));
    if (!enlarged.empty()) out_.give("mask_logits", stacked(enlarged));
    out_.give("masks", to_tensor(masks, masks[0].width, masks[0].height));
  }

  std::vector<Mask> masks_of(const sam::MaskLogits& answer) const {
    std::vector<Mask> masks;
    for (const Region& region : predictor_.regions(embedding_, answer))
      masks.push_back(to_mask(region, static_cast<int>(embedding_.image.width),
                              static_cast<int>(embedding_.image.height)));
    return masks;
  }

  void predict_twice() {
    const sam::Prompt first = read_prompt("predict");
    const sam::MaskLogits several = predict("predict", first, true);
    const auto best =
        std::max_element(several.quality.begin(), several.quality.end()) - several.quality.begin();
    out_.give("predict2.best_index", Tensor::from<std::int64_t>({1}, {best}));
    if (!golden_.has_input("predict2.point") && !golden_.has_input("predict2.box")) return;
    sam::Prompt second = read_prompt("predict2");
    const Shape size = {several.logits.dim(1), several.logits.dim(2)};
    const float* mask = several.logits.floats().data() + best * element_count(size);
    second.mask = Tensor::from<float>(size, std::vector<float>(mask, mask + element_count(size)));
    predict("predict2", second, false);
  }

  sam::Prompt read_prompt(const std::string& name) const {
    sam::Prompt prompt;
    if (golden_.has_input(name + ".box"))
      prompt.box = read_boxes(golden_.input(name + ".box").to_f32().reshaped({1, 4}))[0].box;
    if (!golden_.has_input(name + ".point")) return prompt;
    const Tensor points = golden_.input(name + ".point").to_f32(),
                 labels = golden_.input(name + ".label").to_f32();
    for (std::int64_t i = 0; i < points.dim(0); ++i) {
      const float label = labels.floats()[i];
      if (label != 0 && label != 1 && label != -1)
        throw NotSupported(fmt::format("a point labelled {}", label));
      const sam::PointKind kind = label < 0    ? sam::kNotAPoint
                                  : label == 0 ? sam::kBackground
                                               : sam::kForeground;
      prompt.points.push_back({points.floats()[2 * i], points.floats()[2 * i + 1], kind});
    }
    return prompt;
  }

  sam::MaskLogits predict(const std::string& name, const sam::Prompt& prompt, bool several) {
    sam::MaskLogits answer = predictor_.predict(embedding_, std::span(&prompt, 1), several)[0];
    give_kept(name + ".low_res", answer.logits, 1, name == "predict" ? "low_res_stride" : "");
    out_.give(name + ".iou", row(answer.quality));
    const std::vector<Mask> masks = masks_of(answer);
    out_.give(name + ".masks", to_tensor(masks, masks[0].width, masks[0].height));
    return answer;
  }

  const GoldenCase& golden_;
  GoldenContext& context_;
  Outputs& out_;
  SamConfig config_;
  sam::Predictor predictor_;
  sam::Embedding embedding_;
};

}  // namespace

void run_sam_predictor(const GoldenCase& golden, GoldenContext& context, Outputs& outputs) {
  PredictorCase(golden, context, outputs).run();
}

}  // namespace anomalyvlm::golden
