#include "eval/data/mask_survey.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <mutex>
#include <utility>

#include "core/check.h"
#include "core/threads.h"
#include "eval/data/listing.h"

namespace anomalyvlm::eval {
namespace {

constexpr std::size_t kLevels = 256;

// The pixels of each level, and how many of them border on their own level and 0 only.
struct LevelUse {
  std::array<std::uint64_t, kLevels> all{}, alone{};

  bool as_classes(std::size_t level) const { return all[level] > 0 && 2 * alone[level] >= all[level]; }
};

struct SurveyedMask {
  const Sample* sample = nullptr;
  std::string file;
  std::bitset<kLevels> levels = {};                               // that it has
  std::vector<std::pair<std::uint8_t, std::size_t>> counts = {};  // of their pixels
  bool read = false;

  int highest() const {
    int level = kLevels - 1;
    while (level > 0 && !levels[static_cast<std::size_t>(level)]) --level;
    return level;
  }
};

bool borders_on_itself_only(const MaskLevels& mask, int x, int y) {
  const auto at = [&](int column, int row) {
    return mask.values[static_cast<std::size_t>(row) * static_cast<std::size_t>(mask.width) +
                       static_cast<std::size_t>(column)];
  };
  const std::uint8_t own = at(x, y);
  for (int row = std::max(0, y - 1); row <= std::min(mask.height - 1, y + 1); ++row)
    for (int column = std::max(0, x - 1); column <= std::min(mask.width - 1, x + 1); ++column)
      if (const std::uint8_t level = at(column, row); level != 0 && level != own) return false;
  return true;
}

void look_at(const MaskLevels& mask, int usual, SurveyedMask& surveyed, LevelUse& use) {
  std::array<std::size_t, kLevels> counts{};
  std::size_t at = 0;
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 0; x < mask.width; ++x) {
      const std::size_t level = mask.values[at++];
      ++counts[level];
      if (level == 0 || static_cast<int>(level) > usual || mask.lossy) continue;
      ++use.all[level];
      use.alone[level] += borders_on_itself_only(mask, x, y);
    }
  }
  for (std::size_t level = 0; level < kLevels; ++level) {
    if (counts[level] == 0) continue;
    surveyed.levels.set(level);
    surveyed.counts.emplace_back(static_cast<std::uint8_t>(level), counts[level]);
  }
  surveyed.read = true;
}

class Survey {
 public:
  Survey(Dataset& dataset, bool classes) : dataset_(dataset), classes_(classes) {
    for (const Category& category : dataset.categories)
      for (const Sample& sample : category.samples)
        for (const std::filesystem::path& file : sample.masks) masks_.push_back({&sample, file.string()});
    read_all();
    std::erase_if(masks_, [](const SurveyedMask& mask) { return !mask.read; });
  }

  void decide() {
    MaskRule& rule = dataset_.mask_rule;
    for (int level = 1; classes_ && level <= rule.above; ++level)
      if (use_.as_classes(static_cast<std::size_t>(level))) rule.also.push_back(level);
    const auto counts = [&](const SurveyedMask& mask) { return shows_by_rule(mask); };
    int highest = 0;
    for (const SurveyedMask& mask : masks_) highest = std::max(highest, mask.highest());
    if (highest > 0 && std::none_of(masks_.begin(), masks_.end(), counts)) {
      rule.above = highest / 2;
      note(
          "No mask has a level above 127, so every level above {}, half of the highest, counts as a defect; "
          "--mask-above sets another.",
          rule.above);
    }
    if (!rule.also.empty()) note_classes();
    const auto only_masks_tell = [](const SurveyedMask& mask) {
      return mask.sample->label == Label::kByMask;
    };
    if (highest == 0 && std::any_of(masks_.begin(), masks_.end(), only_masks_tell))
      note("All masks are black: none of the {} shows a defect, '{}' for one.", masks_.size(),
           in_message(masks_.front().file));
    note_masks("Masks with levels above 0 of which none counts as a defect; --mask-above sets from where on",
               [&](const SurveyedMask& mask) { return mask.highest() > 0 && !counts(mask); });
    note_masks("Masks of defective images that are black all over and so do not say where the defect is",
               [](const SurveyedMask& mask) {
                 return mask.highest() == 0 && mask.sample->label == Label::kAnomalous;
               });
    note_void();
    note_inverted();
  }

