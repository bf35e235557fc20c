// A bank as a safetensors file: the rows as tensors, the rest as JSON in its metadata.
#include <nlohmann/json.hpp>

#include "core/check.h"
#include "core/files.h"
#include "core/platform.h"
#include "references/bank.h"
#include "references/origin_json.h"
#include "weights/safetensors.h"
#include "weights/seal.h"

namespace anomalyvlm {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "anomalyvlm.references 1";
constexpr const char* kKey = "references";
constexpr std::size_t kMostImages = 100'000, kMostScales = 8;
constexpr std::int64_t kLargestVector = 16'384;

std::string name_of(const char* what, std::size_t number) { return fmt::format("{}.{}", what, number); }

Json to_json(const BankImage& image) {
  Json json = {
      {"name", image.name}, {"sha256", image.sha256}, {"width", image.width}, {"height", image.height}};
  if (image.part) json["part"] = {image.part->x0, image.part->y0, image.part->x1, image.part->y1};
  return json;
}

BankImage to_image(const Json& json) {
  BankImage image{json.at("name"), json.at("sha256"), json.at("width"), json.at("height"), {}, {}};
  if (image.width < 1 || image.height < 1) fail(ErrorKind::kBadModel, "an image has no size");
  if (json.contains("part")) {
    const Json& part = json["part"];
    image.part = Box{part.at(0), part.at(1), part.at(2), part.at(3)};
  }
  return image;
}

Json to_json(const Bank& bank) {
  Json json = {{"format", kFormat}, {"date", bank.date()}};
  json.update(to_json(bank.origin()));
  json["images"] = Json::array();
  json["scales"] = Json::array();
  for (const BankImage& image : bank.images()) json["images"].push_back(to_json(image));
  const BankCalibration& calibration = bank.calibration();
  if (!calibration.scores.empty())
    json["calibration"] = {{"detector", calibration.detector},
                           {"prompt", calibration.prompt},
                           {"good_scores", calibration.scores}};
  for (const BankRows& rows : bank.rows())
    json["scales"].push_back({{"usual", rows.distances.usual}, {"high", rows.distances.high}});
  return json;
}

const Tensor& tensor(const WeightFile& file, const std::string& name, DType type, const Shape& shape) {
  const Tensor* found = file.find(name);
  if (found == nullptr || found->dtype() != type || found->shape() != shape)
    fail(ErrorKind::kBadModel, "the tensor {} is missing, or not {} of {}", name, name_of(type),
         to_string(shape));
  return *found;
}

bool ascends_below(std::span<const std::int32_t> numbers, std::size_t end) {
  std::int32_t last = 0;
  for (const std::int32_t number : numbers) {
    if (number < last || static_cast<std::size_t>(number) >= end) return false;
    last = number;
  }
  return true;
}

BankRows read_rows(const WeightFile& file, std::size_t scale, std::size_t images) {
  BankRows rows;
  const Tensor* vectors = file.find(name_of("vectors", scale));
  if (vectors == nullptr || vectors->dtype() != DType::kBF16 || vectors->rank() != 2 || vectors->dim(0) < 1 ||
      vectors->dim(1) < 1 || vectors->dim(1) > kLargestVector)
    fail(ErrorKind::kBadModel, "the vectors of scale {} are missing, or not a matrix of bfloat16", scale);
  if (!vectors->is_finite()) fail(ErrorKind::kBadModel, "the vectors of scale {} are not all numbers", scale);
  rows.vectors = *vectors;
  const std::int64_t count = rows.count();
  rows.images = tensor(file, name_of("images", scale), DType::kI32, {count});
  rows.places = tensor(file, name_of("places", scale), DType::kF32, {count, 2});
  if (file.find(name_of("alarms", scale)) != nullptr)
    rows.alarms = tensor(file, name_of("alarms", scale), DType::kF32, {count});
  if (!ascends_below(rows.images.values<std::int32_t>(), images))
    fail(ErrorKind::kBadModel, "the rows of scale {} belong to no image", scale);
  if (!rows.places.is_finite() || (rows.alarms.defined() && !rows.alarms.is_finite()))
    fail(ErrorKind::kBadModel, "the places of scale {} are not all numbers", scale);
  return rows;
}

UsualDistances to_distances(const Json& json) {
  const UsualDistances distances{json.at("usual"), json.at("high")};
  if (!(distances.usual >= 0 && distances.high >= 0))
    fail(ErrorKind::kBadModel, "distances between images are not 0 or more");
  return distances;
}

BankCalibration to_calibration(const Json& json) {
  BankCalibration calibration{json.value("detector", ""), json.at("prompt"),
                              json.at("good_scores").get<std::vector<double>>()};
  if (calibration.scores.size() > kMostImages) fail(ErrorKind::kBadModel, "it has too many scores");
  for (const double score : calibration.scores)
    if (!(score >= 0)) fail(ErrorKind::kBadModel, "scores of good images are not 0 or more");
  return calibration;
}

Image to_thumbnail(const WeightFile& file, std::size_t number) {
  const Tensor* pixels = file.find(name_of("thumbnail", number));
  if (pixels == nullptr) return {};
  if (pixels->dtype() != DType::kU8 || pixels->rank() != 3 || pixels->dim(2) != 3 || pixels->dim(0) < 1 ||
      pixels->dim(1) < 1 || pixels->dim(0) > kThumbnailSide || pixels->dim(1) > kThumbnailSide)
    fail(ErrorKind::kBadModel, "a thumbnail is no image");
  const auto bytes = pixels->values<std::uint8_t>();
  return {static_cast<int>(pixels->dim(1)), static_cast<int>(pixels->dim(0)), {bytes.begin(), bytes.end()}};
}

std::shared_ptr<const Bank> parse(const WeightFile& file) {
  const auto text = file.metadata().find(kKey);
  if (text == file.metadata().end()) fail(ErrorKind::kBadModel, "it holds no references");
  const Json json = Json::parse(text->second);
  if (json.at("format") != kFormat) fail(ErrorKind::kBadModel, "it is of another version of this program");
  const Json &listed = json.at("images"), &scales = json.at("scales");
  if (!listed.is_array() || listed.empty() || listed.size() > kMostImages)
    fail(ErrorKind::kBadModel, "it lists no images, or too many");
  if (!scales.is_array() || scales.empty() || scales.size() > kMostScales)
    fail(ErrorKind::kBadModel, "it has no scales, or too many");
  std::vector<BankImage> images;
  for (std::size_t i = 0; i < listed.size(); ++i) {
    images.push_back(to_image(listed[i]));
    images.back().thumbnail = to_thumbnail(file, i);
  }
  std::vector<BankRows> rows;
  for (std::size_t s = 0; s < scales.size(); ++s) {
    rows.push_back(read_rows(file, s, images.size()));
    rows.back().distances = to_distances(scales[s]);
  }
  BankCalibration calibration;
  if (json.contains("calibration")) calibration = to_calibration(json["calibration"]);
  return std::make_shared<const Bank>(to_origin(json), std::move(images), std::move(rows),
                                      json.at("date").get<std::string>(), std::move(calibration));
}

}  // namespace

