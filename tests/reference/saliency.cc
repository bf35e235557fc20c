// The kind "saliency": Eq. 3 in three readings, over given features, over those of an image, and among
// several objects.
#include <algorithm>
#include <optional>

#include "image/resize.h"
#include "kernels/saliency/saliency.h"
#include "methods/anomalyvlm/pipeline.h"
#include "reference/images.h"
#include "reference/resnet_config.h"
#include "reference/runner.h"
#include "roles/adapters/color_order.h"
#include "roles/adapters/resnet_saliency.h"

namespace anomalyvlm::golden {

namespace {

constexpr float kFactor = 0.5F;  // the cases' distance is (1 - cosine) / 2

// "official_desc_N50": which neighbours, and how many.
std::optional<NeighbourQuery> parse_query(std::string_view name) {
  struct Reading {
    std::string_view prefix;
    NeighbourQuery query;
  };
  static constexpr Reading kReadings[] = {{"official_desc_N", {1, -1, true}},
                                          {"paper_incl_self_N", {1, -1, false}},
                                          {"paper_excl_self_N", {1, 0, false}}};
  for (const Reading& reading : kReadings) {
    if (!name.starts_with(reading.prefix)) continue;
    NeighbourQuery query = reading.query;
    query.count = std::stoi(std::string(name.substr(reading.prefix.size())));
    return query;
  }
  return std::nullopt;
}

// Gives every map of the case that is named after a reading; "NAME.resized" is of the given size.
void give_maps(const GoldenCase& golden, const Tensor& features, int width, int height, Outputs& out) {
  std::vector<std::string> names;
  std::vector<NeighbourQuery> queries;
  for (const auto& [name, expected] : golden.expected->tensors()) {
    const std::optional<NeighbourQuery> query = parse_query(std::string_view(name).substr(0, name.find('.')));
    if (!query) continue;
    names.push_back(name);
    queries.push_back(*query);
  }
  const auto channels = static_cast<int>(features.dim(1)), rows = static_cast<int>(features.dim(2)),
             columns = static_cast<int>(features.dim(3));
  const auto cells = static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  std::vector<float> distances(queries.size() * cells);
  neighbour_distance(features.floats().data(), channels, rows, columns, queries, distances.data());
  for (float& value : distances) value *= kFactor;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto own = std::span(distances).subspan(i * cells, cells);
    const FloatMap map{columns, rows, {own.begin(), own.end()}};
    out.give(names[i], to_tensor(names[i].ends_with(".resized") ? resize_linear(map, width, height) : map));
  }
}

// Gives what the case keeps along two axes from the first: "... spatially ::8" is every 8th place.
void give_kept(const GoldenCase& golden, const std::string& name, const Tensor& full, int axis,
               Outputs& out) {
  const Tensor* kept = golden.expected->find(name);
  if (kept == nullptr || kept->rank() != full.rank()) return;
  const std::string meaning = golden.info.at("tensors").value(name, "");
  const std::size_t colons = meaning.find("::");
  const int stride = colons == std::string::npos ? 0 : std::stoi(meaning.substr(colons + 2));
  const Tensor rows = kept_places(full, axis, kept->dim(axis), stride);
  out.give(name, kept_places(rows, axis + 1, kept->dim(axis + 1), stride));
}

std::shared_ptr<const DenseFeatures> network(const GoldenCase& golden, GoldenContext& context) {
  return std::make_shared<const DenseFeatures>(golden.weights, context.engine(), nn::Precision::kF32,
                                               read_resnet_config(golden.info.at("config")));
}

// The longer side becomes `side`, the rest of the square is zeros right and below.
void run_padded(const GoldenCase& golden, const DenseFeatures& network, const Image& image, int side,
                Outputs& out) {
  const double scale = static_cast<double>(side) / std::max(image.width, image.height);
  const auto scaled = [&](int extent) { return static_cast<int>(extent * scale + 0.5); };
  const Image resized = resize_pil_bilinear(image, scaled(image.width), scaled(image.height));
  const Tensor part = imagenet_input(resized);
  Tensor input = Tensor::zeros({1, 3, side, side});
  for (int row = 0; row < 3 * resized.height; ++row) {
    const int channel = row / resized.height, y = row % resized.height;
    std::copy_n(part.floats().data() + std::size_t(row) * resized.width, resized.width,
                input.mutable_floats().data() + (std::size_t(channel) * side + y) * side);
  }
  out.give("pad.resized_u8", to_tensor(resized));
  give_kept(golden, "pad.preprocessed", input, 2, out);
  give_kept(golden, "pad.features", network.of(input), 2, out);
  out.give("pad.ratio_hw", Tensor::from<double>({2}, {static_cast<double>(resized.height) / side,
                                                      static_cast<double>(resized.width) / side}));
}

// Several objects of an image, by the pipeline's saliency stage.
void run_objects(const GoldenCase& golden, GoldenContext& context, const nlohmann::json& item, Outputs& out) {
  const Image bgr = to_image(golden.input("image_bgr")), image = in_order(bgr, ColorOrder::kBgr);
  const std::string name = item.at("name");
  const std::vector<Mask> masks = to_masks(golden.input(name + ".object_masks"));
  const SaliencySizes sizes{.of_network = item.value("img_size", SaliencySizes{}.of_network)};
  const ResNetSaliency saliency(network(golden, context), sizes);
  std::vector<InspectedObject> objects;
  for (const Mask& mask : masks) objects.push_back({.box = {}, .mask = Region::binary(mask)});
  const FloatMap cells = saliency.cells(image, objects, profile_named("saa-plus").stages);
  std::vector<Mask> resized;
  for (const Mask& mask : masks) resized.push_back(resize_nearest(mask, cells.width, cells.height));
  out.give(name + ".resized_masks", to_tensor(resized, cells.width, cells.height));
  out.give(name + ".feature_map", to_tensor(cells));
  out.give(name + ".saliency", to_tensor(resize_linear(cells, image.width, image.height)));
  const int side = sizes.among_objects;
  give_kept(golden, fmt::format("{}.resized_image_{}", name, side), to_tensor(resize_linear(bgr, side, side)),
            0, out);
}

}  // namespace

