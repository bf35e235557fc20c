#include "eval/data/coco.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "core/check.h"
#include "core/platform.h"
#include "eval/data/encoding.h"
#include "eval/data/listing.h"
#include "regions/rle.h"

namespace anomalyvlm::eval {
namespace {

using nlohmann::json;

constexpr std::size_t kMostCocoBytes = std::size_t{128} << 20;  // read, some ten times as much
constexpr int kLargestSide = 1'000'000;                         // as the decoders allow
constexpr double kFarthest = 1e9;                               // of a coordinate, so that sums are finite

Box bounding_box(const std::vector<Polygon>& outlines) {
  Box box{static_cast<float>(kFarthest), static_cast<float>(kFarthest), -static_cast<float>(kFarthest),
          -static_cast<float>(kFarthest)};
  for (const Polygon& outline : outlines) {
    for (std::size_t i = 0; i < outline.size(); ++i) {
      const auto value = static_cast<float>(outline[i]);
      float &least = i % 2 == 0 ? box.x0 : box.y0, &most = i % 2 == 0 ? box.x1 : box.y1;
      least = std::min(least, value), most = std::max(most, value);
    }
  }
  // A scratch along a row or a column of pixels has no area of its own.
  constexpr float kThinnest = 0.5F;
  if (box.width() < kThinnest) box.x1 = box.x0 + kThinnest;
  if (box.height() < kThinnest) box.y1 = box.y0 + kThinnest;
  return box;
}

// Of what the run lengths mark; without an area if that is nothing.
Box bounding_box(const Rle& rle) {
  check_rle(rle);
  Box box{static_cast<float>(rle.width), static_cast<float>(rle.height), 0, 0};
  std::uint64_t at = 0;
  const auto height = static_cast<std::uint64_t>(rle.height);
  for (std::size_t i = 0; i < rle.counts.size(); at += rle.counts[i++]) {
    if (i % 2 == 0 || rle.counts[i] == 0) continue;
    const std::uint64_t last = at + rle.counts[i] - 1;
    const std::uint64_t first_column = at / height, last_column = last / height;
    const bool one_column = first_column == last_column;
    box.x0 = std::min(box.x0, static_cast<float>(first_column));
    box.x1 = std::max(box.x1, static_cast<float>(last_column + 1));
    box.y0 = std::min(box.y0, one_column ? static_cast<float>(at % height) : 0.0F);
    box.y1 = std::max(box.y1, static_cast<float>(one_column ? last % height + 1 : height));
  }
  return box;
}

class CocoReader {
 public:
  CocoReader(std::string_view text, const std::string& name) : name_(name) {
    root_ = json::parse(text, nullptr, false);
    if (root_.is_discarded()) fail(ErrorKind::kBadInput, "'{}' is not JSON.", name_);
    if (!root_.is_object()) refuse("is not an object with \"images\" and \"annotations\"");
  }

  CocoList read() {
    for (const json& entry : list(root_, "images")) read_image(entry);
    if (root_.contains("categories"))
      for (const json& entry : list(root_, "categories")) read_category(entry);
    for (const json& entry : list(root_, "annotations")) read_annotation(entry);
    for (std::size_t i = 0; i < images_.size(); ++i) {
      const std::set<std::string>& kinds = kinds_[i];
      images_[i].kind = kinds.empty() ? "defect" : kinds.size() == 1 ? *kinds.begin() : "mixed";
    }
    return {std::move(images_), notes()};
  }

 private:
  void read_image(const json& entry) {
    const std::int64_t id = whole(entry, "id");
    const std::string file = relative_name(text(entry, "file_name"), fmt::format("'{}'", name_));
    if (!files_.insert(file).second) refuse(fmt::format("lists the image '{}' twice", in_message(file)));
    if (!index_.emplace(id, images_.size()).second) refuse(fmt::format("has two images of id {}", id));
    const int width = side(entry, "width"), height = side(entry, "height");
    images_.push_back({file, height > 0 ? width : 0, width > 0 ? height : 0, {}, false, {}});
    seen_.emplace_back();
    kinds_.emplace_back();
  }

  void read_category(const json& entry) { categories_[whole(entry, "id")] = text(entry, "name"); }

