#include "eval/data/reference_choice.h"

#include <algorithm>
#include <iterator>
#include <random>
#include <set>

#include "anomalyvlm/codec.h"
#include "core/check.h"

namespace anomalyvlm::eval {
namespace {

// Fisher and Yates, with the bare generator: the standard library's shuffle differs between libraries.
template <typename T>
void shuffle(std::vector<T>& items, std::mt19937_64& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random() % i]);
}

bool is_normal(const Sample& sample, const MaskRule& rule) {
  if (sample.label != Label::kByMask) return sample.label == Label::kNormal;
  const Image image = read_image(sample.image);
  return !load_ground_truth(sample, rule, image.width, image.height, 0).anomalous;
}

std::vector<Sample> drawn(const std::vector<Sample>& from, const MaskRule& rule, std::size_t count,
                          std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<const Sample*> order;
  for (const Sample& sample : from)
    if (sample.label != Label::kAnomalous) order.push_back(&sample);
  shuffle(order, random);
  std::vector<Sample> taken;
  for (const Sample* sample : order)
    if (taken.size() < count && is_normal(*sample, rule)) taken.push_back(*sample);
  return taken;
}

}  // namespace

std::vector<CategoryReferences> take_references(Dataset& dataset, const Dataset& training, std::size_t count,
                                                std::uint64_t seed) {
  std::vector<CategoryReferences> all;
  for (Category& category : dataset.categories) {
    std::set<std::string> judged;
    for (const Sample& sample : category.samples) judged.insert(sample.id);
    CategoryReferences& own = all.emplace_back();
    std::size_t of_training = 0;
    for (const Category& other : training.categories) {
      if (other.name != category.name) continue;
      std::vector<Sample> unjudged = other.samples;
      std::erase_if(unjudged, [&](const Sample& sample) { return judged.contains(sample.id); });
      own.samples = drawn(unjudged, training.mask_rule, count, seed);
      of_training = own.samples.size();
      own.from_training = of_training == count;
    }
    if (own.from_training) continue;
    own.samples = drawn(category.samples, dataset.mask_rule, count, seed);
    if (own.samples.size() < count || own.samples.size() >= category.samples.size())
      fail(
          ErrorKind::kBadInput,
          "The category '{}' has {} good images in its training split and {} among those that are judged: {} "
          "references cannot be taken so that some are left to judge; ask for fewer.",
          category.name, of_training, own.samples.size(), count);
    std::set<std::string> ids;
    for (const Sample& sample : own.samples) ids.insert(sample.id);
    std::erase_if(category.samples, [&](const Sample& sample) { return ids.contains(sample.id); });
  }
  return all;
}

Dataset training_split(const std::string& layout, const std::filesystem::path& root, DatasetOptions options,
                       const Dataset& dataset) {
  options.split = "train";
  Dataset all;
  for (const Category& category : dataset.categories) {  // one may lack the split
    options.categories = {category.name};
    try {
      Dataset one = open_dataset(layout, root, options);
      all.mask_rule = one.mask_rule;
      std::move(one.categories.begin(), one.categories.end(), std::back_inserter(all.categories));
    } catch (const Error&) {
    }
  }
  return all;
}

}  // namespace anomalyvlm::eval
