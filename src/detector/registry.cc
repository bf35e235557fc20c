#include "detector/registry.h"

#include <array>

#include "anomalyvlm/data_folder.h"
#include "anomalyvlm/version.h"
#include "core/check.h"
#include "core/closest.h"
#include "core/files.h"
#include "core/printable.h"
#include "core/sha256.h"
#include "models/catalog/architectures.h"
#include "models/nano/backbone.h"
#include "roles/adapters/clip_encoder.h"
#include "roles/adapters/clipseg_segmenter.h"
#include "roles/adapters/nano_features.h"
#include "roles/adapters/nano_models.h"
#include "roles/adapters/published_models.h"
#include "roles/adapters/resnet_features.h"
#include "roles/compared_models.h"
#include "store/folder.h"
#include "weights/seal.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<ModelSet> load_nano(const ModelContext& context) {
  NanoWeights nano = open_nano_weights(context.data_folder);
  const std::uint64_t parameters = nano.weights->parameters();
  return std::make_unique<NanoModelSet>(
      std::make_unique<nano::NanoModel>(std::move(nano.weights), context.engine, context.precision),
      LoadedModel{nano.id, parameters});
}

std::unique_ptr<ModelSet> load_by_name(const ModelContext& context) {
  // Their saliency's network would take seconds an image: nano's encoder compares for them.
  const auto describer = [context]() -> std::shared_ptr<const ImageDescriber> {
    return load_nano(context)->describer();
  };
  return std::make_unique<ComparedModels>(
      load_published(published_names(context.name).value(),
                     {context.engine, context.precision, context.proposal_side}),
      describer);
}

constexpr std::array kModels = {
    ModelEntry{"nano", "nano", "the embedded default: small, dense, trained on synthetic images", load_nano},
    ModelEntry{"paper", "paper", "the paper's: Grounding DINO Swin-T, MobileSAM, Wide ResNet-50-2",
               load_by_name},
    ModelEntry{"saa-plus", "saa-plus",
               "the released SAA+'s: Grounding DINO Swin-T, SAM ViT-H, Wide ResNet-50-2", load_by_name},
};
constexpr ModelEntry kJoined = {"A+B", "paper", "published weights by their names", load_by_name};

// Of a network that is read in part.
LoadedModel encoder_of(const NanoWeights& nano) {
  constexpr std::array<std::string_view, 1> kEncoder{"encoder."};
  return {nano.id + ", its encoder", nano.weights->parameters(kEncoder)};
}

LoadedModel wide_resnet_of(const WeightFile& weights, std::size_t last_layer) {
  constexpr std::array<std::string_view, 5> kParts{"conv1.", "bn1.", "layer1.", "layer2.", "layer3."};
  return {store::identity_of(weights), weights.parameters(std::span(kParts).first(2 + last_layer))};
}

LoadedExtractor load_nano_encoder(const ModelContext& context) {
  const NanoWeights nano = open_nano_weights(context.data_folder);
  return {std::make_shared<const NanoFeatures>(
              std::make_shared<const nano::Backbone>(nano.weights, context.engine, context.precision)),
          encoder_of(nano)};
}

LoadedExtractor load_wide_resnet(const ModelContext& context) {
  const auto weights = store::open_published(context.name);
  return {wide_resnet_layer2(weights, context.engine, context.precision), wide_resnet_of(*weights, 2)};
}

LoadedLayers load_nano_layers(const ModelContext& context) {
  constexpr int kNumbers = 128;  // its layers have 40 and 112 channels
  const NanoWeights nano = open_nano_weights(context.data_folder);
  return {
      std::make_shared<const NanoLayers>(
          std::make_shared<const nano::Backbone>(nano.weights, context.engine, context.precision), nano.id),
      encoder_of(nano), kNumbers};
}

LoadedLayers load_wide_resnet_layers(const ModelContext& context) {
  constexpr int kNumbers = 1024;  // as published
  const auto weights = store::open_published(context.name);
  const LoadedModel model = wide_resnet_of(*weights, 3);
  return {wide_resnet_layers23(weights, context.engine, context.precision, model.id), model, kNumbers};
}

