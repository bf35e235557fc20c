// The kind "saa_e2e": the released code from an image and the region generator's answers to the anomaly map,
// by the pipeline with the profile saa-plus.
#include <algorithm>

#include "core/platform.h"
#include "image/resize.h"
#include "methods/anomalyvlm/candidate_steps.h"
#include "models/grounding_dino/phrases.h"
#include "reference/images.h"
#include "reference/resnet_config.h"
#include "reference/runner.h"
#include "reference/saa_property.h"
#include "reference/sam_cases.h"
#include "roles/adapters/color_order.h"
#include "roles/adapters/resnet_saliency.h"
#include "roles/adapters/sam_refiner.h"
#include "roles/adapters/text_boxes.h"
#include "source_dir.h"

namespace anomalyvlm::golden {

namespace {

namespace gdino = grounding_dino;
using Json = nlohmann::json;
using reference::SaaProperty;
namespace fs = std::filesystem;

// BERT's word pieces, by number. They lie in a folder "vocab" above the case, or beside the checkout.
std::vector<std::string> read_vocabulary(const fs::path& case_dir) {
  const fs::path name = fs::path("vocab") / "bert-base-uncased-vocab.txt";
  fs::path file = test::source_dir() / ".." / "shared" / "golden" / name;
  for (fs::path dir = fs::absolute(case_dir).lexically_normal(); dir.has_relative_path();
       dir = dir.parent_path())
    if (fs::exists(dir / name)) {
      file = dir / name;
      break;
    }
  if (!fs::exists(file))
    throw NotSupported(
        fmt::format("there is no {} above the case, which is needed to read phrases back", name.string()));
  std::vector<std::string> words(1);
  for (const char c : read_file(file)) {
    if (c == '\n')
      words.emplace_back();
    else if (c != '\r')
      words.back() += c;
  }
  return words;
}

// What the region generator answered to one caption.
struct GivenAnswer {
  std::string caption;
  Tensor boxes, scores;  // [n, 4] centre and size in shares of the image; [n, columns] of word pieces
  std::vector<std::string> tokens;
  bool nothing = false;  // the released code finds an empty filter phrase in every phrase, and drops all
};

struct Models {
  std::shared_ptr<const sam::Predictor> predictor;
  std::shared_ptr<const DenseFeatures> features;
};

// Asked for the object first, then for each defect, as detect() does.
class GivenProposals : public RegionProposer {
 public:
  GivenProposals(std::span<const GivenAnswer> answers, const Image& image, const StageOptions& options)
      : answers_(answers), image_(image), options_(options) {}

  std::vector<std::vector<Proposal>> propose(std::span<const Caption> captions) override {
    std::vector<std::vector<Proposal>> all;
    for (const Caption& phrases : captions) {
      AVLM_CHECK(phrases.size() == 1 && asked_ < answers_.size());
      const GivenAnswer& answer = answers_[asked_++];
      if (gdino::detector_caption(phrases[0]) != answer.caption)
        fail(ErrorKind::kBadInput, "The pipeline asks for \"{}\" where the case answers \"{}\".", phrases[0],
             answer.caption);
      all.emplace_back();
      if (answer.nothing) continue;
      all.back() = read_boxes({answer.tokens, answer.boxes, answer.scores}, options_, image_.width,
                              image_.height, next_id_);
      next_id_ += static_cast<int>(all.back().size());
    }
    return all;
  }

 private:
  std::span<const GivenAnswer> answers_;
  const Image& image_;
  StageOptions options_;
  std::size_t asked_ = 0;
  int next_id_ = 0;
};

JoinedModels given_models(const Models& models, SaliencySizes sizes, std::vector<GivenAnswer> answers) {
  const auto kept = std::make_shared<const std::vector<GivenAnswer>>(std::move(answers));
  return {[kept](const Image& image, const StageOptions& options) {
            return std::make_shared<GivenProposals>(*kept, image, options);
          },
          sam_refiner(models.predictor),
          resnet_saliency(ResNetSaliency(models.features, sizes)),
          {}};
}

// --- what the case asks for

std::vector<GivenAnswer> read_answers(const GoldenCase& golden, const Json& run) {
  const std::string name = run.at("name");
  const std::vector<std::string> vocabulary = read_vocabulary(golden.dir);
  const auto read = [&](const std::string& part) {
    GivenAnswer answer;
    answer.caption = run.at("captions").at(part).get<std::string>();
    answer.boxes = golden.input(fmt::format("{}.{}.boxes", name, part)).to_f32();
    answer.scores = golden.input(fmt::format("{}.{}.logits", name, part)).to_f32();
    for (const std::size_t id : run.at("input_ids").at(part)) answer.tokens.push_back(vocabulary.at(id));
    return answer;
  };
  std::vector<GivenAnswer> answers = {read("object")};
  for (const Json& prompt : run.at("text_prompt_list")) {
    answers.push_back(read(fmt::format("defect{}", answers.size() - 1)));
    answers.back().nothing = prompt.at(1).get<std::string>().empty();
  }
  return answers;
}

HybridPrompt read_prompt(const SaaProperty& property) {
  if (!(property.defect_area_threshold > 0 && property.defect_area_threshold <= 1))
    throw NotSupported(
        fmt::format("an area of {} object areas: rules take shares of it", property.defect_area_threshold));
  Rule smaller;
  smaller.quantity = Quantity::kArea;
  smaller.comparison = Comparison::kLess;
  smaller.value = property.defect_area_threshold;
  smaller.unit = Unit::kOfObject;
  HybridPrompt prompt;
  prompt.rules = {smaller};
  prompt.max_regions = property.k_mask;
  prompt.object = property.object_prompt;
  prompt.object_count = property.object_number;
  return prompt;
}

PipelineConfig read_pipeline(const Json& run) {
  PipelineConfig config = profile_named("saa-plus");
  config.stages.box_threshold = run.at("box_threshold");
  config.stages.text_threshold = run.at("text_threshold");
  for (const Json& prompt : run.at("text_prompt_list"))
    config.queries.push_back({{prompt.at(0).get<std::string>()}, prompt.at(1).get<std::string>()});
  return config;
}

// --- what it gave

// Lists of boxes, scores and masks, by the names of the case.
struct RegionLists {
  std::vector<float> boxes;
  std::vector<double> scores;
  std::vector<Mask> masks;