 private:
  void read_all() {
    std::mutex adding;
    parallel_for(static_cast<std::int64_t>(masks_.size()), 1, [&](std::int64_t begin, std::int64_t end) {
      LevelUse use;
      for (std::int64_t i = begin; i < end; ++i) {
        SurveyedMask& mask = masks_[static_cast<std::size_t>(i)];
        try {
          look_at(read_mask_levels(mask.file), dataset_.mask_rule.above, mask, use);
        } catch (const Error&) {
          // The run reports it.
        }
      }
      const std::lock_guard lock(adding);
      for (std::size_t level = 0; level < kLevels; ++level)
        use_.all[level] += use.all[level], use_.alone[level] += use.alone[level];
    });
  }

  bool shows_by_rule(const SurveyedMask& mask) const {
    return mask.highest() > dataset_.mask_rule.above || has_class(mask);
  }
  bool has_class(const SurveyedMask& mask) const {
    const std::vector<int>& also = dataset_.mask_rule.also;
    return std::any_of(also.begin(), also.end(),
                       [&](int level) { return mask.levels[static_cast<std::size_t>(level)]; });
  }

  template <typename... Args>
  void note(fmt::format_string<Args...> text, Args&&... args) {
    dataset_.notes.push_back(fmt::format(text, std::forward<Args>(args)...));
  }

  void note_classes() {
    const MaskRule& rule = dataset_.mask_rule;
    constexpr std::size_t kMost = 8;
    std::string levels;
    for (std::size_t i = 0; i < std::min(kMost, rule.also.size()); ++i)
      levels += fmt::format("{}{}", i == 0 ? "" : ", ", rule.also[i]);
    if (rule.also.size() > kMost) levels += ", ...";
    const std::vector<std::string> files =
        files_of([&](const SurveyedMask& mask) { return has_class(mask); });
    note(
        "Masks mark defects with the {} {} as well, which {} beside all above {} ({} of {}, '{}' for one); "
        "--mask-above decides otherwise.",
        rule.also.size() == 1 ? "level" : "levels", levels, rule.also.size() == 1 ? "counts" : "count",
        rule.above, counted(files.size(), "mask"), masks_.size(), in_message(files.front()));
  }

  template <typename Which>
  std::vector<std::string> files_of(const Which& which) const {
    std::vector<std::string> files;
    for (const SurveyedMask& mask : masks_)
      if (which(mask)) files.push_back(mask.file);
    return files;
  }

  template <typename Which>
  void note_masks(const char* what, const Which& which) {
    const std::vector<std::string> files = files_of(which);
    if (!files.empty()) note("{}: {}.", what, in_message(files));
  }

  // Pascal VOC draws a border of 255 around its classes and leaves it out ("void").
  void note_void() {
    constexpr std::size_t kVoid = 255;
    const std::vector<std::string> files =
        files_of([&](const SurveyedMask& mask) { return has_class(mask) && mask.levels[kVoid]; });
    if (!files.empty())
      note(
          "{} {} the level 255 beside numbers of classes, which counts as a defect too, '{}' for one: if it "
          "is a "
          "border that does not count (\"void\" of Pascal VOC), set it to 0.",
          counted(files.size(), "mask"), files.size() == 1 ? "has" : "have", in_message(files.front()));
  }

  // Whether more than half of its pixels are a defect.
  bool marks_most(const SurveyedMask& mask) const {
    const MaskRule& rule = dataset_.mask_rule;
    std::size_t marked = 0, all = 0;
    for (const auto& [level, count] : mask.counts) {
      all += count;
      if (level > rule.above || std::find(rule.also.begin(), rule.also.end(), level) != rule.also.end())
        marked += count;
    }
    return 2 * marked > all;
  }

  // White, or 1, where there is no defect, as some programs save them.
  void note_inverted() {
    const auto mostly = std::count_if(masks_.begin(), masks_.end(),
                                      [&](const SurveyedMask& mask) { return marks_most(mask); });
    if (2 * static_cast<std::size_t>(mostly) > masks_.size())
      note(
          "{} of {} masks mark more than half of their image as a defect: if they are white (or 1) where "
          "there "
          "is none, invert them.",
          mostly, masks_.size());
  }

  Dataset& dataset_;
  const bool classes_;  // levels may be numbers of classes
  std::vector<SurveyedMask> masks_;
  LevelUse use_;
};

}  // namespace

void survey_masks(Dataset& dataset, bool classes) { Survey(dataset, classes).decide(); }

}  // namespace anomalyvlm::eval
