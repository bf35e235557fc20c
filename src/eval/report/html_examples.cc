// Images in the columns of the paper's Fig. 3: image, ground truth, saliency, anomaly map.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "anomalyvlm/codec.h"
#include "eval/report/html.h"
#include "eval/report/text.h"
#include "image/color_map.h"
#include "image/resize.h"

namespace anomalyvlm::eval::report {
namespace {

constexpr int kLongSide = 288;  // pixels: sharp at the size shown, and small
constexpr int kQuality = 82;

struct Scale {
  float low = 0, high = 0;
  bool known() const { return high > low; }
};

enum Columns : unsigned { kGroundTruth = 1, kSaliency = 2 };  // columns beside image and anomaly map

struct Look {
  Scale saliency, anomaly;
  unsigned columns = 0;
};

void extend(Scale& scale, const FloatMap& map) {
  for (const float v : map.values) {
    if (!std::isfinite(v)) continue;
    scale.low = std::min(scale.low, v);
    scale.high = std::max(scale.high, v);
  }
}

Look look_of(const CategoryResult& category) {
  Look look;
  look.saliency.low = INFINITY,
  look.saliency.high = -INFINITY;  // no saliency is far from zero: from its least value
  for (const auto* examples : {&category.best, &category.worst}) {
    for (const Example& e : *examples) {
      extend(look.saliency, e.saliency);
      extend(look.anomaly, e.anomaly);
      if (!e.ground_truth.values.empty()) look.columns |= kGroundTruth;
      if (!e.saliency.values.empty()) look.columns |= kSaliency;
    }
  }
  return look;
}

// At most kLongSide each way.
template <typename Pixels>
Pixels shrunk(const Pixels& image) {
  const int side = std::max(image.width, image.height);
  if (side <= kLongSide) return image;
  const auto part = [&](int length) { return std::max(1, length * kLongSide / side); };
  return resize_pil_bilinear(image, part(image.width), part(image.height));
}

std::string img_element(const std::string& uri, int width, int height, const std::string& alt) {
  return fmt::format("<img alt=\"{}\" width=\"{}\" height=\"{}\" src=\"{}\">", html_text(alt), width, height,
                     uri);
}

std::string photograph(const Image& image, const std::string& alt) {
  if (image.empty()) return "<span class=\"none\">not kept</span>";
  const Image small = shrunk(image);
  return img_element(data_uri("image/jpeg", encode_jpeg(small, kQuality)), small.width, small.height, alt);
}

std::string coloured(const FloatMap& map, Scale scale, const std::string& alt) {
  if (map.values.empty()) return "<span class=\"none\">not kept</span>";
  const float high = scale.known() ? scale.high : scale.low + 1;  // one value everywhere: the lowest colour
  return photograph(color_map(shrunk(map), scale.low, high), alt);
}

std::string ground_truth_of(const Example& example, const std::string& alt) {
  if (example.ground_truth.values.empty() && example.anomalous)
    return "<span class=\"none\">only labelled: no location annotations</span>";
  FloatMap map{example.image.width, example.image.height, {}};
  if (example.ground_truth.values.empty()) {
    map.values.resize(static_cast<std::size_t>(map.width) * map.height);
  } else {
    map = {example.ground_truth.width,
           example.ground_truth.height,
           {example.ground_truth.values.begin(), example.ground_truth.values.end()}};
  }
  if (map.values.empty()) return "<span class=\"none\">not kept</span>";
  map = shrunk(map);
  return img_element(data_uri("image/png", encode_png_gray8(map, 0, 1)), map.width, map.height, alt);
}

std::string row_of(const Example& e, const Look& look) {
  std::string about = e.anomalous ? fmt::format("{}; F1 {}", e.kind, percent(e.f1)) : "normal";
  about += fmt::format("; score {:.3f}", e.image_score);
  std::string out =
      fmt::format("<div class=\"example\">\n<p><span class=\"id\">{}</span> <span>{}</span></p>\n",
                  html_text(e.id), html_text(about));
  out += photograph(e.image, e.id + ": image");
  if (look.columns & kGroundTruth) out += ground_truth_of(e, e.id + ": ground truth");
  if (look.columns & kSaliency) out += coloured(e.saliency, look.saliency, e.id + ": saliency");
  out += coloured(e.anomaly, look.anomaly, e.id + ": anomaly map");
  return out + "\n</div>\n";
}

std::string column_of(const char* title, const std::vector<Example>& examples, const Look& look) {
  if (examples.empty()) return {};
  const int columns = 2 + !!(look.columns & kGroundTruth) + !!(look.columns & kSaliency);
  std::string out = fmt::format(
      "<div class=\"examples n{}\">\n<h4>{}</h4>\n<div class=\"heads\"><span>image</span>", columns, title);
  if (look.columns & kGroundTruth) out += "<span>ground truth</span>";
  if (look.columns & kSaliency) out += "<span>saliency</span>";
  out += "<span>anomaly map</span></div>\n";
  for (const Example& e : examples) out += row_of(e, look);
  return out + "</div>\n";
}

std::string scale_bar(const char* name, Scale scale) {
  if (!scale.known()) return {};
  FloatMap ramp{96, 1, {}};
  for (int x = 0; x < ramp.width; ++x) ramp.values.push_back(static_cast<float>(x));
  const auto png = encode_png(color_map(ramp, 0, static_cast<float>(ramp.width - 1)));
  return fmt::format(
      "<span class=\"scale\">{} {} <img alt=\"to\" width=\"96\" height=\"9\" src=\"{}\"> {}</span>\n", name,
      short_number(static_cast<double>(scale.low)), data_uri("image/png", png),
      short_number(static_cast<double>(scale.high)));
}

}  // namespace

std::string html_examples(const CategoryResult& category) {
  if (category.best.empty() && category.worst.empty()) return {};
  const Look look = look_of(category);
  std::string out = fmt::format("<section class=\"category\">\n<h3>{}</h3>\n<p class=\"scales\">",
                                html_text(category.name));
  if (look.columns & kSaliency) out += scale_bar("saliency", look.saliency);
  out += scale_bar("anomaly map", look.anomaly) + "</p>\n<div class=\"pair\">\n";
  out += column_of("Best", category.best, look) + column_of("Worst", category.worst, look);
  return out + "</div>\n</section>\n";
}

}  // namespace anomalyvlm::eval::report