  void add(const Box& box, double score, Mask mask) {
    boxes.insert(boxes.end(), {box.x0, box.y0, box.x1, box.y1});
    scores.push_back(score);
    masks.push_back(std::move(mask));
  }
  void give(const std::string& prefix, int width, int height, Outputs& out) const {
    out.give(prefix + "boxes_xyxy",
             Tensor::from<float>({static_cast<std::int64_t>(boxes.size() / 4), 4}, boxes));
    out.give(prefix + "scores", Tensor::from<double>({static_cast<std::int64_t>(scores.size())}, scores));
    out.give(prefix + "masks", to_tensor(masks, width, height));
  }
};

Mask empty_mask(int width, int height) {
  return {width, height,
          std::vector<std::uint8_t>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height))};
}

void give_objects(const Detection& found, double share, const std::string& run, Outputs& out) {
  RegionLists objects;
  float largest = 0;
  for (const InspectedObject& object : found.objects) {
    objects.add(object.box, object.score, to_mask(object.mask, found.width, found.height));
    largest = std::max(largest, object.box.area());
  }
  objects.give(run + ".object_", found.width, found.height, out);
  const double area = static_cast<double>(largest) / found.width / found.height;
  out.give(run + ".object_area", Tensor::from<double>({1}, {area}));
  out.give(run + ".defect_max_area", Tensor::from<double>({1}, {area * share}));
}

// Candidates that met all rules, in the generator's order; `kept` ones are numbered among them. Where there
// are none, the released code goes on with one of no area and no score.
void give_defects(const Detection& found, const std::string& run, Outputs& out) {
  std::vector<const Candidate*> passed;
  for (const Candidate& candidate : found.candidates)
    if (!candidate.rejected_by || candidate.rejected_by->by == Rejection::By::kMaxRegions)
      passed.push_back(&candidate);
  std::sort(passed.begin(), passed.end(),
            [](const Candidate* a, const Candidate* b) { return a->id < b->id; });
  RegionLists defects;
  std::vector<double> rescored;
  std::vector<std::int64_t> best;
  for (const Candidate* candidate : passed) {
    defects.add(candidate->proposal_box, candidate->confidence,
                to_mask(candidate->mask, found.width, found.height));
    rescored.push_back(candidate->refined_score);
  }
  for (std::size_t i = found.kept; i-- > 0;)  // lowest first
    best.push_back(std::find(passed.begin(), passed.end(), &found.candidates[i]) - passed.begin());
  if (passed.empty()) {
    defects.scores = rescored = {0};
    defects.masks = {empty_mask(found.width, found.height)};
    best = {0};
  }
  defects.give(run + ".defect_", found.width, found.height, out);
  const auto count = static_cast<std::int64_t>(best.size());
  out.give(run + ".rescored", Tensor::from<double>({static_cast<std::int64_t>(rescored.size())}, rescored));
  out.give(run + ".topk", Tensor::from<std::int64_t>({count}, std::move(best)));
}

void give_maps(const Detection& found, int side, const std::string& run, Outputs& out) {
  const FloatMap cover =
      fuse(std::span(found.candidates).first(found.kept), found.width, found.height, Fusion::kMeanOfCovering);
  out.give(run + ".saliency", to_tensor(found.saliency));
  out.give(run + ".anomaly_map", to_tensor(resize_linear(found.anomaly, side, side)));
  out.give(run + ".anomaly_map_paper_cover", to_tensor(resize_linear(cover, side, side)));
}

void run_once(const GoldenCase& golden, const Models& models, const Image& image, const Json& run,
              Outputs& out) {
  const std::string name = run.at("name");
  const SaaProperty property = reference::saa_property(run.at("property_prompt").get<std::string>());
  const SaliencySizes sizes{.of_network = run.value("saliency_img_size", SaliencySizes{}.of_network)};
  const JoinedModels given = given_models(models, sizes, read_answers(golden, run));
  const Detection found = detect(given, image, read_prompt(property), read_pipeline(run));
  give_objects(found, property.defect_area_threshold, name, out);
  give_defects(found, name, out);
  give_maps(found, run.at("out_size"), name, out);
}

}  // namespace

void run_saa_e2e(const GoldenCase& golden, GoldenContext& context, Outputs& out) {
  const Json &sam = golden.info.at("config").at("sam"), &resnet = golden.info["config"].at("wide_resnet");
  const Models models{
      std::make_shared<const sam::Predictor>(golden.load(sam.at("weights_file")), context.engine(),
                                             nn::Precision::kF32, read_sam_config(sam.at("config"))),
      std::make_shared<const DenseFeatures>(golden.load(resnet.at("weights_file")), context.engine(),
                                            nn::Precision::kF32, read_resnet_config(resnet.at("config")))};
  const Image image = in_order(to_image(golden.input("image_bgr")), ColorOrder::kBgr);
  for (const Json& run : golden.info.at("runs")) run_once(golden, models, image, run, out);
}

}  // namespace anomalyvlm::golden
