#pragma once
// The published weights that the models of this project read: one table.
#include <cstdint>
#include <span>
#include <string_view>

namespace anomalyvlm::store {

struct Published {
  std::string_view name;          // "sam-vit-h"
  std::string_view architecture;  // a name of architectures(); empty: not weights, or not read here yet
  std::string_view file;          // its name in the folder and at mirrors
  std::string_view url;           // empty: not to be fetched by itself, see `note`
  std::uint64_t bytes;            // 0: not known beforehand
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

}  // namespace anomalyvlm::store
