#include "train/synthetic/synthetic.h"

#include <mutex>
#include <optional>

#include "core/check.h"
#include "train/synthetic/camera.h"
#include "train/synthetic/defects.h"
#include "train/synthetic/surfaces.h"

namespace anomalyvlm::synthetic {
namespace {

struct Drawn {
  std::string family;
  Map mask;  // 0 or 1
  float visibility;
};

struct Work {
  const Options& options;
  Camera camera;
  Scene scene;
  std::vector<Drawn> drawn;
};

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

// What is left of a change in the image: where it is really seen, and how well. `meant`: where it was
// drawn, 0..1.
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

// Draws one defect and keeps it if it can be seen.
bool add_defect(Rng& rng, Work& work, const Defect& kind) {
  Scene& scene = work.scene;
  float area = rng.lu(kind.min_area, kind.max_area) * scene.size.area();
  const bool beside = !work.drawn.empty() && rng.p(0.3);
  const Point at = beside ? choose_neighbour(rng, work, area) : choose_place(rng, scene, kind.where);
  if (!scene.object.empty()) area = std::min(area, 0.42f * object_area_at(scene, at) + 30);
  const ColourImage before = scene.img.clone();
  Map meant = cv::min(kind.draw(rng, scene, at, area), 1);
  if (!scene.object.empty() && !(kind.spills && rng.p(0.3))) {  // defects live on the object
    meant = meant.mul(scene.object);
    ColourImage limited = before.clone();
    blend(limited, scene.object, scene.img);
    scene.img = limited;
  }
  clamp01(scene.img);
  auto found = seen(work, before, meant, kind.name);
  if (!found || overlaps(work, found->mask)) {
    scene.img = before;
    return false;
  }
  work.drawn.push_back(std::move(*found));
  return true;
}

const Surface& choose_surface(Rng& rng, const std::string& wanted) {
  std::vector<const Surface*> from;
  std::vector<float> weights;
  float total[2] = {0, 0};
  for (const Surface& s : textures()) total[0] += s.weight;
  for (const Surface& s : objects()) total[1] += s.weight;
  for (int k = 0; k < 2; ++k) {
    for (const Surface& s : k ? objects() : textures()) {
      if (!wanted.empty() && wanted != s.name) continue;
      from.push_back(&s);
      weights.push_back(s.weight / total[k] * (k ? 0.55f : 0.45f));
    }
  }
  if (from.empty())
    fail(ErrorKind::kBadInput, "There is no surface family \"{}\": use one that surface_families() names.",
         wanted);
  return *from[rng.weighted(weights)];
}

bool can_be_a_wrong_part(const std::string& family) {
  return family == "missing" || family == "misplaced" || family == "bent" || family == "colour" ||
         family == "print" || family == "contamination" || family == "break";
}

// The surface or object, with one wrong part where that is wanted.
void draw_surface(Rng& rng, Work& work, const Surface& surface, bool wrong_part) {
  const std::uint64_t seed = rng.bits(), fault_seed = rng.bits();
  const float light = rng.u(0, 2 * kPi);
  const auto draw_once = [&](bool wrong) {
    Scene scene(work.scene.size);
    scene.light = light;
    scene.fault.wanted = wrong, scene.fault.only = work.options.defect, scene.fault.rng = Rng(fault_seed);
    Rng own(seed);
    surface.draw(own, scene);
    if (own.p(surface.material == Material::kMetal ? 0.5 : 0.3)) mottle(own, scene);
    clamp01(scene.img);
    return scene;
  };
  work.scene = draw_once(wrong_part);
  const std::string family = work.scene.fault.family;
  if (family.empty()) return;
  Scene clean = draw_once(false);
  const Map change = difference(work.scene.img, clean.img, work.camera.grey);
  Map see;
  cv::blur(change, see, {3, 3});
  double most = 0;
  cv::minMaxLoc(see, nullptr, &most);
  const float level = std::max(0.03f, 0.3f * static_cast<float>(most));
  auto found = seen(work, clean.img, combine(see, [=](float v) { return v > level ? 1.0f : 0.0f; }), family);
  if (found) {
    work.drawn.push_back(std::move(*found));
    if (!clean.object.empty())
      cover(work.scene.object, clean.object);  // where a part should be is inspected too
  } else {
    work.scene = std::move(clean);
  }
}

int different_families(const std::vector<Drawn>& drawn) {
  std::vector<std::string> names;
  for (const Drawn& d : drawn) {
    if (std::find(names.begin(), names.end(), d.family) == names.end()) names.push_back(d.family);
  }
  return static_cast<int>(names.size());
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

// One whole attempt; true if it holds what was asked for.
bool compose(Rng& rng, Work& work, const Surface& surface, int wanted) {
  work.drawn.clear();
  const bool by_part =
      work.options.defect.empty() ? rng.p(0.45) : can_be_a_wrong_part(work.options.defect) && rng.p(0.7);
  draw_surface(rng, work, surface, wanted > 0 && by_part);
  const int distractions =
      work.scene.object.empty() ? rng.pick({0, 0, 0, 1, 1, 2}) : rng.pick({0, 0, 1, 1, 1, 2});
  if (work.drawn.empty()) {
    for (int k = 0; k < distractions; ++k) distract(rng, work.scene);
  }
  const int families = work.options.families_at_least;
  const auto complete = [&] {
    return static_cast<int>(work.drawn.size()) >= wanted &&
           different_families(work.drawn) >= (wanted > 0 ? families : 0);
  };
  for (int tries = 0; tries < 4 * wanted && !complete(); ++tries) {
    add_defect(rng, work,
               choose_defect(rng, work, surface.material, different_families(work.drawn) < families));
  }
  return wanted == 0 || (!work.drawn.empty() && different_families(work.drawn) >= families);
}

Mask to_mask(const Map& a, float level) {
  Mask out;
  out.width = a.cols, out.height = a.rows;
  out.values.resize(a.total());
  for (int y = 0; y < a.rows; ++y) {
    const float* from = a[y];
    std::uint8_t* to = out.values.data() + static_cast<std::size_t>(y) * a.cols;
    for (int x = 0; x < a.cols; ++x) to[x] = from[x] > level;
  }
  return out;
}

// The camera's framing, unless it would cut a defect away.
cv::Matx23f safe_framing(const Work& work) {
  if (!work.camera.framed) return work.camera.flips;
  const cv::Matx23f& f = work.camera.framing;
  const double zoom = std::abs(f(0, 0) * f(1, 1) - f(0, 1) * f(1, 0));
  for (const Drawn& d : work.drawn) {
    if (cv::sum(reframe(d.mask, f))[0] * zoom < 0.5 * cv::sum(d.mask)[0]) return work.camera.flips;
  }
  return f;
}

Sample finish(Rng& rng, Work& work) {
  const cv::Matx23f framing = safe_framing(work);
  Sample out;
  Map all = Map::zeros(work.scene.size);
  for (const Drawn& d : work.drawn) {
    const Map mask = combine(reframe(d.mask, framing), [](float v) { return v > 0.45f ? 1.0f : 0.0f; });
    cover(all, mask);
    out.defects.push_back(
        {d.family, phrasebook().random_phrase(d.family, rng), to_mask(mask, 0.5f), d.visibility});
  }
  // Soft edges, but a line a pixel wide stays plain.
  const Map soft =
      combine(blur(all, 0.7f), all, [](float s, float m) { return clamp01(std::max(s, 0.75f * m)); });
  out.defect_map = {soft.cols, soft.rows, std::vector<float>(soft[0], soft[0] + soft.total())};
  out.object = to_mask(
      work.scene.object.empty() ? Map(work.scene.size, 1.0f) : reframe(work.scene.object, framing), 0.5f);
  out.image = expose(rng, work.camera, reframe(work.scene.img, framing));
  return out;
}

void check(const Options& options) {
  if (options.width < 32 || options.height < 32) {
    fail(ErrorKind::kBadInput, "A synthetic image must be at least 32 x 32 pixels, not {} x {}.",
         options.width, options.height);
  }
  if (!options.defect.empty()) phrasebook().phrases_of(options.defect);  // throws for an unknown family
}

}  // namespace

Sample draw(std::uint64_t seed, const Options& options) {
  check(options);
  static std::once_flag once;
  std::call_once(once,
                 [] { cv::setNumThreads(1); });  // one image a thread is faster than many threads an image
  Rng rng(seed * 2 + (options.validation ? 1 : 0));
  const cv::Size size(options.width, options.height);
  Work work{options, random_camera(rng, size), Scene(size), {}};
  const bool normal = rng.p(options.normal_share);
  const int wanted = normal ? 0 : std::max(options.families_at_least, rng.pick({1, 1, 1, 1, 2, 2, 3, 4}));
  const Surface* surface = nullptr;
  for (int tries = 0; tries < 12; ++tries) {  // faint attempts are dropped: begin again, on another surface
    surface = &choose_surface(rng, options.surface);
    if (compose(rng, work, *surface, wanted)) break;
  }
  Sample out = finish(rng, work);
  out.surface = surface->name;
  return out;
}

std::vector<std::string> surface_families() {
  std::vector<std::string> out;
  for (const Surface& s : textures()) out.emplace_back(s.name);
  for (const Surface& s : objects()) out.emplace_back(s.name);
  return out;
}

std::vector<std::string> defect_families() {
  std::vector<std::string> out;
  for (const Defect& d : defects()) out.emplace_back(d.name);
  return out;
}

}  // namespace anomalyvlm::synthetic
