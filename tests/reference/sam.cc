// The kind "sam_tiny_cfg": SAM's image encoder block by block, and the decoder for sets of prompts.
#include "models/sam/predictor.h"
#include "reference/sam_cases.h"

namespace anomalyvlm::golden {

namespace {

using Json = nlohmann::json;

struct PromptSet {
  sam::PromptShape shape;
  std::vector<float> places, kinds;
  Tensor mask;

  void add(float x, float y, int kind) {
    places.insert(places.end(), {x, y});
    for (int k = 0; k < sam::kPointKinds; ++k) kinds.push_back(k == kind ? 1.0F : 0.0F);
  }
};

// Labels other than these have a place, but no vector.
int kind_of(float label) {
  constexpr int kNone = -1;
  if (label == -1) return sam::kNotAPoint;
  if (label == 0) return sam::kBackground;
  if (label == 1) return sam::kForeground;
  return kNone;
}

// One mask for each prompt, also where the case has one for all.
Tensor repeated(const Tensor& mask, std::int64_t prompts) {
  if (mask.dim(0) == prompts) return mask;
  if (mask.dim(0) != 1) throw NotSupported(fmt::format("{} masks for {} prompts", mask.dim(0), prompts));
  std::vector<float> values;
  for (std::int64_t i = 0; i < prompts; ++i)
    values.insert(values.end(), mask.floats().begin(), mask.floats().end());
  return Tensor::from<float>({prompts, 1, mask.dim(2), mask.dim(3)}, std::move(values));
}

// The points of each prompt, one more without a place where there is no box, then the box's corners.
PromptSet read_prompts(const GoldenCase& golden, const std::string& name) {
  const auto read = [&](const char* part) {
    const Tensor* found = golden.inputs->find(name + part);
    return found == nullptr ? Tensor() : found->to_f32();
  };
  const Tensor coordinates = read(".point_coords"), labels = read(".point_labels"), boxes = read(".boxes");
  PromptSet set;
  set.mask = read(".mask_input");
  for (const Tensor& part : {set.mask, boxes, coordinates})
    if (part.defined()) set.shape.prompts = part.dim(0);
  const std::int64_t points = coordinates.defined() ? coordinates.dim(1) : 0;
  for (std::int64_t n = 0; n < set.shape.prompts; ++n) {
    for (std::int64_t p = n * points; p < (n + 1) * points; ++p)
      set.add(coordinates.floats()[2 * p], coordinates.floats()[2 * p + 1], kind_of(labels.floats()[p]));
    if (points > 0 && !boxes.defined()) set.add(0, 0, sam::kNotAPoint);
    if (!boxes.defined()) continue;
    const float* box = boxes.floats().data() + 4 * n;
    set.add(box[0], box[1], sam::kBoxStart);
    set.add(box[2], box[3], sam::kBoxEnd);
  }
  set.shape.points = static_cast<std::int64_t>(set.places.size()) / 2 / set.shape.prompts;
  set.shape.mask = set.mask.defined();
  if (set.shape.mask) set.mask = repeated(set.mask, set.shape.prompts);
  if (set.shape.points == 0 && !set.shape.mask) throw NotSupported("the prompt set " + name + " is empty");
  return set;
}

std::vector<Tensor> prompt_inputs(PromptSet set) {
  const auto [prompts, points, mask] = set.shape;
  std::vector<Tensor> inputs;
  if (points > 0) {
    inputs.push_back(Tensor::from<float>({prompts, points, 2}, std::move(set.places)));
    inputs.push_back(Tensor::from<float>({prompts, points, sam::kPointKinds}, std::move(set.kinds)));
  }
  if (mask) inputs.push_back(set.mask);
  return inputs;
}

class SamCase {
 public:
  SamCase(const GoldenCase& golden, GoldenContext& context, Outputs& outputs)
      : golden_(golden),
        engine_(*context.engine()),
        out_(outputs),
        json_(golden.info.at("config")),
        config_(read_sam_config(json_)),
        input_(square(config_.image_size())),
        grid_(square(config_.grid_size())) {
    const Json prompts = json_.value("prompt_encoder", Json::object());
    if (prompts.contains("input_image_size")) input_ = read_size(prompts["input_image_size"]);
    if (prompts.contains("image_embedding_size")) grid_ = read_size(prompts["image_embedding_size"]);
  }

  void run() {
    const Tensor image = golden_.input("image_input");
    for (auto& [name, value] : run_graph(golden_, engine_, sam::image_graph(config_, image.shape()), {image}))
      out_.give(name, value);
    embedding_ = out_.tensors().at("image_embedding");
    const Json sets = golden_.info.value("prompt_sets", Json::array());
    if (!sets.empty() && embedding_.dim(0) != 1)
      throw NotSupported("prompts for more than one image at once");
    for (const Json& set : sets) run_set(set.at("name").get<std::string>());
  }

 private:
  static sam::PixelSize square(std::int64_t side) { return {side, side}; }

  void run_set(const std::string& name) {
    const PromptSet set = read_prompts(golden_, name);
    WeightFile::Tensors encoded =
        run_graph(golden_, engine_, sam::prompt_graph(config_, set.shape, input_, grid_), prompt_inputs(set));
    std::vector<Tensor> inputs = {embedding_};
    if (set.shape.points > 0) inputs.push_back(encoded.at("sparse"));
    inputs.push_back(encoded.at("dense"));
    const WeightFile::Tensors decoded =
        run_graph(golden_, engine_, sam::decoder_graph(config_, set.shape, grid_), inputs);
    out_.give("dense_pe", decoded.at("dense_pe"));
    out_.give(name + ".sparse", set.shape.points > 0
                                    ? encoded.at("sparse")
                                    : Tensor::from<float>({set.shape.prompts, 0, config_.channels}, {}));
    out_.give(name + ".dense", encoded.at("dense"));
    give_masks(name + ".mm0.", decoded, 0, 1);
    give_masks(name + ".mm1.", decoded, 1, 1 + config_.multimask_outputs);
  }

  void give_masks(const std::string& name, const WeightFile::Tensors& decoded, std::int64_t first,
                  std::int64_t last) {
    const Tensor logits = channels_of(decoded.at("masks"), first, last);
    out_.give(name + "low_res", logits);
    out_.give(name + "iou", channels_of(decoded.at("quality"), first, last));
    if (first == last || !golden_.wants(name + "upscaled")) return;
    const Json& sizes = json_.at("postprocess");
    out_.give(name + "upscaled", sam::enlarge(logits, config_.image_size(), read_size(sizes.at("input_size")),
                                              read_size(sizes.at("original_size"))));
  }

  const GoldenCase& golden_;
  nn::Engine& engine_;
  Outputs& out_;
  const Json& json_;
  SamConfig config_;
  sam::PixelSize input_, grid_;
  Tensor embedding_;
};

}  // namespace

void run_sam(const GoldenCase& golden, GoldenContext& context, Outputs& outputs) {
  SamCase(golden, context, outputs).run();
}

}  // namespace anomalyvlm::golden
