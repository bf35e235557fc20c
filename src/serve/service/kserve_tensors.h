#pragma once
// The tensors of a request and an answer of KServe's protocol, in JSON or binary.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "serve/service/json.h"

namespace anomalyvlm::serve {

struct Tensor {
  std::string name;
  std::string type;  // "BYTES", "UINT8", "FP32", "INT32"
  std::vector<std::int64_t> shape;
  std::string bytes;  // little endian; BYTES: of each element its length in four bytes, then itself
};

std::size_t element_bytes(std::string_view type);  // 0: BYTES. Throws HttpError(400) for other types
std::vector<std::string> elements_of(
    const Tensor& tensor);  // of type BYTES; throws HttpError(400) if damaged
Tensor bytes_tensor(std::string name, const std::vector<std::string>& elements);

template <typename T>
Tensor numeric_tensor(std::string name, std::string type, std::vector<std::int64_t> shape,
                      const std::vector<T>& values) {
  return {std::move(name), std::move(type), std::move(shape),
          std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T))};
}

struct InferRequest {
  std::string id;
  Json parameters = Json::object();
  std::vector<Tensor> inputs;
  struct Wanted {
    std::string name;
    bool binary = false;
  };
  std::vector<Wanted> outputs;  // empty: all
  bool binary = false;          // those that outputs does not name
};

// `json_bytes`: of the body's beginning, which is JSON; the rest are binary tensors in the order of the
// inputs. Throws HttpError(400).
InferRequest read_infer_request(std::string_view body, std::size_t json_bytes, int max_json_depth);
// The tensors that the request wants, in its order. Throws HttpError(400) for a name that is none of theirs.
Response write_infer_response(const InferRequest& request, const std::string& model,
                              const std::string& version, const std::vector<Tensor>& tensors);

}  // namespace anomalyvlm::serve