  void read_annotation(const json& entry) {
    const std::int64_t id = whole(entry, "image_id");
    const auto found = index_.find(id);
    if (found == index_.end())
      refuse(fmt::format("has an annotation for an image of id {}, which it does not list", id));
    CocoImage& image = images_[found->second];
    image.annotated = true;
    std::string& category = categories_[entry.contains("category_id") ? whole(entry, "category_id") : 0];
    kinds_[found->second].insert(category.empty() ? "defect" : category);
    const std::optional<Mark> mark = mark_of(entry, image);
    if (!mark) {
      ++nowhere_;
    } else if (seen_[found->second].insert(rounded(*mark)).second) {
      image.marks.push_back(*mark);
    } else {
      ++repeated_;
    }
  }

  // Identical annotations count as one defect: programs that merge lists leave duplicates.
  using Place = std::pair<std::array<std::int64_t, 4>, bool>;
  static Place rounded(const Mark& mark) {
    return {{std::llround(mark.box.x0), std::llround(mark.box.y0), std::llround(mark.box.x1),
             std::llround(mark.box.y1)},
            mark.only_box()};
  }

  // None: keypoints only, or the like.
  std::optional<Mark> mark_of(const json& entry, const CocoImage& image) const {
    const json& segmentation = value_of(entry, "segmentation");
    if (!is_nothing(segmentation)) {
      Mark mark = segmentation.is_object() ? runs(segmentation, image) : outlines(segmentation, image);
      mark.box = inside(mark.box, image, "an outline");
      return mark;
    }
    const json& box = value_of(entry, "bbox");
    if (box.empty() && !box.is_number()) return std::nullopt;
    return Mark{.box = inside(box_of(box, image), image, "a box")};
  }

  // Null, [], {} or [[]].
  static bool is_nothing(const json& segmentation) {
    return segmentation.empty() || (segmentation.is_array() && segmentation.size() == 1 &&
                                    segmentation[0].is_array() && segmentation[0].empty());
  }

  Mark runs(const json& segmentation, const CocoImage& image) const {
    const std::string of = fmt::format("run lengths of '{}'", in_message(image.file));
    const json &size = value_of(segmentation, "size"), &counts = value_of(segmentation, "counts");
    const std::vector<double> sides = numbers(size);
    if (sides.size() != 2 || !std::all_of(sides.begin(), sides.end(), [](double side) {
          return side >= 1 && side <= kLargestSide && side == std::floor(side);
        }))
      refuse("has " + of + " without a \"size\" of [height, width]");
    Mark mark{.box = {}, .runs = {static_cast<int>(sides[1]), static_cast<int>(sides[0]), {}}};
    if (image.width > 0 && (mark.runs.width != image.width || mark.runs.height != image.height))
      refuse(fmt::format("has {} for {} x {} pixels, but says that it has {} x {}", of, mark.runs.width,
                         mark.runs.height, image.width, image.height));
    if (!counts.is_string()) {
      for (const double count : numbers(counts)) {
        if (!(count >= 0 && count < 4294967296.0)) refuse("has " + of + " that are not counts of pixels");
        mark.runs.counts.push_back(static_cast<std::uint32_t>(count));
      }
    }
    try {
      if (counts.is_string())
        mark.runs = decompress_rle(counts.get<std::string>(), mark.runs.width, mark.runs.height);
      mark.box = bounding_box(mark.runs);
    } catch (const Error& error) {
      refuse(fmt::format("has {} that cannot be read: {}", of, error.what()));
    }
    if (!(mark.box.area() > 0)) refuse("has " + of + " that mark no pixel");
    return mark;
  }

  Mark outlines(const json& segmentation, const CocoImage& image) const {
    Mark mark;
    if (segmentation.is_array() && segmentation[0].is_number()) {  // one, without the list of its parts
      mark.outlines.push_back(numbers(segmentation));
    } else if (segmentation.is_array()) {
      for (const json& part : segmentation) mark.outlines.push_back(numbers(part));
    }
    const bool usable = !mark.outlines.empty() &&
                        std::all_of(mark.outlines.begin(), mark.outlines.end(), [](const Polygon& part) {
                          return part.size() >= 6 && part.size() % 2 == 0;
                        });
    if (!usable)
      refuse(fmt::format(
          "has an outline of '{}' that is not [x, y, x, y, ...] of three points or more, in pixels",
          in_message(image.file)));
    mark.box = bounding_box(mark.outlines);
    return mark;
  }

