#pragma once
// The published files that models of this project read: one table, a row a file.
#include <cstdint>
#include <span>
#include <string_view>

#include "core/check.h"
#include "weights/architecture.h"

namespace anomalyvlm::catalog {

// What a file is for a method.
enum class Role {
  kRegionProposer,    // an image and phrases to scored boxes
  kMaskRefiner,       // boxes to masks
  kFeatureExtractor,  // an image to dense features
  kTextImageEncoder,  // images and texts to vectors of one space
  kPhraseSegmenter,   // an image and phrases to where each applies
  kVocabulary,        // words of other models
  kTrainingStart,     // where the training of nano starts
};

struct Published {
  std::string_view name;  // "sam-vit-h"
  Role role;
  const Architecture* architecture;  // nullptr: not weights
  std::string_view file;             // its name in the folder and at mirrors
  std::string_view url;              // empty: not to be fetched by itself, see `note`
  std::uint64_t bytes;               // 0: not known beforehand
  std::string_view sha256;
  std::string_view licence;
  std::string_view summary;    // one line for people
  std::string_view note = {};  // where it comes from, if there is no URL
};

std::span<const Published> published();
const Published* find_published(std::string_view name);   // nullptr when there is none
const Published& published_named(std::string_view name);  // throws Error(kBadInput)

// Names that belong together: what a model of this program needs.
struct PublishedSet {
  std::string_view name;
  std::span<const std::string_view> members;
  std::string_view summary;
};
std::span<const PublishedSet> published_sets();
const PublishedSet* find_set(std::string_view name);  // nullptr when there is none

// How a published model is built. Throws Error(kBadInput) where its config is of another type, for it is
// another kind of model.
template <typename Config>
Config config_of(const Published& row) {
  const std::any config = row.architecture == nullptr ? std::any() : row.architecture->config();
  if (const auto* found = std::any_cast<Config>(&config)) return *found;
  fail(ErrorKind::kBadInput, "The published weights \"{}\" are of another kind of model.", row.name);
}

}  // namespace anomalyvlm::catalog
