// anomalyvlm-synth: shows, times and writes the synthetic training images.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "anomalyvlm/codec.h"
#include "core/check.h"
#include "core/printable.h"
#include "train/synthetic/synthetic.h"

namespace {

using namespace anomalyvlm;
using Clock = std::chrono::steady_clock;

struct Arguments {
  std::string out;
  std::uint64_t seed = 0;
  int count = 48;
  int columns = 8;
  int first = 0;
  int references = 0;
  int images = 12;
  bool each = false;
  synthetic::Options options;
};

void outline(Image& image, const Mask& mask, const std::uint8_t (&colour)[3]) {
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 0; x < mask.width; ++x) {
      if (mask.at(x, y)) continue;
      const bool beside = (x > 0 && mask.at(x - 1, y)) || (x + 1 < mask.width && mask.at(x + 1, y)) ||
                          (y > 0 && mask.at(x, y - 1)) || (y + 1 < mask.height && mask.at(x, y + 1));
      if (beside) std::copy(colour, colour + 3, image.row(y) + 3 * x);
    }
  }
}

// A grid of images, every one with the outlines of its defects in its own colour.
void write_sheet(const Arguments& a) {
  static const std::uint8_t kColours[4][3] = {{255, 0, 60}, {0, 220, 255}, {255, 200, 0}, {120, 255, 60}};
  auto surfaces = synthetic::surface_families();
  const auto kinds = synthetic::defect_families();
  const int rows = (a.count + a.columns - 1) / a.columns, w = a.options.width, h = a.options.height;
  Image sheet;
  sheet.width = a.columns * w, sheet.height = rows * h;
  sheet.rgb.resize(static_cast<std::size_t>(sheet.width) * sheet.height * 3);
  for (int k = 0; k < a.count; ++k) {
    synthetic::Options options = a.options;
    const int row = k / a.columns;
    if (a.each && options.defect == "each") options.defect = kinds[(row + a.first) % kinds.size()];
    if (a.each && options.surface == "each") options.surface = surfaces[(row + a.first) % surfaces.size()];
    const int column = k % a.columns;
    if (column < a.references) options.normal_share = 1;
    synthetic::Sample sample = a.references > 0 ? synthetic::draw_product(a.seed + row, column, options)
                                                : synthetic::draw(a.seed + k, options);
    std::printf("%d,%d %s:", row, k % a.columns, sample.surface.c_str());
    for (std::size_t j = 0; j < sample.defects.size(); ++j) {
      outline(sample.image, sample.defects[j].mask, kColours[j % 4]);
      std::printf(" %s \"%s\" %.1f;", sample.defects[j].family.c_str(), sample.defects[j].phrase.c_str(),
                  sample.defects[j].visibility);
    }
    std::printf("\n");
    for (int y = 0; y < h; ++y) {
      std::copy_n(sample.image.row(y), w * 3, sheet.row(row * h + y) + (k % a.columns) * w * 3);
    }
  }
  write_png(a.out, sheet);
}

void write_images(const Arguments& a) {
  const std::filesystem::path folder(a.out);
  std::filesystem::create_directories(folder);
  for (int k = 0; k < a.count; ++k) {
    const synthetic::Sample sample = synthetic::draw(a.seed + k, a.options);
    Image mask;
    mask.width = sample.defect_map.width, mask.height = sample.defect_map.height;
    for (const float v : sample.defect_map.values)
      mask.rgb.insert(mask.rgb.end(), 3, static_cast<std::uint8_t>(v * 255 + 0.5f));
    const std::string name = fmt::format("{:06d}", a.seed + k);
    write_png(folder / (name + ".png"), sample.image);
    write_png(folder / (name + ".mask.png"), mask);
  }
}

// MVTec AD's layout: each product is a category of training images, all of them good, and of test images.
void write_products(const Arguments& a) {
  const auto mask_of = [](const FloatMap& map) {
    Image mask{map.width, map.height, {}};
    for (const float v : map.values) mask.rgb.insert(mask.rgb.end(), 3, v > 0.5F ? 255 : 0);
    return mask;
  };
  const auto write = [](const std::filesystem::path& file, const Image& image) {
    std::filesystem::create_directories(file.parent_path());
    write_png(file, image);
  };
  for (int p = 0; p < a.count; ++p) {
    const std::filesystem::path folder = std::filesystem::path(a.out) / fmt::format("product{:03d}", p);
    for (int k = 0; k < a.references + a.images; ++k) {
      synthetic::Options options = a.options;
      if (k < a.references) options.normal_share = 1;
      const synthetic::Sample sample = synthetic::draw_product(a.seed + p, k, options);
      const std::string name = fmt::format("{:03d}", k);
      const char* kind = sample.defects.empty() ? "good" : "defect";
      write(folder / (k < a.references ? "train" : "test") / kind / (name + ".png"), sample.image);
      if (!sample.defects.empty())
        write(folder / "ground_truth" / kind / (name + "_mask.png"), mask_of(sample.defect_map));
    }
  }
}

