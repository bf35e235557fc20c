#include "serve/service/kserve.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <charconv>

#include "anomalyvlm/results.h"
#include "core/printable.h"
#include "core/sha256.h"
#include "serve/service/kserve_tensors.h"

namespace anomalyvlm::serve {
namespace {

constexpr const char* kModel = "anomalyvlm";

Json tensor_description(const char* name, const char* type, std::vector<int> shape) {
  return {{"name", name}, {"datatype", type}, {"shape", shape}};
}

Json model_description() {
  return {{"name", kModel},
          {"versions", {version()}},
          {"platform", "anomalyvlm"},
          {"inputs",
           {tensor_description("image", "BYTES", {1}), tensor_description("pixels", "UINT8", {-1, -1, 3}),
            tensor_description("prompt", "BYTES", {1})}},
          {"outputs",
           {tensor_description("image_score", "FP32", {1}), tensor_description("verdict", "BYTES", {1}),
            tensor_description("boxes", "FP32", {-1, 4}), tensor_description("scores", "FP32", {-1}),
            tensor_description("phrases", "BYTES", {-1}), tensor_description("anomaly_map", "FP32", {-1, -1}),
            tensor_description("result", "BYTES", {1})}}};
}

const Tensor* find_input(const InferRequest& infer, std::string_view name) {
  for (const Tensor& tensor : infer.inputs)
    if (tensor.name == name) return &tensor;
  return nullptr;
}

[[noreturn]] void bad_input(const std::string& sentence) { throw HttpError(400, "bad_tensor", sentence); }

std::string decode_base64(const std::string& text) {
  if (text.empty() || text.size() % 4 != 0) return {};
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return {};
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

constexpr std::string_view kOutputs[] = {"image_score", "verdict",     "boxes", "scores",
                                         "phrases",     "anomaly_map", "result"};

// Before anything is computed: each output once, and none that is not there.
void check_outputs(const InferRequest& infer) {
  for (std::size_t i = 0; i < infer.outputs.size(); ++i) {
    const std::string& name = infer.outputs[i].name;
    if (std::find(std::begin(kOutputs), std::end(kOutputs), name) == std::end(kOutputs))
      bad_input(fmt::format("There is no output '{}'.", printable(name)));
    for (std::size_t k = 0; k < i; ++k)
      if (infer.outputs[k].name == name) bad_input(fmt::format("The output '{}' is asked for twice.", name));
  }
}

// The only element of an input of texts.
std::string only_element(const Tensor& tensor) {
  if (tensor.type != "BYTES") bad_input(fmt::format("The input '{}' is not of type BYTES.", tensor.name));
  std::vector<std::string> elements = elements_of(tensor);
  if (elements.size() != 1)
    bad_input(fmt::format("The input '{}' has {} elements; one image is inspected at a time.", tensor.name,
                          elements.size()));
  return std::move(elements.front());
}

// [height, width, 3] or [1, height, width, 3]: R first.
Image image_of_pixels(const Tensor& tensor, const Limits& limits) {
  std::vector<std::int64_t> shape = tensor.shape;
  if (shape.size() == 4 && shape.front() == 1) shape.erase(shape.begin());
  if (tensor.type != "UINT8" || shape.size() != 3 || shape[2] != 3 || shape[0] == 0 || shape[1] == 0)
    bad_input("The input 'pixels' is not of type UINT8 and shape [height, width, 3].");
  if (static_cast<std::uint64_t>(shape[0] * shape[1]) > limits.pixels)
    throw HttpError(413, "image_too_large",
                    fmt::format("The image has more than the {} pixels that are allowed.", limits.pixels));
  Image image{static_cast<int>(shape[1]), static_cast<int>(shape[0]), {}};
  image.rgb.assign(tensor.bytes.begin(), tensor.bytes.end());
  return image;
}

InspectOptions options_of(const InferRequest& infer) {
  InspectOptions options;
  Json parameters = infer.parameters;
  for (const char* of_protocol :
       {"binary_data_output", "sequence_id", "sequence_start", "sequence_end", "priority"})
    parameters.erase(of_protocol);
  read_options(parameters, options);
  if (const Tensor* prompt = find_input(infer, "prompt")) options.prompt = only_element(*prompt);
  return options;
}

std::vector<Tensor> tensors_of(const Inspector::Found& found, const std::string& json) {
  const std::vector<const Candidate*> regions = counted_regions(found.detection, found.prompt);
  std::vector<float> boxes, scores;
  std::vector<std::string> phrases;
  for (const Candidate* region : regions) {
    boxes.insert(boxes.end(), {region->box.x0, region->box.y0, region->box.x1, region->box.y1});
    scores.push_back(static_cast<float>(region->refined_score));
    phrases.push_back(region->phrase);
  }
  const auto count = static_cast<std::int64_t>(regions.size());
  const FloatMap& map = found.detection.anomaly;
  return {
      numeric_tensor<float>("image_score", "FP32", {1}, {static_cast<float>(found.detection.image_score)}),
      bytes_tensor("verdict", {found.inspection.verdict}),
      numeric_tensor("boxes", "FP32", {count, 4}, boxes),
      numeric_tensor("scores", "FP32", {count}, scores),
      bytes_tensor("phrases", phrases),
      numeric_tensor("anomaly_map", "FP32", {map.height, map.width}, map.values),
      bytes_tensor("result", {json})};
}

std::size_t json_bytes_of(const Request& request) {
  const std::string_view header = request.header("inference-header-content-length");
  if (header.empty()) return request.body.size();
  std::size_t bytes = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), bytes);
  if (error != std::errc() || end != header.data() + header.size())
    bad_input("The header Inference-Header-Content-Length is not a number of bytes.");
  return bytes;
}

void require_version(const Request& request) {
  if (!request.captured.empty() && request.captured[0] != version())
    throw HttpError(404, "not_found",
                    fmt::format("There is no such version of the model; there is {}.", version()));
}

Response infer(Inspector& inspector, const Request& request) {
  const InferRequest infer =
      read_infer_request(request.body, json_bytes_of(request), inspector.limits().json_depth);
  check_outputs(infer);
  const InspectOptions options = options_of(infer);
  const Tensor *file = find_input(infer, "image"), *pixels = find_input(infer, "pixels");
  if ((file == nullptr) == (pixels == nullptr))
    bad_input("Give either the input 'image' (a file) or 'pixels'.");
  HybridPrompt prompt = prompt_of(options, inspector.settings().prompt);
  Inspection inspection;
  const WorkQueue::Place place = inspector.take_place(request, options, inspection);
  const Clock::time_point start = Clock::now();
  std::string bytes;
  Image image;
  if (file != nullptr) {
    bytes = only_element(*file);
    // In JSON, which has no bytes, the file is in base64.
    const bool in_json = json_bytes_of(request) == request.body.size();
    if (in_json) bytes = decode_base64(bytes);
    if (bytes.empty()) bad_input("The input 'image' is not an image file, in JSON encoded as base64.");
    image = inspector.decode(bytes, options);
  } else {
    bytes = pixels->bytes;
    image = image_of_pixels(*pixels, inspector.limits());
  }
  inspection.image_sha256 = sha256_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  inspection.seconds.emplace_back("decode", std::chrono::duration<double>(Clock::now() - start).count());
  Inspector::Found found =
      inspector.inspect(request, std::move(image), std::move(prompt), options, std::move(inspection));
  const std::string json =
      to_json(found.detection, found.prompt, inspector.results_for(options, options.name));
  Response response = write_infer_response(infer, kModel, version(), tensors_of(found, json));
  response.inspection = std::move(found.inspection);
  return response;
}

}  // namespace

void add_kserve_routes(Router& router, Inspector& inspector) {
  const auto get = [&](const std::string& path, const Json& answer, bool open = false) {
    const auto handle = [answer](const Request& request) {
      require_version(request);
      return json_response(answer);
    };
    router.add({.method = "GET", .pattern = path, .handle = handle, .open = open, .quiet = true});
  };
  get("/v2", {{"name", "anomalyvlm"}, {"version", version()}, {"extensions", {"binary_tensor_data"}}});
  get("/v2/health/live", {{"live", true}}, true);
  get("/v2/health/ready", {{"ready", true}}, true);
  const std::string model = std::string("/v2/models/") + kModel;
  for (const std::string& path : {model, model + "/versions/{version}"}) {
    get(path, model_description());
    get(path + "/ready", {{"name", kModel}, {"ready", true}});
    const auto handle = [&inspector](const Request& request) {
      require_version(request);
      return infer(inspector, request);
    };
    router.add({.method = "POST", .pattern = path + "/infer", .handle = handle});
  }
}

}  // namespace anomalyvlm::serve
