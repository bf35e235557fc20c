#include "roles/published_models.h"

#include <algorithm>
#include <numeric>

#include "core/check.h"
#include "models/catalog/architectures.h"
#include "roles/sam_resnet_session.h"
#include "roles/text_boxes.h"
#include "store/folder.h"

namespace anomalyvlm {
namespace {

using catalog::Published;
using catalog::published_named;
using catalog::Role;

// Of more than `most` boxes (0: of any number) the most confident stay, of equals the first, in their order.
bool keep_most_confident(std::vector<BoxCandidate>& boxes, int most) {
  const auto count = static_cast<std::size_t>(most);
  if (most == 0 || boxes.size() <= count) return false;
  std::vector<std::size_t> order(boxes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t i, std::size_t j) { return boxes[i].score > boxes[j].score; });
  order.resize(count);
  std::sort(order.begin(), order.end());
  std::vector<BoxCandidate> kept;
  for (const std::size_t i : order) kept.push_back(std::move(boxes[i]));
  boxes = std::move(kept);
  return true;
}

class PublishedSession : public SamResNetSession {
 public:
  PublishedSession(const Image& image, const StageOptions& options,
                   const grounding_dino::GroundingDino& generator, const sam::Predictor& refiner,
                   const ResNetSaliency& saliency, bool together)
      : SamResNetSession(image, options, refiner, saliency), generator_(generator), together_(together) {}

  std::vector<BoxCandidate> propose(std::span<const std::string> phrases) override {
    const std::vector<std::string> caption(phrases.begin(), phrases.end());
    return propose_each({&caption, 1}).front();
  }

  std::vector<std::vector<BoxCandidate>> propose_each(
      std::span<const std::vector<std::string>> captions) override {
    if (!features_) features_ = generator_.open(image());
    std::vector<std::string> texts;
    std::vector<std::size_t> part_of;  // the caption that each text is (a part of)
    for (std::size_t i = 0; i < captions.size(); ++i) {
      const std::vector<std::string> parts = generator_.captions_for(captions[i]);
      if (parts.size() > 1) note_parts(captions[i].size(), parts.size());
      texts.insert(texts.end(), parts.begin(), parts.end());
      part_of.resize(texts.size(), i);
    }
    const std::vector<grounding_dino::Answer> answers =
        generator_.detect(*features_, texts, together_ ? texts.size() : 1);
    std::vector<std::vector<BoxCandidate>> all(captions.size());
    for (std::size_t k = 0; k < answers.size(); ++k) {
      std::vector<BoxCandidate> boxes = read_boxes(answers[k], options(), width(), height());
      std::move(boxes.begin(), boxes.end(), std::back_inserter(all[part_of[k]]));
    }
    for (std::size_t i = 0; i < all.size(); ++i) limit(all[i], captions[i]);
    return all;
  }
  void start_over() override { notes_.clear(); }
  std::vector<std::string> notes() const override { return notes_; }

 private:
  void limit(std::vector<BoxCandidate>& boxes, std::span<const std::string> phrases) {
    constexpr std::size_t kShown = 5;
    const std::size_t found = boxes.size();
    if (!keep_most_confident(boxes, options().max_proposals)) return;
    notes_.push_back(fmt::format("\"{}{}\" was found at {} places; only the {} most confident are looked at.",
                                 fmt::join(phrases.first(std::min(kShown, phrases.size())), ". "),
                                 phrases.size() > kShown ? ". ..." : "", found, boxes.size()));
  }

  void note_parts(std::size_t phrases, std::size_t captions) {
    notes_.push_back(
        fmt::format("The {} phrases are asked in {} captions, for one has room for {} tokens: that takes {} "
                    "times as long as "
                    "one.",
                    phrases, captions, generator_.config().max_text, captions));
  }

