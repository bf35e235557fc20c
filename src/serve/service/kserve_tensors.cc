#include "serve/service/kserve_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "core/printable.h"

namespace anomalyvlm::serve {
namespace {

static_assert(std::endian::native == std::endian::little, "the protocol's tensors are little endian");

constexpr std::size_t kMostJson = 16 << 20;  // pixels of a few megapixels; more are sent as binary tensors

[[noreturn]] void bad_tensor(const std::string& sentence) { throw HttpError(400, "bad_tensor", sentence); }

template <typename T>
void append_number(std::string& bytes, T value) {
  char raw[sizeof(T)];
  std::memcpy(raw, &value, sizeof value);
  bytes.append(raw, sizeof raw);
}

void append_element(std::string& bytes, std::string_view element) {
  append_number(bytes, static_cast<std::uint32_t>(element.size()));
  bytes += element;
}

const Json& member(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) bad_tensor(fmt::format("A tensor, or the request, has no '{}'.", name));
  return *found;
}

std::string text_member(const Json& object, const char* name) {
  const Json& value = member(object, name);
  if (!value.is_string()) bad_tensor(fmt::format("'{}' is not a text.", name));
  return value.get<std::string>();
}

std::vector<std::int64_t> read_shape(const Json& json) {
  if (!json.is_array() || json.size() > 8)
    bad_tensor("The shape of a tensor is not a list of up to 8 numbers.");
  std::vector<std::int64_t> shape;
  for (const Json& side : json) {
    if (!side.is_number_unsigned() && !(side.is_number_integer() && side.get<std::int64_t>() >= 0))
      bad_tensor("The shape of a tensor is not of whole numbers.");
    shape.push_back(side.get<std::int64_t>());
  }
  return shape;
}

std::size_t count_of(const std::vector<std::int64_t>& shape) {
  constexpr std::int64_t kMost = 1LL << 40;
  std::int64_t count = 1;
  for (const std::int64_t side : shape) {
    if (side < 0 || (side > 0 && count > kMost / side)) bad_tensor("A tensor is too large.");
    count *= side;
  }
  return static_cast<std::size_t>(count);
}

// Numbers and texts of a JSON list, which may be nested.
void append_values(const Json& json, const std::string& type, std::string& bytes) {
  if (json.is_array()) {
    for (const Json& item : json) append_values(item, type, bytes);
  } else if (type == "BYTES") {
    if (!json.is_string()) bad_tensor("A tensor of type BYTES has other elements than texts.");
    append_element(bytes, json.get_ref<const std::string&>());
  } else if (!json.is_number()) {
    bad_tensor("A tensor of numbers has other elements.");
  } else if (type == "UINT8") {
    const double value = json.get<double>();
    if (!(value >= 0 && value <= 255)) bad_tensor("A tensor of type UINT8 has values beyond 0 to 255.");
    bytes += static_cast<char>(static_cast<std::uint8_t>(value));
  } else if (type == "INT32") {
    append_number(bytes,
                  static_cast<std::int32_t>(std::clamp(json.get<double>(), -2147483648.0, 2147483647.0)));
  } else {
    append_number(bytes, static_cast<float>(json.get<double>()));
  }
}

// Takes a tensor's bytes off the binary part, if it is there.
bool take_binary(const Json& parameters, std::string_view& binary, Tensor& tensor) {
  const auto size = parameters.find("binary_data_size");
  if (size == parameters.end()) return false;
  if (!size->is_number_unsigned()) bad_tensor("'binary_data_size' is not a number of bytes.");
  const auto bytes = size->get<std::uint64_t>();
  if (bytes > binary.size()) bad_tensor("The request has fewer bytes behind its JSON than its tensors say.");
  tensor.bytes = binary.substr(0, bytes);
  binary.remove_prefix(bytes);
  return true;
}

Json parameters_of(const Json& object) {
  const auto found = object.find("parameters");
  if (found == object.end()) return Json::object();
  if (!found->is_object()) bad_tensor("'parameters' is not an object.");
  return *found;
}

Tensor read_tensor(const Json& json, std::string_view& binary) {
  if (!json.is_object()) bad_tensor("An input is not an object.");
  Tensor tensor{
      text_member(json, "name"), text_member(json, "datatype"), read_shape(member(json, "shape")), {}};
  const std::size_t each = element_bytes(tensor.type), count = count_of(tensor.shape);
  if (!take_binary(parameters_of(json), binary, tensor))
    append_values(member(json, "data"), tensor.type, tensor.bytes);
  const bool whole = each == 0 ? elements_of(tensor).size() == count : tensor.bytes.size() == each * count;
  if (!whole)
    bad_tensor(fmt::format("The input '{}' does not have as many elements as its shape says.",
                           printable(tensor.name)));
  return tensor;
}

bool flag(const Json& parameters, const char* name) {
  const auto found = parameters.find(name);
  return found != parameters.end() && found->is_boolean() && found->get<bool>();
}

template <typename T>
Json numbers_of(const Tensor& tensor) {
  Json list = Json::array();
  for (std::size_t i = 0; i + sizeof(T) <= tensor.bytes.size(); i += sizeof(T)) {
    T value;
    std::memcpy(&value, tensor.bytes.data() + i, sizeof value);
    list.push_back(value);
  }
  return list;
}

Json values_of(const Tensor& tensor) {
  if (tensor.type == "BYTES") return elements_of(tensor);
  if (tensor.type == "INT32") return numbers_of<std::int32_t>(tensor);
  if (tensor.type == "UINT8") return numbers_of<std::uint8_t>(tensor);
  return numbers_of<float>(tensor);
}

}  // namespace

