#include "eval/report/made_up.h"

#include <algorithm>
#include <cmath>

#include "train/synthetic/synthetic.h"

namespace anomalyvlm::eval::test {
namespace {

// A curve that falls from precision 1 to `last`, the later the better the `skill`, and the metrics that it
// has.
LevelMetrics level(double skill, double last) {
  LevelMetrics m;
  double area = 0, f1 = 0, threshold = 0, before = 0;
  for (int i = 1; i <= 200; ++i) {
    const double recall = i / 200.0;
    const double precision = last + (1 - last) / (1 + std::exp((recall - skill) * 9));
    m.curve.push_back({1 - 0.9 * recall, precision, recall});
    area += precision * (recall - before);
    before = recall;
    if (const double f = 2 * precision * recall / (precision + recall); f > f1)
      f1 = f, threshold = 1 - 0.9 * recall;
  }
  m.max_f1 = MetricValue::of(f1);
  m.f1_threshold = m.iou_threshold = MetricValue::of(threshold);
  m.ap = MetricValue::of(area);
  m.max_iou = MetricValue::of(f1 / (2 - f1));
  m.auroc = MetricValue::of(0.6 + 0.38 * skill);
  return m;
}

Metrics metrics(std::size_t images, std::size_t anomalous, double skill) {
  Metrics m;
  m.images = images;
  m.anomalous = anomalous;
  m.regions = anomalous * 3 / 2;
  m.pixel = level(skill, 0.02);
  m.image = level(std::min(1.0, skill + 0.3), 0.6);
  m.pro = MetricValue::of(0.3 + 0.6 * skill);
  m.region_f1 = MetricValue::of(0.8 * skill);
  m.region_threshold = MetricValue::of(0.41);
  return m;
}

Example example(const std::string& id, const std::string& kind, std::uint64_t seed,
                const std::string& surface, bool anomalous, double quality) {
  synthetic::Options options;
  options.width = options.height = 256;
  options.surface = surface;
  options.normal_share = anomalous ? 0 : 1;
  options.min_visibility = 2;
  const synthetic::Sample sample = synthetic::draw(seed, options);
  Example e;
  e.id = id;
  e.kind = kind;
  e.anomalous = anomalous;
  e.f1 = anomalous ? MetricValue::of(quality) : MetricValue::none("nothing is marked");
  e.image = sample.image;
  e.ground_truth = {256, 256, std::vector<std::uint8_t>(256 * 256)};
  e.saliency = e.anomaly = {256, 256, std::vector<float>(256 * 256)};
  const double cx = 40 + static_cast<double>(seed % 170), cy = 50 + static_cast<double>(seed * 7 % 150);
  for (int y = 0; y < 256; ++y) {
    for (int x = 0; x < 256; ++x) {
      const std::size_t i = static_cast<std::size_t>(y) * 256 + static_cast<std::size_t>(x);
      const float defect = anomalous ? sample.defect_map.values[i] : 0;
      e.ground_truth.values[i] = defect > 0.5F;
      const double grey = sample.image.rgb[3 * i] / 255.0;
      e.saliency.values[i] = static_cast<float>(0.06 + 0.05 * grey + 0.3 * static_cast<double>(defect));
      const double false_alarm = (1 - quality) * std::exp(-(std::pow(x - cx, 2) + std::pow(y - cy, 2)) / 500);
      e.anomaly.values[i] =
          static_cast<float>(std::max(quality * static_cast<double>(defect), 0.7 * false_alarm));
    }
  }
  e.image_score = static_cast<double>(*std::max_element(e.anomaly.values.begin(), e.anomaly.values.end()));
  return e;
}

// Good ones with low scores, defective ones with scores that rise with the skill.
void add_images(CategoryResult& c, double skill) {
  for (std::size_t i = 0; i < c.metrics.images; ++i) {
    const bool anomalous = i < c.metrics.anomalous;
    const double spread = static_cast<double>(i * 37 % 100) / 100;
    c.images.push_back({.id = c.name + "/" + std::to_string(i) + ".png",
                        .kind = anomalous ? "crack" : "good",
                        .anomalous = anomalous,
                        .score = anomalous ? spread * (0.6 + skill) : 0.55 * spread * spread,
                        .regions = i % 3,
                        .candidates = i % 7,
                        .pixels = PixelCounts{anomalous ? 60U : 0U, 20, anomalous ? 40U : 0U}});
  }
}

CategoryResult category(const std::string& name, const std::string& group, const std::string& prompt,
                        double skill, std::uint64_t seed, const std::string& surface,
                        const std::vector<std::string>& kinds) {
  CategoryResult c;
  c.name = name;
  c.group = group;
  c.prompt = prompt;
  c.metrics = metrics(90 + seed % 41, 57 + seed % 13, skill);
  add_images(c, skill);
  c.limit = {0.5, seed % 20 == 11};
  c.detect_command = "anomalyvlm detect IMAGES --resize 256 --prompt run/prompts/" + name +
                     ".toml --threshold 0.4321 --limit 0.5";
  double shift = -0.15;
  for (const std::string& kind : kinds)
    c.kinds.push_back(
        {kind, metrics(52, 11 + kind.size() % 9, std::clamp(skill + (shift += 0.08), 0.05, 0.95))});
  const auto id = [&](std::uint64_t i) {
    return name + "/test/" + kinds[i % kinds.size()] + "/00" + std::to_string(i) + ".png";
  };
  for (std::uint64_t i = 0; i < 3; ++i) {
    c.best.push_back(example(id(i), kinds[i % kinds.size()], seed + i, surface, true,
                             0.92 - 0.07 * static_cast<double>(i)));
    const bool anomalous = i < 2;
    c.worst.push_back(example(anomalous ? id(i + 3) : name + "/test/good/017.png",
                              anomalous ? kinds[(i + 3) % kinds.size()] : "good", seed + 10 + i, surface,
                              anomalous, 0.08));
  }
  return c;
}

// Of the categories in `groups`; metrics as the runner would have them.
MeanResult mean(const std::string& name, const std::vector<CategoryResult>& categories,
                const std::string& group) {
  MeanResult m;
  m.name = name;
  double skill = 0;
  std::size_t images = 0, anomalous = 0;
  for (const CategoryResult& c : categories) {
    if (!group.empty() && c.group != group) continue;
    skill += c.metrics.pixel.ap.value;
    images += c.metrics.images, anomalous += c.metrics.anomalous;
    ++m.categories;
  }
  m.metrics = metrics(images, anomalous, skill / static_cast<double>(m.categories));
  m.metrics.pixel.f1_threshold = m.metrics.pixel.iou_threshold =
      MetricValue::none("a mean of categories has no threshold");
  m.metrics.pixel.curve.clear();
  return m;
}

void add_rest(EvaluationResult& result) {
  result.configuration = {
      {"program", "anomalyvlm 0.1.0"},
      {"profile", "nano"},
      {"models", "nano 4, SHA-256 3b3ca2563c77c69f651d7bd133e97139c186df06231157a64c507099c52bc799"},
      {"image size", "256 × 256"},
      {"threads", "2"},
      {"command", "anomalyvlm eval --dataset mvtec --root \"/data/with blanks\" --out run"}};
  result.stages = {{"read", 0.0042},
                   {"regions (ARG)", 0.0824},
                   {"masks (ARR)", 0.0093},
                   {"saliency", 0.0061},
                   {"fusion", 0.0008}};
  result.notes = {"Images are compared at 256 × 256 pixels; masks were resized by nearest neighbour."};
}

StudyTable study(const std::string& name, const std::string& title, const std::string& x_label) {
  StudyTable s;
  s.name = name;
  s.title = title;
  s.x_label = x_label;
  s.columns = {{"max-F1"}, {"AP"}, {"max-IoU"}, {"ms an image", false}};
  return s;
}

}  // namespace

EvaluationResult made_up_result() {
  EvaluationResult result;
  result.dataset = "mvtec";
  result.title = "MVTec AD";
  auto& c = result.categories;
  c.push_back(category("bottle", "object",
                       "Find large breakage, small breakage, contamination. Anomalies are smaller than 30 %. "
                       "At most two abnormal regions.",
                       0.62, 11, "", {"broken_large", "broken_small", "contamination"}));
  c.push_back(category("metal_nut", "object", "Find bent, color, scratch. At most one abnormal region.", 0.38,
                       31, "", {"bent", "scratch"}));
  c.push_back(category(kHostileName, "object", std::string("A prompt with ") + kHostileName, 0.12, 51, "",
                       {"a<b>kind</b>", "missing"}));
  c.push_back(category("carpet", "texture",
                       "Find defect. Anomalies are smaller than 50 %. At most five abnormal regions.", 0.55,
                       71, "", {"hole", "thread"}));
  c.push_back(category("grid", "texture",
                       "Find defect. Anomalies are smaller than 50 %. At most five abnormal regions.", 0.27,
                       91, "", {"bent"}));
  c.push_back(category("leather", "texture",
                       "Find defect. Anomalies are smaller than 50 %. At most five abnormal regions.", 0.81,
                       111, "", {"cut", "glue", "poke"}));
  c[4].kinds.clear();
  c[4].metrics.pro = MetricValue::none("a part of the ground truth covers the whole image");
  c[4].metrics.region_f1 = c[4].metrics.region_threshold = MetricValue::none("no region was found");
  c[2].best.front().id += kHostileName;
  c[2].worst.front().ground_truth = {};
  c[5].best.front().anomaly.values[0] = std::nanf("");
  result.means = {mean("object", c, "object"), mean("texture", c, "texture"), mean("total", c, "")};
  add_rest(result);
  result.notes.push_back(std::string("A note with ") + kHostileName);
  result.failures = {
      "'grid/test/bent/003.png' cannot be used: the file is cut short, a part of the image is missing."};
  return result;
}

EvaluationResult made_up_single_result() {
  EvaluationResult result;
  result.dataset = "mtd";
  result.title = "Magnetic Tile Defect";
  result.categories.push_back(
      category("mtd", "", "Find defect. Anomalies are smaller than 50 %. At most five abnormal regions.",
               0.42, 131, "", {"MT_Blowhole", "MT_Break", "MT_Crack", "MT_Fray", "MT_Uneven"}));
  result.means = {mean("total", result.categories, "")};
  add_rest(result);
  return result;
}

std::vector<StudyTable> made_up_studies() {
  StudyTable area = study("area", "Area threshold (paper, Fig. 5)", "largest area, share of the object");
  StudyTable regions = study("regions", "Number of regions (paper, Fig. 6)", "at most so many regions");
  StudyTable saliency = study("saliency", "With and without saliency (paper, Table III)", "");
  for (int i = 1; i <= 9; ++i) {
    const double x = i / 10.0, f1 = 0.36 - 0.3 * (x - 0.45) * (x - 0.45);
    area.rows.push_back({"mtd",
                         std::to_string(10 * i) + " %",
                         x,
                         {MetricValue::of(f1), MetricValue::of(f1 - 0.07), MetricValue::of(f1 / (2 - f1)),
                          MetricValue::of(103.2)}});
  }
  area.rows[0].values[1] = MetricValue::none("nothing was found");
  for (const char* group : {"object", "texture", "total"}) {
    for (int i = 1; i <= 10; ++i) {
      const double f1 = 0.25 + 0.04 * static_cast<double>(group[1] % 7) + 0.06 * std::log(i) - 0.012 * i;
      regions.rows.push_back({group,
                              std::to_string(i),
                              static_cast<double>(i),
                              {MetricValue::of(f1), MetricValue::of(0.8 * f1), MetricValue::of(f1 / (2 - f1)),
                               MetricValue::of(102.9)}});
    }
  }
  saliency.rows = {
      {"object",
       "with saliency",
       0,
       {MetricValue::of(0.312), MetricValue::of(0.241), MetricValue::of(0.185), MetricValue::of(103.1)}},
      {"object",
       "without",
       0,
       {MetricValue::of(0.287), MetricValue::of(0.214), MetricValue::of(0.168), MetricValue::of(96.4)}},
      {"texture",
       "with saliency",
       0,
       {MetricValue::of(0.512), MetricValue::of(0.471), MetricValue::of(0.344), MetricValue::of(103.0)}},
      {"texture",
       "without",
       0,
       {MetricValue::none("not measured"), MetricValue::of(0.452), MetricValue::of(0.327),
        MetricValue::of(96.6)}}};
  saliency.notes = {"The paper reports 5.6 points of max-F1 less without saliency on MTD."};
  return {area, regions, saliency};
}

}  // namespace anomalyvlm::eval::test