void write_bank(const std::filesystem::path& file, const Bank& bank) {
  WeightFile::Tensors tensors;
  for (std::size_t s = 0; s < bank.rows().size(); ++s) {
    const BankRows& rows = bank.rows()[s];
    tensors[name_of("vectors", s)] = rows.vectors;
    tensors[name_of("images", s)] = rows.images;
    tensors[name_of("places", s)] = rows.places;
    if (rows.alarms.defined()) tensors[name_of("alarms", s)] = rows.alarms;
  }
  for (std::size_t i = 0; i < bank.images().size(); ++i) {
    const Image& small = bank.images()[i].thumbnail;
    if (!small.empty())
      tensors[name_of("thumbnail", i)] = Tensor::from({small.height, small.width, 3}, small.rgb);
  }
  write_safetensors(file, tensors,
                    {{kKey, to_json(bank).dump(-1, ' ', false, Json::error_handler_t::replace)}},
                    /*sealed=*/true);
}

std::shared_ptr<const Bank> parse_bank(std::span<const std::uint8_t> bytes, std::shared_ptr<const void> owner,
                                       const std::string& source) {
  const auto refuse = [&](std::string_view why) {
    fail(ErrorKind::kBadModel,
         "'{}' is no bank of references: {}. 'anomalyvlm reference build' makes one from good images.",
         source, why);
  };
  try {
    const auto file = parse_weights(bytes, std::move(owner), source);
    require_seal(bytes, *file);
    return parse(*file);
  } catch (const nlohmann::json::exception&) {
    refuse("its text is damaged");
  } catch (const Error& error) {
    refuse(error.what());
  }
  return nullptr;
}

// Small files are read, large ones stay mapped.
std::shared_ptr<const Bank> read_bank(const std::filesystem::path& file) {
  constexpr std::uint64_t kMapped = std::uint64_t{64} << 20;
  if (file_stamp(file).size > kMapped) {
    const auto mapped = MappedFile::open(file);
    return parse_bank(mapped->bytes(), mapped, file.string());
  }
  const auto text = std::make_shared<const std::string>(read_file(file));
  return parse_bank({reinterpret_cast<const std::uint8_t*>(text->data()), text->size()}, text, file.string());
}

bool is_bank(const std::filesystem::path& file) {
  try {
    return load_weights(file)->metadata().contains(kKey);
  } catch (const Error&) {
    return false;
  }
}

}  // namespace anomalyvlm
