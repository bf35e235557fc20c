#include "eval/data/categories.h"

#include <algorithm>

#include "core/check.h"
#include "eval/data/listing.h"

namespace anomalyvlm::eval {
namespace {

constexpr KnownCategory kCategories[] = {
    {"mvtec", "bottle", "object"},
    {"mvtec", "cable", "object"},
    {"mvtec", "capsule", "object"},
    {"mvtec", "carpet", "texture"},
    {"mvtec", "grid", "texture"},
    {"mvtec", "hazelnut", "object"},
    {"mvtec", "leather", "texture"},
    {"mvtec", "metal_nut", "object"},
    {"mvtec", "pill", "object"},
    {"mvtec", "screw", "object"},
    {"mvtec", "tile", "texture"},
    {"mvtec", "toothbrush", "object"},
    {"mvtec", "transistor", "object"},
    {"mvtec", "wood", "texture"},
    {"mvtec", "zipper", "object"},
    {"visa", "candle", "object"},
    {"visa", "capsules", "object"},
    {"visa", "cashew", "object"},
    {"visa", "chewinggum", "object"},
    {"visa", "fryum", "object"},
    {"visa", "macaroni1", "object"},
    {"visa", "macaroni2", "object"},
    {"visa", "pcb1", "object"},
    {"visa", "pcb2", "object"},
    {"visa", "pcb3", "object"},
    {"visa", "pcb4", "object"},
    {"visa", "pipe_fryum", "object"},
    {"ksdd2", "ksdd2", "texture"},
    {"mtd", "mtd", "texture"},
    {"btad", "01", ""},
    {"btad", "02", ""},
    {"btad", "03", ""},
    {"loco", "breakfast_box", ""},
    {"loco", "juice_bottle", ""},
    {"loco", "pushpins", ""},
    {"loco", "screw_bag", ""},
    {"loco", "splicing_connectors", ""},
    {"mvtec2", "can", ""},
    {"mvtec2", "fabric", ""},
    {"mvtec2", "fruit_jelly", ""},
    {"mvtec2", "rice", ""},
    {"mvtec2", "sheet_metal", ""},
    {"mvtec2", "vial", ""},
    {"mvtec2", "wallplugs", ""},
    {"mvtec2", "walnuts", ""},
    {"ksdd", "ksdd", ""},
};

const KnownCategory* find_category(const std::string& dataset, const std::string& category) {
  for (const KnownCategory& known : kCategories)
    if (known.dataset == dataset && known.name == category) return &known;
  return nullptr;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::span<const KnownCategory> known_categories() { return kCategories; }

bool is_known_category(const std::string& dataset, const std::string& category) {
  return find_category(dataset, category) != nullptr;
}

std::string group_of(const std::string& dataset, const std::string& category) {
  const KnownCategory* known = find_category(dataset, category);
  return known ? known->group : "";
}

std::vector<std::string> chosen_categories(const std::string& dataset, const std::filesystem::path& root,
                                           const std::vector<std::string>& there,
                                           const std::vector<std::string>& wanted) {
  if (wanted.empty()) {
    for (const std::string& name : there)
      if (!is_known_category(dataset, name))
        fail(ErrorKind::kBadInput,
             "'{}' holds '{}', which is not a category of the data set '{}': move it away, or name the "
             "categories to read.",
             root.string(), in_message(name), dataset);
    return there;
  }
  for (const std::string& name : wanted)
    if (!contains(there, name))
      fail(ErrorKind::kBadInput, "There is no category '{}' in '{}'; there are: {}.", in_message(name),
           root.string(), in_message(there));
  std::vector<std::string> chosen = there;
  std::erase_if(chosen, [&](const std::string& name) { return !contains(wanted, name); });
  return chosen;
}

}  // namespace anomalyvlm::eval