  const grounding_dino::GroundingDino& generator_;
  bool together_;
  std::optional<grounding_dino::ImageFeatures> features_;
  std::vector<std::string> notes_;
};

// Where a name of the catalog belongs by its role; nullptr: no stage reads it.
std::string* place_of(PublishedNames& names, const Published& row) {
  switch (row.role) {
    case Role::kRegionProposer:
      return &names.generator;
    case Role::kMaskRefiner:
      return &names.refiner;
    case Role::kFeatureExtractor:
      return &names.saliency;
    case Role::kVocabulary:
    case Role::kTrainingStart:
      break;
  }
  return nullptr;
}

// Puts a name where it belongs; false if it belongs nowhere, or something is there already.
bool sort_in(PublishedNames& names, std::string_view name) {
  const Published* row = catalog::find_published(name);
  std::string* place = row == nullptr ? nullptr : place_of(names, *row);
  if (place == nullptr || (place != &names.saliency && !place->empty())) return false;
  *place = name;
  return true;
}

template <typename Config>
Config config_of(std::string_view name) {
  return catalog::config_of<Config>(published_named(name));
}

std::shared_ptr<const WeightFile> open_weights(std::string_view name) {
  std::shared_ptr<const WeightFile> weights = store::open_published(name);
  catalog::require_architecture(*weights, *published_named(name).architecture);
  return weights;
}

// From the weight file if it was converted with one, else from the folder.
WordPieceTokenizer open_tokenizer(const WeightFile& weights, std::string_view vocabulary) {
  const auto inside = weights.metadata().find("vocabulary");
  if (inside != weights.metadata().end()) return WordPieceTokenizer::parse(inside->second);
  return WordPieceTokenizer::load(store::locate(published_named(vocabulary)));
}

}  // namespace

std::unique_ptr<ImageSession> PublishedModelSet::open(const Image& image, const StageOptions& options) const {
  return std::make_unique<PublishedSession>(image, options, *generator_, *refiner_, saliency_, together_);
}

std::optional<PublishedNames> published_names(std::string_view model) {
  PublishedNames names;
  if (const catalog::PublishedSet* set = catalog::find_set(model)) {
    for (const std::string_view member : set->members)
      if (published_named(member).role != Role::kVocabulary) AVLM_CHECK(sort_in(names, member));
    return names;
  }
  for (std::size_t begin = 0, end = 0; begin <= model.size(); begin = end + 1) {
    end = std::min(model.find('+', begin), model.size());
    if (!sort_in(names, model.substr(begin, end - begin))) return std::nullopt;
  }
  if (names.generator.empty() || names.refiner.empty()) return std::nullopt;
  return names;
}

std::vector<std::string> missing_weights(const PublishedNames& names) {
  std::vector<std::string> missing;
  const std::filesystem::path folder = store::models_folder();
  const auto look_for = [&](std::string_view name) {
    const store::Stock stock = store::stock_of(published_named(name), folder);
    if (!stock.there && stock.f32.empty() && stock.bf16.empty()) missing.emplace_back(name);
  };
  look_for(names.generator);
  look_for(names.refiner);
  look_for(names.saliency);
  const Published& generator = published_named(names.generator);
  const store::Stock stock = store::stock_of(generator, folder);
  const bool converted = !stock.f32.empty() || !stock.bf16.empty();  // such a file holds the vocabulary
  if (!converted) look_for(generator.architecture->vocabulary);
  return missing;
}

std::unique_ptr<ModelSet> load_published(const PublishedNames& names, const PublishedOptions& options) {
  auto config = config_of<GroundingDinoConfig>(names.generator);
  if (options.short_side > 0) {
    const double scale = static_cast<double>(options.short_side) / config.input.short_side;
    config.input.short_side = options.short_side;
    config.input.long_side = static_cast<std::int64_t>(config.input.long_side * scale);
  }
  // All that is missing is told at once; but a wrong file, where there is one, before what else is missing.
  const std::vector<std::string> missing = missing_weights(names);
  const auto require_all = [&](bool now) {
    if (now && missing.size() > 1) store::fail_without(missing, store::models_folder());
  };
  require_all(!missing.empty() && missing.front() == names.generator);
  const auto generator = open_weights(names.generator);
  require_all(true);
  const auto refiner = open_weights(names.refiner), saliency = open_weights(names.saliency);
  return std::make_unique<PublishedModelSet>(
      std::make_unique<const grounding_dino::GroundingDino>(
          generator, options.engine, options.precision, std::move(config),
          open_tokenizer(*generator, published_named(names.generator).architecture->vocabulary)),
      std::make_unique<const sam::Predictor>(refiner, options.engine, options.precision,
                                             config_of<SamConfig>(names.refiner)),
      ResNetSaliency(std::make_shared<const DenseFeatures>(saliency, options.engine, options.precision,
                                                           config_of<ResNetConfig>(names.saliency))),
      std::vector<std::string>{store::identity_of(*generator), store::identity_of(*refiner),
                               store::identity_of(*saliency)},
      options.engine->on_gpu());
}

}  // namespace anomalyvlm