double milliseconds_per_image(const Arguments& a, const synthetic::Options& options, int count) {
  const auto start = Clock::now();
  for (int k = 0; k < count; ++k) synthetic::draw(a.seed + k, options);
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count() / count;
}

void print_times(const Arguments& a) {
  std::printf("%.2f ms an image\n", milliseconds_per_image(a, a.options, a.count * 4));
  for (const auto& name : synthetic::surface_families()) {
    synthetic::Options options = a.options;
    options.surface = name, options.normal_share = 1;
    std::printf("%s %.1f  ", name.c_str(), milliseconds_per_image(a, options, 12));
  }
  std::printf("\n");
  std::map<std::string, std::pair<int, double>> found;
  int normal = 0;
  std::vector<double> sizes;
  for (int k = 0; k < a.count * 4; ++k) {
    const auto sample = synthetic::draw(a.seed + k, a.options);
    normal += sample.defects.empty();
    double size = 0;
    for (const float v : sample.defect_map.values) size += v;
    if (size > 0) sizes.push_back(size / static_cast<double>(sample.defect_map.values.size()));
    for (const auto& d : sample.defects) found[d.family].first += 1, found[d.family].second += d.visibility;
  }
  std::printf("without a defect: %.2f\n", normal / (a.count * 4.0));
  std::sort(sizes.begin(), sizes.end());
  for (const double q : {0.05, 0.25, 0.5, 0.75, 0.95})
    std::printf("area quantile %.2f: %.4f\n", q, sizes[static_cast<std::size_t>(q * (sizes.size() - 1))]);
  for (const auto& [name, f] : found)
    std::printf("%s %d (%.1f)  ", name.c_str(), f.first, f.second / f.first);
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
#ifdef __GLIBC__
  // Buffers of an image's size are kept instead of being given back to the system for every use.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 28);
#endif
  CLI::App app("Generates the images that the embedded detector is trained on.");
  Arguments a;
  const auto common = [&](CLI::App* command) {
    command->add_option("--seed", a.seed, "first seed");
    command->add_option("--count", a.count, "how many images")->check(CLI::PositiveNumber);
    command->add_option("--width", a.options.width);
    command->add_option("--height", a.options.height);
    command->add_option("--family", a.options.surface, "this surface family only, or 'each': one a row");
    command->add_option("--defect", a.options.defect, "this defect family only, or 'each': one a row");
    command->add_option("--visibility", a.options.min_visibility, "least visibility of defects, 1 to 3");
    command->add_option("--normal", a.options.normal_share, "share of images without a defect");
    command->add_option("--families", a.options.families_at_least, "different defect families at least");
    command->add_flag("--validation", a.options.validation, "the stream of seeds for validation");
  };
  auto* sheet = app.add_subcommand("sheet", "a contact sheet with the outlines of the masks");
  sheet->add_option("out", a.out, "PNG file")->required();
  sheet->add_option("--columns", a.columns)->check(CLI::PositiveNumber);
  sheet->add_option("--first", a.first, "the family to begin with where every row has its own")
      ->check(CLI::NonNegativeNumber);
  sheet
      ->add_option("--products", a.references,
                   "a row for each product: so many images of it without defects, then others")
      ->check(CLI::NonNegativeNumber);
  sheet->add_flag("--oddities", a.options.oddities, "some products have marks and odd parts by design");
  common(sheet);
  auto* dump = app.add_subcommand("dump", "images and masks as PNG files");
  dump->add_option("out", a.out, "folder")->required();
  common(dump);
  auto* products = app.add_subcommand("products", "a data set of products in MVTec AD's layout");
  products->add_option("out", a.out, "folder")->required();
  products->add_option("--references", a.references, "good images for training, of each product")
      ->check(CLI::PositiveNumber);
  products->add_option("--images", a.images, "images to be tested, of each product")
      ->check(CLI::PositiveNumber);
  products->add_flag("--oddities", a.options.oddities, "some products have marks and odd parts by design");
  common(products);
  auto* time = app.add_subcommand("time", "milliseconds per image, and how often each family is generated");
  common(time);
  app.require_subcommand(1);
  CLI11_PARSE(app, argc, argv);
  a.each = a.options.surface == "each" || a.options.defect == "each";
  try {
    if (*sheet) write_sheet(a);
    if (*dump) write_images(a);
    if (*products) write_products(a);
    if (*time) print_times(a);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "anomalyvlm-synth: %s\n", printable(e.what()).c_str());
    return 1;
  }
  return 0;
}
