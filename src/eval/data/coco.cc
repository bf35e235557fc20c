#include "eval/data/coco.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/check.h"
#include "core/platform.h"
#include "eval/data/listing.h"

namespace anomalyvlm::eval {
namespace {

using nlohmann::json;

constexpr std::size_t kMostBytes = std::size_t{32} << 20;  // some 200 000 boxes; read, ten times as much
constexpr int kLargestSide = 1'000'000;                    // as the decoders allow
constexpr double kFarthest = 1e9;                          // of a coordinate, so that sums are finite

class Reader {
 public:
  Reader(std::string_view text, const std::string& name) : name_(name) {
    root_ = json::parse(text, nullptr, false);
    if (root_.is_discarded()) fail(ErrorKind::kBadInput, "'{}' is not JSON.", name_);
    if (!root_.is_object()) refuse("is no object with \"images\" and \"annotations\"");
  }

  std::vector<CocoImage> read() {
    for (const json& entry : list(root_, "images")) read_image(entry);
    if (root_.contains("categories"))
      for (const json& entry : list(root_, "categories")) read_category(entry);
    for (const json& entry : list(root_, "annotations")) read_box(entry);
    for (std::size_t i = 0; i < images_.size(); ++i) {
      const std::set<std::string>& kinds = kinds_[i];
      images_[i].kind = kinds.empty() ? "defect" : kinds.size() == 1 ? *kinds.begin() : "mixed";
    }
    return std::move(images_);
  }

 private:
  void read_image(const json& entry) {
    const std::int64_t id = whole(entry, "id");
    const std::string file = relative_name(text(entry, "file_name"), fmt::format("'{}'", name_));
    if (!files_.insert(file).second) refuse(fmt::format("lists the picture '{}' twice", in_message(file)));
    if (!index_.emplace(id, images_.size()).second) refuse(fmt::format("has two pictures of id {}", id));
    const int width = side(entry, "width"), height = side(entry, "height");
    images_.push_back({file, height > 0 ? width : 0, width > 0 ? height : 0, {}, {}});
    kinds_.emplace_back();
  }

  void read_category(const json& entry) { categories_[whole(entry, "id")] = text(entry, "name"); }

  void read_box(const json& entry) {
    const std::int64_t id = whole(entry, "image_id");
    const auto found = index_.find(id);
    if (found == index_.end())
      refuse(fmt::format("has a box for a picture of id {}, which it does not list", id));
    CocoImage& image = images_[found->second];
    image.boxes.push_back(box(entry, image));
    std::string& category = categories_[entry.contains("category_id") ? whole(entry, "category_id") : 0];
    kinds_[found->second].insert(category.empty() ? "defect" : category);
  }

  Box box(const json& entry, const CocoImage& image) const {
    const std::string of = fmt::format("a box of '{}'", in_message(image.file));
    const json& numbers = entry.contains("bbox") ? entry["bbox"] : json();
    std::array<double, 4> v{};
    bool usable = numbers.is_array() && numbers.size() == v.size();
    for (std::size_t i = 0; usable && i < v.size(); ++i) {
      usable = numbers[i].is_number();
      if (usable) v[i] = numbers[i].get<double>();
      usable = usable && std::isfinite(v[i]) && std::abs(v[i]) < kFarthest;
    }
    if (!usable) refuse("has " + of + " that is not [x, y, width, height] in pixels");
    Box box = {static_cast<float>(v[0]), static_cast<float>(v[1]), static_cast<float>(v[0] + v[2]),
               static_cast<float>(v[1] + v[3])};
    if (!(v[2] > 0 && v[3] > 0 && box.area() > 0)) refuse("has " + of + " that has no area");
    if (image.width > 0) box = clipped(box, image.width, image.height);
    if (box.area() <= 0) refuse("has " + of + " that lies outside of it");
    return box;
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
    if (value < 1 || value > kLargestSide) refuse(fmt::format("has a picture of {} {}", key, value));
    return static_cast<int>(value);
  }

  [[noreturn]] void refuse(const std::string& problem) const {
    fail(ErrorKind::kBadInput, "'{}', a list of boxes in COCO's form, cannot be used: it {}.", name_,
         problem);
  }

  const std::string& name_;
  json root_;
  std::vector<CocoImage> images_;
  std::vector<std::set<std::string>> kinds_;  // of each picture's boxes
  std::set<std::string> files_;
  std::map<std::int64_t, std::size_t> index_;  // of images_, by id
  std::map<std::int64_t, std::string> categories_;
};

}  // namespace

std::vector<CocoImage> parse_coco(std::string_view text, const std::string& name) {
  return Reader(text, name).read();
}

std::vector<CocoImage> read_coco(const std::filesystem::path& file) {
  return parse_coco(read_file(file, kMostBytes), file.string());
}

Box clipped(const Box& box, int width, int height) {
  const auto w = static_cast<float>(width), h = static_cast<float>(height);
  return {std::clamp(box.x0, 0.0f, w), std::clamp(box.y0, 0.0f, h), std::clamp(box.x1, 0.0f, w),
          std::clamp(box.y1, 0.0f, h)};
}

}  // namespace anomalyvlm::eval