void run_saliency_features(const GoldenCase& golden, GoldenContext& context, Outputs& out) {
  const Tensor raw = golden.input("features_raw").to_f32();
  const auto normalise = [](const nn::Scope&, const std::vector<nn::Value>& inputs) {
    return nn::NamedValues{{"features", joined_features({inputs[0]})}};
  };
  const auto program = context.engine()->compile({.model = "features of length 1",
                                                  .weights = golden.weights,
                                                  .function = normalise,
                                                  .inputs = {{"raw", raw.shape()}},
                                                  .taps = {}});
  const Tensor features = program->run({raw}).front();
  out.give("features", features);
  const std::vector<int> size = golden.info.at("config").at("out_hw");
  give_maps(golden, features, size.at(1), size.at(0), out);
}

void run_saliency_image(const GoldenCase& golden, GoldenContext& context, Outputs& out) {
  const Image image = to_image(golden.input("image_bgr"));
  const std::shared_ptr<const DenseFeatures> resnet = network(golden, context);
  const int side = golden.info.value("img_size", SaliencySizes{}.side);
  const Image squashed = resize_linear(image, side, side);
  const Tensor input = imagenet_input(squashed);
  const Tensor features = resnet->of(input);
  out.give("resized_u8", to_tensor(squashed));
  give_kept(golden, "preprocessed", input, 2, out);
  give_kept(golden, "features", features, 2, out);
  give_maps(golden, features, image.width, image.height, out);
  if (golden.info.contains("pad_test"))
    run_padded(golden, *resnet, image, golden.info["pad_test"].get<int>(), out);
}

void run_saliency_multi(const GoldenCase& golden, GoldenContext& context, Outputs& out) {
  for (const auto& item : golden.info.at("runs")) run_objects(golden, context, item, out);
}

}  // namespace anomalyvlm::golden