  // Empty for what is not a list of finite numbers.
  static std::vector<double> numbers(const json& list) {
    std::vector<double> values;
    if (!list.is_array()) return values;
    for (const json& entry : list) {
      const double value = entry.is_number() ? entry.get<double>() : kFarthest;
      if (!(std::abs(value) < kFarthest)) return {};
      values.push_back(value);
    }
    return values;
  }

  Box box_of(const json& entry, const CocoImage& image) const {
    const std::string of = fmt::format("a box of '{}'", in_message(image.file));
    const std::vector<double> v = numbers(entry);
    if (v.size() != 4) refuse("has " + of + " that is not [x, y, width, height] in pixels");
    const Box box = {static_cast<float>(v[0]), static_cast<float>(v[1]), static_cast<float>(v[0] + v[2]),
                     static_cast<float>(v[1] + v[3])};
    if (!(v[2] > 0 && v[3] > 0 && box.area() > 0)) refuse("has " + of + " that has no area");
    return box;
  }

  Box inside(const Box& box, const CocoImage& image, const char* what) const {
    const Box part = image.width > 0 ? clipped(box, image.width, image.height) : box;
    if (!(part.area() > 0))
      refuse(fmt::format("has {} of '{}' that lies outside of it", what, in_message(image.file)));
    return part;
  }

  std::vector<std::string> notes() const {
    std::vector<std::string> notes;
    if (repeated_ > 0)
      notes.push_back(fmt::format("{} of '{}' {} what another one marks already, and {} not counted again.",
                                  counted(repeated_, "annotation"), name_, repeated_ == 1 ? "marks" : "mark",
                                  repeated_ == 1 ? "is" : "are"));
    if (nowhere_ > 0)
      notes.push_back(fmt::format("{} of '{}' {} neither outline nor box, so it is not known where they are.",
                                  counted(nowhere_, "annotation"), name_, nowhere_ == 1 ? "has" : "have"));
    return notes;
  }

  static const json& value_of(const json& object, const char* key) {
    static const json kNone;
    const auto found = object.find(key);
    return found == object.end() ? kNone : *found;
  }
  const json& list(const json& object, const char* key) const {
    if (!object.contains(key) || !object[key].is_array()) refuse(fmt::format("has no list \"{}\"", key));
    return object[key];
  }
  std::int64_t whole(const json& object, const char* key) const {
    if (!object.is_object() || !object.contains(key) || !object[key].is_number_integer())
      refuse(fmt::format("has an entry without a whole number \"{}\"", key));
    return object[key].get<std::int64_t>();
  }
  std::string text(const json& object, const char* key) const {
    if (!object.contains(key) || !object[key].is_string())
      refuse(fmt::format("has an entry without a text \"{}\"", key));
    return object[key].get<std::string>();
  }
  int side(const json& object, const char* key) const {
    if (!object.contains(key)) return 0;
    const std::int64_t value = whole(object, key);
    if (value < 1 || value > kLargestSide) refuse(fmt::format("has an image of {} {}", key, value));
    return static_cast<int>(value);
  }

  [[noreturn]] void refuse(const std::string& problem) const {
    fail(ErrorKind::kBadInput, "'{}', a list of annotations in COCO's form, cannot be used: it {}.", name_,
         problem);
  }

  const std::string& name_;
  json root_;
  std::vector<CocoImage> images_;
  std::vector<std::set<std::string>> kinds_;  // of each image's annotations
  std::vector<std::set<Place>> seen_;         // of each image
  std::size_t repeated_ = 0, nowhere_ = 0;    // annotations
  std::set<std::string> files_;
  std::map<std::int64_t, std::size_t> index_;  // of images_, by id
  std::map<std::int64_t, std::string> categories_;
};

}  // namespace

CocoList parse_coco(std::string_view text, const std::string& name) { return CocoReader(text, name).read(); }

CocoList read_coco(const std::filesystem::path& file) {
  const std::string content = read_file(file, kMostCocoBytes);
  // Windows' editors and PowerShell save so; without a mark, JSON in UTF-16 begins with '{' and a zero byte.
  const bool wide = content.starts_with("\xFF\xFE") || content.starts_with("\xFE\xFF") ||
                    (content.size() > 1 && (content[0] == '\0') != (content[1] == '\0'));
  return parse_coco(wide ? decode_text(content).text : content, file.string());
}

}  // namespace anomalyvlm::eval
