// Defects put where they can be, and what of them is seen.
#include <algorithm>

#include "core/check.h"
#include "train/synthetic/compose.h"

namespace anomalyvlm::synthetic {

Map difference(const ColourImage& a, const ColourImage& b, bool grey_only) {
  Map out(a.size());
  for (int y = 0; y < a.rows; ++y) {
    const Colour *p = a[y], *q = b[y];
    float* row = out[y];
    for (int x = 0; x < a.cols; ++x) {
      const Colour d = p[x] - q[x];
      row[x] = grey_only ? std::abs(luma(d)) : (std::abs(d[0]) + std::abs(d[1]) + std::abs(d[2])) / 3;
    }
  }
  return out;
}

std::optional<Drawn> seen(const Work& work, const ColourImage& before, const Map& meant,
                          const std::string& family) {
  const int all = work.scene.size.area();
  const cv::Rect core = bounds(meant, 0.45f);
  const cv::Rect box =
      cv::Rect(core.x - 8, core.y - 8, core.width + 16, core.height + 16) & cv::Rect({}, work.scene.size);
  cv::Mat1b where = meant(box) > 0.45f;
  const int pixels = cv::countNonZero(where);
  if (pixels < 6 || pixels > 0.45 * all) return {};
  const ColourImage old = before(box);
  const Map change = difference(work.scene.img(box), old, work.camera.grey);
  Map see, light(box.size()), smooth_light;
  cv::blur(change, see, {5, 5});
  for (int y = 0; y < box.height; ++y) {
    for (int x = 0; x < box.width; ++x) light(y, x) = luma(old(y, x));
  }
  cv::blur(light, smooth_light, {7, 7});
  const float grain =
      static_cast<float>(cv::mean(cv::abs(light - smooth_light), where)[0]) + 0.7f * work.camera.noise;
  // A thin thing is twice its area over its outline wide.
  cv::Mat1b edge;
  cv::erode(where, edge, cv::Mat());
  const float width = 2.0f * pixels / std::max(1, pixels - cv::countNonZero(edge)) + 0.5f;
  // Broad things have to stand out from what the surface's own shade does, too.
  const float broad = std::min(1.0f, width / work.scene.px(30));
  const float own_shade = work.scene.mottle * static_cast<float>(cv::mean(light, where)[0]) * broad;
  const float just_seen = 0.02f + 0.9f * grain * std::pow(40.0f / pixels, 0.33f) + own_shade;
  const float left = transmission(work.camera, width);
  const float visibility = static_cast<float>(cv::mean(change, where)[0]) * left / just_seen;
  if (visibility < work.options.min_visibility) return {};
  where &= cv::Mat1b(see > 0.25f * just_seen / left);
  const int gap = std::min(13, 3 + static_cast<int>(std::sqrt(pixels) / 8));
  cv::morphologyEx(where, where, cv::MORPH_CLOSE,
                   cv::getStructuringElement(cv::MORPH_ELLIPSE, {gap | 1, gap | 1}));
  if (cv::countNonZero(where) < 6) return {};
  Drawn out{family, Map::zeros(work.scene.size), visibility};
  where.convertTo(out.mask(box), CV_32F, 1 / 255.0);
  return out;
}

namespace {

bool overlaps(const Work& work, const Map& mask) {
  const double size = cv::sum(mask)[0];
  return std::any_of(work.drawn.begin(), work.drawn.end(), [&](const Drawn& d) {
    const double both = cv::sum(d.mask.mul(mask))[0];
    return both > 0.15 * std::min(size, cv::sum(d.mask)[0]);
  });
}

Point choose_place(Rng& rng, const Scene& scene, Where where) {
  const float w = static_cast<float>(scene.size.width), h = static_cast<float>(scene.size.height);
  const bool at_edge = where == Where::kEdge && rng.p(0.85);
  if (scene.object.empty()) {
    if (at_edge && (scene.under.empty() || rng.p(0.4))) {
      const float e = scene.px(rng.u(-2, 6));
      switch (rng.i(0, 3)) {
        case 0:
          return {rng.u(0, w), e};
        case 1:
          return {rng.u(0, w), h - e};
        case 2:
          return {e, rng.u(0, h)};
        default:
          return {w - e, rng.u(0, h)};
      }
    }
    const float m = rng.p(0.15) ? scene.px(4) : scene.px(30);
    return {rng.u(m, w - m), rng.u(m, h - m)};
  }
  cv::Mat1b on = scene.object > 0.5f;
  if (at_edge) {
    cv::Mat1b inner;
    cv::erode(on, inner, cv::Mat::ones(5, 5, CV_8U), {-1, -1}, 1, cv::BORDER_CONSTANT, cv::Scalar(255));
    on -= inner;
  }
  const int m = rng.p(0.8) ? static_cast<int>(scene.px(16)) : 0;
  for (int tries = 0; tries < 400; ++tries) {
    const int x = rng.i(m, scene.size.width - 1 - m), y = rng.i(m, scene.size.height - 1 - m);
    if (on(y, x)) return {static_cast<float>(x), static_cast<float>(y)};
  }
  return scene.middle();
}

// Pixels of the one object that lies at a point.
float object_area_at(const Scene& scene, Point at) {
  cv::Mat1b on = scene.object > 0.5f;
  const cv::Point seed(std::clamp(cvRound(at.x), 0, on.cols - 1), std::clamp(cvRound(at.y), 0, on.rows - 1));
  return on(seed) ? static_cast<float>(cv::floodFill(on, seed, 128)) : 0;
}

// Beside a defect that is there already: two kinds that touch are two defects all the same.
Point choose_neighbour(Rng& rng, const Work& work, float area) {
  const Map& mask = work.drawn[rng.i(0, static_cast<int>(work.drawn.size()) - 1)].mask;
  const cv::Rect box = bounds(mask, 0.5f);
  const float turn = rng.u(0, 2 * kPi), away = 0.6f * std::sqrt(area);
  const Point at = {box.x + box.width / 2.0f + std::cos(turn) * (box.width / 2.0f + away),
                    box.y + box.height / 2.0f + std::sin(turn) * (box.height / 2.0f + away)};
  return {std::clamp(at.x, 0.0f, static_cast<float>(work.scene.size.width - 1)),
          std::clamp(at.y, 0.0f, static_cast<float>(work.scene.size.height - 1))};
}

// How much likelier a defect is on a material than elsewhere.
float likelihood(Material material, std::string_view defect) {
  struct Liking {
    Material material;
    const char* defects;
    float factor;
  };
  static constexpr Liking kLikings[] = {
      {Material::kMetal, " scratch dent hole corrosion band rough ", 1.6f},
      {Material::kMetal, " misweave print wrinkle thread fray bubble ", 0.6f},
      {Material::kFabric, " misweave thread fray cut hole wrinkle stain ", 1.8f},
      {Material::kFabric, " corrosion bubble ", 0.4f},
      {Material::kMineral, " crack break stain hole scratch spot ", 1.5f},
      {Material::kMineral, " misweave bent wrinkle misplaced ", 0.5f},
      {Material::kPlastic, " scratch print bubble dent contamination wrinkle ", 1.5f},
      {Material::kElectric, " missing misplaced bent burn scratch contamination glue ", 1.6f},
      {Material::kElectric, " wrinkle fray misweave ", 0.5f},
      {Material::kFood, " break crack burn spot contamination colour missing ", 1.6f},
      {Material::kFood, " misweave band wrinkle ", 0.5f},
  };
  const std::string word = fmt::format(" {} ", defect);
  float out = 1;
  for (const Liking& l : kLikings) {
    if (l.material == material && std::string_view(l.defects).find(word) != std::string_view::npos)
      out *= l.factor;
  }
  return out;
}

// Whether a defect of this kind may be there in part, half transparent.
bool can_be_faint(std::string_view family) {
  return std::string_view(
             " scratch crack hole pinhole spot stain colour burn dent contamination uneven rough print "
             "wrinkle bubble cut glue corrosion misweave smear band ")
             .find(fmt::format(" {} ", family)) != std::string_view::npos;
}

// The defect, where `inside` on the object only. Returns where it was meant to be.
Map draw_on(Rng& rng, Scene& scene, const Defect& kind, Point at, float area, bool inside) {
  const ColourImage before = scene.img.clone();
  Map meant = cv::min(kind.draw(rng, scene, at, area), 1);
  if (!scene.object.empty() && inside) {  // defects live on the object
    meant = meant.mul(scene.object);
    ColourImage limited = before.clone();
    blend(limited, scene.object, scene.img);
    scene.img = limited;
  }
  clamp01(scene.img);
  return meant;
}

}  // namespace

bool add_defect(Rng& rng, Work& work, const Defect& kind) {
  Scene& scene = work.scene;
  float area = rng.lu(kind.min_area, kind.max_area) * scene.size.area();
  if (rng.p(0.12)) area = rng.lu(0.4, 2) * kind.min_area * scene.size.area();  // tiny ones are easily missed
  const bool beside = !work.drawn.empty() && rng.p(0.3);
  const Point at = beside ? choose_neighbour(rng, work, area) : choose_place(rng, scene, kind.where);
  if (!scene.object.empty()) area = std::min(area, 0.42f * object_area_at(scene, at) + 30);
  const ColourImage before = scene.img.clone();
  const Map meant = draw_on(rng, scene, kind, at, area, !(kind.spills && rng.p(0.3)));
  auto found = seen(work, before, meant, kind.name);
  if (found && found->visibility > 1.8f && can_be_faint(kind.name) && rng.p(0.4)) {
    const float least = static_cast<float>(std::max(1.05, work.options.min_visibility));
    const float share = rng.lu(std::min(least, found->visibility), found->visibility) / found->visibility;
    cv::addWeighted(scene.img, share, before, 1 - share, 0, scene.img);
    found = seen(work, before, meant, kind.name);
  }
  if (!found || overlaps(work, found->mask)) {
    scene.img = before;
    return false;
  }
  work.drawn.push_back(std::move(*found));
  return true;
}

void add_mark(std::uint64_t seed, Scene& scene) {
  Rng rng(seed);
  const std::string_view name =
      rng.pick<const char*>({"hole", "pinhole", "spot", "spot", "stain", "dent", "bubble", "cut", "scratch",
                             "print", "colour", "band", "contamination", "glue", "rough", "missing"});
  const auto of_name = [&](const Defect& d) { return name == d.name; };
  const Defect& kind = *std::find_if(defects().begin(), defects().end(), of_name);
  float area = rng.lu(kind.min_area, kind.max_area) * scene.size.area();
  const Point at = choose_place(rng, scene, kind.where);
  if (!scene.object.empty()) area = std::min(area, 0.3f * object_area_at(scene, at) + 30);
  draw_on(rng, scene, kind, at, area, true);
}

int different_families(const std::vector<Drawn>& drawn) {
  std::vector<std::string> names;
  for (const Drawn& d : drawn) {
    if (std::find(names.begin(), names.end(), d.family) == names.end()) names.push_back(d.family);
  }
  return static_cast<int>(names.size());
}

const Defect& choose_defect(Rng& rng, const Work& work, Material material, bool new_family) {
  std::vector<float> weights;
  for (const Defect& d : defects()) {
    const bool wanted = work.options.defect.empty() || work.options.defect == d.name;
    const bool known =
        std::any_of(work.drawn.begin(), work.drawn.end(), [&](const Drawn& o) { return o.family == d.name; });
    weights.push_back(wanted && !(new_family && known) ? d.weight * likelihood(material, d.name) : 0);
  }
  return defects()[rng.weighted(weights)];
}

}  // namespace anomalyvlm::synthetic
