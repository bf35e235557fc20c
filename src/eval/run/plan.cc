#include "eval/run/plan.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "anomalyvlm/codec.h"
#include "core/sha256.h"
#include "image/common_bits.h"
#include "image/resize.h"

namespace anomalyvlm::eval {
namespace {

// Known by all ids: an image that comes or goes makes it another data set.
std::string digest_of(const Dataset& dataset) {
  Sha256 digest;
  for (const Category& category : dataset.categories) {
    for (const Sample& sample : category.samples) {
      std::string line = category.name + '\n' + sample.id + '\n';
      if (sample.turn != 1) line += fmt::format("turned {}\n", sample.turn);
      digest.add({reinterpret_cast<const std::uint8_t*>(line.data()), line.size()});
    }
  }
  return digest.hex();
}

// The same for "data", "./data/" and a link to it.
std::string root_of(const std::filesystem::path& root) {
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::canonical(root, error);
  return (error ? std::filesystem::absolute(root).lexically_normal() : whole).string();
}

Json to_json(const DetectorOptions& options) {
  Json json = {{"model", options.model},
               {"profile", *options.profile},
               {"engine", options.engine},
               {"device", options.device},
               {"precision", to_string(options.precision)},
               {"resize", options.resize.value_or(0)},
               {"tile", options.tile.value_or(0)},
               {"overlap", options.tile ? options.tile_overlap.value_or(0) : 0},
               {"proposal_side", options.proposal_side.value_or(0)}};
  if (options.method != DetectorOptions{}.method) json["method"] = options.method;
  return json;
}

}  // namespace

std::size_t RunPlan::images() const {
  std::size_t count = 0;
  for (const Category& category : dataset.categories) count += category.samples.size();
  return count;
}

std::vector<PlannedImage> planned_images(const RunPlan& plan) {
  std::vector<PlannedImage> images;
  for (std::size_t c = 0; c < plan.dataset.categories.size(); ++c)
    for (const Sample& sample : plan.dataset.categories[c].samples) images.push_back({c, &sample});
  return images;
}

void limit_samples(Dataset& dataset, std::size_t limit) {
  if (limit == 0) return;
  for (Category& category : dataset.categories) {
    const std::size_t count = category.samples.size();
    if (count <= limit) continue;
    std::vector<Sample> some;
    for (std::size_t i = 0; i < limit; ++i) some.push_back(std::move(category.samples[i * count / limit]));
    category.samples = std::move(some);
  }
}

Json configuration_of(const RunPlan& plan) {
  Json prompts = Json::object();
  for (std::size_t c = 0; c < plan.categories.size(); ++c)
    for (HybridPrompt prompt : plan.categories[c].prompts) {
      prompt.limit.reset();  // of verdicts: it has no part in what the models say
      prompts[plan.dataset.categories[c].name].push_back(to_toml(prompt));
    }
  Json configuration = {{"dataset", plan.dataset.name},
                        {"root", root_of(plan.root)},
                        {"images", plan.images()},
                        {"images_sha256", digest_of(plan.dataset)},
                        {"mask_above", plan.dataset.mask_rule.above},
                        {"mask_levels", plan.dataset.mask_rule.also},
                        {"side", plan.side},
                        {"detector", to_json(plan.detector)},
                        {"prompts", prompts}};
  if (plan.mutual) configuration["mutual"] = true;
  if (plan.compares && !plan.references.empty()) {
    Json& references = configuration["references"] = Json::object();
    for (std::size_t c = 0; c < plan.references.size(); ++c)
      for (const Sample& sample : plan.references[c].samples)
        references[plan.dataset.categories[c].name].push_back(sample.id);
    const ReferenceOptions& options = plan.reference_options;
    if (options.rotations > 1) configuration["rotations"] = options.rotations;
    if (options.variations) configuration["variations"] = true;
    if (options.nearby > 0) configuration["nearby"] = options.nearby;
  }
  if (plan.bits > 0) configuration["bits"] = plan.bits;
  if (plan.assumed_bits > 0) configuration["assumed_bits"] = plan.assumed_bits;
  return configuration;
}

int common_bits(const RunPlan& plan) {
  if (plan.bits > 0) return 0;
  std::vector<std::filesystem::path> files;
  for (const PlannedImage& planned : planned_images(plan)) files.push_back(planned.sample->image);
  return anomalyvlm::common_bits(files);
}

Image read_planned(const RunPlan& plan, const Sample& sample) {
  ReadOptions options;
  options.bits = plan.bits;
  options.assumed_bits = plan.assumed_bits;
  return read_image(sample.image, options);
}

Image squashed(Image image, int side) {
  return side > 0 ? resize_pil_bilinear(image, side, side) : std::move(image);
}

}  // namespace anomalyvlm::eval