std::vector<std::string> names_of(catalog::Role role) {
  std::vector<std::string> names;
  for (const catalog::Published& row : catalog::published())
    if (row.role == role) names.emplace_back(row.name);
  return names;
}

std::shared_ptr<const WeightFile> open_of(const catalog::Published& row) {
  auto weights = store::open_published(row.name);
  catalog::require_architecture(*weights, *row.architecture);
  return weights;
}

LoadedModel loaded_of(const catalog::Published& row, const WeightFile& weights) {
  return {store::identity_of(weights), parameters_of(*row.architecture)};
}

clip::Tokenizer clip_tokenizer(const clip::ClipConfig& config) {
  return clip::Tokenizer::load(store::locate(catalog::published_named(kClipVocabulary)),
                               config.special_tokens);
}

constexpr std::array kExtractors = {
    ExtractorEntry{"nano", load_nano_encoder, load_nano_layers},
    ExtractorEntry{"wide-resnet50-2", load_wide_resnet, load_wide_resnet_layers},
};

}  // namespace

fs::path nano_weights(const fs::path& data_folder) {
  return find_data_folder(data_folder) / "models" / "nano" / "nano.safetensors";
}

NanoWeights open_nano_weights(const fs::path& data_folder) {
  const fs::path file = nano_weights(data_folder);
  // A copy: later writes to the file have no effect.
  const auto text = std::make_shared<const std::string>(read_file(file));
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(text->data()), text->size());
  std::shared_ptr<const WeightFile> weights = parse_weights(bytes, text, file.string());
  require_seal(bytes, *weights);
  return {std::move(weights), fmt::format("nano {} (sha256 {})", version(), sha256_hex(bytes))};
}

std::span<const ExtractorEntry> extractor_entries() { return kExtractors; }

const ExtractorEntry* find_extractor(std::string_view name) {
  for (const ExtractorEntry& entry : kExtractors)
    if (entry.name == name) return &entry;
  return nullptr;
}

std::vector<std::string> text_image_encoder_names() { return names_of(catalog::Role::kTextImageEncoder); }

LoadedTextImageEncoder load_text_image_encoder(const ModelContext& context) {
  require_weights(context.name);
  const catalog::Published& row = catalog::published_named(context.name);
  const auto config = catalog::config_of<clip::ClipConfig>(row);
  const auto weights = open_of(row);
  return {clip_encoder(weights, context.engine, context.precision, config, clip_tokenizer(config)),
          loaded_of(row, *weights)};
}

std::vector<std::string> phrase_segmenter_names() { return names_of(catalog::Role::kPhraseSegmenter); }

LoadedPhraseSegmenter load_phrase_segmenter(const ModelContext& context) {
  require_weights(context.name);
  const catalog::Published& row = catalog::published_named(context.name);
  const auto config = catalog::config_of<clipseg::ClipSegConfig>(row);
  const catalog::Published& clip_row = catalog::published_named(kClip);
  const auto decoder = open_of(row), clip = open_of(clip_row);
  return {clipseg_segmenter(clipseg::with_clip(decoder, clip), context.engine, context.precision, config,
                            clip_tokenizer(config.clip)),
          {loaded_of(row, *decoder), loaded_of(clip_row, *clip)}};
}

std::span<const ModelEntry> model_entries() { return kModels; }

const ModelEntry& model_entry(std::string_view name) {
  std::vector<std::string> known;
  for (const ModelEntry& entry : kModels) {
    if (entry.name == name) return entry;
    known.emplace_back(entry.name);
  }
  if (published_names(name)) return kJoined;
  const std::string meant = closest(name, known);
  fail(
      ErrorKind::kBadInput,
      "There is no model \"{}\"{}; there is {}, or a generator's and a refiner's published weights joined by "
      "'+', as in grounding-dino-swin-b+sam-vit-h ('anomalyvlm models list').",
      printable(name), meant.empty() ? "" : fmt::format(" (did you mean {}?)", meant),
      fmt::join(known, ", "));
}

}  // namespace anomalyvlm
