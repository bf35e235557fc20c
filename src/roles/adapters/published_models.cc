#include "roles/adapters/published_models.h"

#include <algorithm>
#include <any>
#include <array>
#include <span>
#include <typeinfo>
#include <utility>

#include "core/check.h"
#include "models/catalog/architectures.h"
#include "roles/adapters/grounding_dino_proposer.h"
#include "roles/adapters/resnet_saliency.h"
#include "roles/adapters/sam_refiner.h"
#include "roles/joined_models.h"
#include "store/folder.h"

namespace anomalyvlm {
namespace {

using catalog::Published;
using catalog::published_named;
using catalog::Role;

bool estimates_saliency(const Published& row);

// Where a name of the catalog belongs by its role; nullptr: no model set reads it.
std::string* place_of(PublishedNames& names, const Published& row) {
  switch (row.role) {
    case Role::kRegionProposer:
      return &names.generator;
    case Role::kMaskRefiner:
      return &names.refiner;
    case Role::kFeatureExtractor:
      return estimates_saliency(row) ? &names.saliency : nullptr;
    case Role::kTextImageEncoder:
    case Role::kPhraseSegmenter:
    case Role::kVocabulary:
    case Role::kTrainingStart:
      break;
  }
  return nullptr;
}

// Assigns a name to its stage; false if it has none, or the stage is taken already.
bool sort_in(PublishedNames& names, std::string_view name) {
  const Published* row = catalog::find_published(name);
  std::string* place = row == nullptr ? nullptr : place_of(names, *row);
  if (place == nullptr || (place != &names.saliency && !place->empty())) return false;
  *place = name;
  return true;
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

// ---- which files a model reads

std::vector<std::string> weights_of(const PublishedNames& names) {
  std::vector<std::string> needed = {names.generator, names.refiner, names.saliency};
  const Published& generator = published_named(names.generator);
  const store::Stock stock = store::stock_of(generator, store::models_folder());
  const bool converted = !stock.f32.empty() || !stock.bf16.empty();  // such a file holds the vocabulary
  if (!converted) needed.emplace_back(generator.architecture->vocabulary);
  return needed;
}

std::vector<std::string> weights_of(std::string_view model) {
  if (const auto names = published_names(model)) return weights_of(*names);
  const Published* row = catalog::find_published(model);
  if (row == nullptr) return {};
  if (row->role == Role::kTextImageEncoder) return {std::string(model), kClipVocabulary};
  if (row->role == Role::kPhraseSegmenter) return {std::string(model), kClip, kClipVocabulary};
  return {std::string(model)};
}

// ---- which adapter loads what

struct Loading {
  const Published& row;
  std::shared_ptr<const WeightFile> weights;
  const PublishedOptions& options;

  template <typename Config>
  Config config() const {
    return catalog::config_of<Config>(row);
  }
};

RoleOpener<RegionProposer> load_grounding_dino(const Loading& loading) {
  auto config = loading.config<GroundingDinoConfig>();
  const PublishedOptions& options = loading.options;
  if (options.short_side > 0) {
    const double scale = static_cast<double>(options.short_side) / config.input.short_side;
    config.input.short_side = options.short_side;
    config.input.long_side = static_cast<std::int64_t>(config.input.long_side * scale);
  }
  return grounding_dino_proposer(std::make_shared<const grounding_dino::GroundingDino>(
                                     loading.weights, options.engine, options.precision, std::move(config),
                                     open_tokenizer(*loading.weights, loading.row.architecture->vocabulary)),
                                 options.engine->on_gpu());
}

RoleOpener<MaskRefiner> load_sam(const Loading& loading) {
  return sam_refiner(std::make_shared<const sam::Predictor>(
      loading.weights, loading.options.engine, loading.options.precision, loading.config<SamConfig>()));
}

RoleOpener<SaliencyEstimator> load_resnet(const Loading& loading) {
  return resnet_saliency(ResNetSaliency(std::make_shared<const DenseFeatures>(
      loading.weights, loading.options.engine, loading.options.precision, loading.config<ResNetConfig>())));
}

template <typename Role>
struct Adapter {
  const std::type_info& config;  // of the architectures that it loads
  RoleOpener<Role> (*load)(const Loading& loading);
};
const std::array kProposers = {Adapter<RegionProposer>{typeid(GroundingDinoConfig), load_grounding_dino}};
const std::array kRefiners = {Adapter<MaskRefiner>{typeid(SamConfig), load_sam}};
const std::array kSaliencyEstimators = {Adapter<SaliencyEstimator>{typeid(ResNetConfig), load_resnet}};

// Features may be for other methods.
bool estimates_saliency(const Published& row) {
  const std::any config = row.architecture->config();
  return std::any_of(kSaliencyEstimators.begin(), kSaliencyEstimators.end(),
                     [&](const auto& adapter) { return adapter.config == config.type(); });
}

template <typename Role>
RoleOpener<Role> load_role(std::span<const Adapter<Role>> adapters, const Loading& loading) {
  const std::any config = loading.row.architecture->config();
  for (const Adapter<Role>& adapter : adapters)
    if (adapter.config == config.type()) return adapter.load(loading);
  fail(ErrorKind::kInternal, "No adapter loads \"{}\".", loading.row.name);
}

}  // namespace

std::optional<PublishedNames> published_names(std::string_view model) {
  PublishedNames names;
  if (const catalog::PublishedSet* set = catalog::find_set(model)) {
    for (const std::string_view member : set->members)
      if (published_named(member).role != Role::kVocabulary && !sort_in(names, member)) return std::nullopt;
    return names;
  }
  for (std::size_t begin = 0, end = 0; begin <= model.size(); begin = end + 1) {
    end = std::min(model.find('+', begin), model.size());
    if (!sort_in(names, model.substr(begin, end - begin))) return std::nullopt;
  }
  if (names.generator.empty() || names.refiner.empty()) return std::nullopt;
  return names;
}

std::vector<std::string> missing_weights(std::string_view model) {
  return store::missing_of(weights_of(model));
}

void require_weights(std::string_view model) {
  const std::vector<std::string> needed = weights_of(model), missing = store::missing_of(needed);
  if (!missing.empty()) store::fail_without(missing, store::models_folder());
  for (const std::string& name : needed) {  // what is not whole
    const store::Stock stock = store::stock_of(published_named(name), store::models_folder());
    if (!stock.there && stock.f32.empty() && stock.bf16.empty()) store::locate(published_named(name));
  }
}

std::unique_ptr<ModelSet> load_published(const PublishedNames& names, const PublishedOptions& options) {
  // Everything that is missing is reported at once, but a wrong file before that.
  const std::vector<std::string> missing = store::missing_of(weights_of(names));
  const auto require_all = [&](bool now) {
    if (now && missing.size() > 1) store::fail_without(missing, store::models_folder());
  };
  require_all(!missing.empty() && missing.front() == names.generator);
  const auto generator = open_weights(names.generator);
  require_all(true);
  const auto refiner = open_weights(names.refiner), saliency = open_weights(names.saliency);
  const auto loaded = [](std::string_view name, const WeightFile& file) {
    return LoadedModel{store::identity_of(file), parameters_of(*published_named(name).architecture)};
  };
  return std::make_unique<JoinedModels>(
      load_role<RegionProposer>(kProposers, {published_named(names.generator), generator, options}),
      load_role<MaskRefiner>(kRefiners, {published_named(names.refiner), refiner, options}),
      load_role<SaliencyEstimator>(kSaliencyEstimators, {published_named(names.saliency), saliency, options}),
      std::vector<LoadedModel>{loaded(names.generator, *generator), loaded(names.refiner, *refiner),
                               loaded(names.saliency, *saliency)});
}

}  // namespace anomalyvlm