std::size_t element_bytes(std::string_view type) {
  if (type == "BYTES") return 0;
  if (type == "UINT8") return 1;
  if (type == "FP32" || type == "INT32") return 4;
  bad_tensor(fmt::format("Tensors of type '{}' are not read here; use BYTES, UINT8, INT32 or FP32.",
                         printable(type)));
}

std::vector<std::string> elements_of(const Tensor& tensor) {
  std::vector<std::string> elements;
  std::string_view rest = tensor.bytes;
  while (!rest.empty()) {
    std::uint32_t size = 0;
    if (rest.size() < sizeof size) bad_tensor("A tensor of type BYTES is damaged.");
    std::memcpy(&size, rest.data(), sizeof size);
    rest.remove_prefix(sizeof size);
    if (size > rest.size()) bad_tensor("A tensor of type BYTES is damaged.");
    elements.emplace_back(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  return elements;
}

Tensor bytes_tensor(std::string name, const std::vector<std::string>& elements) {
  Tensor tensor{std::move(name), "BYTES", {static_cast<std::int64_t>(elements.size())}, {}};
  for (const std::string& element : elements) append_element(tensor.bytes, element);
  return tensor;
}

InferRequest read_infer_request(std::string_view body, std::size_t json_bytes, int max_json_depth) {
  if (json_bytes > body.size()) bad_tensor("The header Inference-Header-Content-Length exceeds the body.");
  const Json json = parse_json(body.substr(0, json_bytes), max_json_depth, "The request", kMostJson);
  if (!json.is_object()) bad_tensor("The request is not a JSON object.");
  std::string_view binary = body.substr(json_bytes);
  InferRequest request;
  if (json.contains("id")) request.id = text_member(json, "id");
  request.parameters = parameters_of(json);
  request.binary = flag(request.parameters, "binary_data_output");
  const Json& inputs = member(json, "inputs");
  if (!inputs.is_array()) bad_tensor("'inputs' is not a list.");
  for (const Json& input : inputs) request.inputs.push_back(read_tensor(input, binary));
  if (!binary.empty()) bad_tensor("The request has more bytes behind its JSON than its tensors say.");
  if (const auto outputs = json.find("outputs"); outputs != json.end()) {
    if (!outputs->is_array()) bad_tensor("'outputs' is not a list.");
    for (const Json& output : *outputs) {
      if (!output.is_object()) bad_tensor("An output is not an object.");
      const Json parameters = parameters_of(output);
      request.outputs.push_back(
          {text_member(output, "name"),
           flag(parameters, "binary_data") || (request.binary && !parameters.contains("binary_data"))});
    }
  }
  return request;
}

Response write_infer_response(const InferRequest& request, const std::string& model,
                              const std::string& version, const std::vector<Tensor>& tensors) {
  std::vector<InferRequest::Wanted> wanted = request.outputs;
  if (wanted.empty())
    for (const Tensor& tensor : tensors) wanted.push_back({tensor.name, request.binary});
  Json json = {{"model_name", model}, {"model_version", version}};
  if (!request.id.empty()) json["id"] = request.id;
  json["outputs"] = Json::array();
  std::string binary;
  for (const InferRequest::Wanted& output : wanted) {
    const auto tensor =
        std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& t) { return t.name == output.name; });
    if (tensor == tensors.end()) bad_tensor(fmt::format("There is no output '{}'.", printable(output.name)));
    Json described = {{"name", tensor->name}, {"datatype", tensor->type}, {"shape", tensor->shape}};
    if (output.binary) {
      described["parameters"] = {{"binary_data_size", tensor->bytes.size()}};
      binary += tensor->bytes;
    } else {
      described["data"] = values_of(*tensor);
    }
    json["outputs"].push_back(std::move(described));
  }
  std::string text = to_text(json);
  if (binary.empty()) return {.content_type = "application/json", .body = std::move(text)};
  Response response{.content_type = "application/octet-stream", .body = text + binary};
  response.headers.emplace_back("Inference-Header-Content-Length", std::to_string(text.size()));
  return response;
}

}  // namespace anomalyvlm::serve
