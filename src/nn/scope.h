#pragma once
// Where a model function finds its weights: a backend, a source of weights, and a prefix of names.
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nn/value.h"
#include "weights/name_check.h"

namespace anomalyvlm::nn {

// Gives weights by their full name. A weight file, a trainer's parameters, or a list that only records names.
class Parameters {
 public:
  virtual ~Parameters() = default;
  virtual Value get(Backend& backend, const std::string& name, const Shape& shape) = 0;
  // Whether an optional weight is there (a bias that some checkpoints leave out).
  virtual bool has(const std::string& name) const = 0;
};

// at / "norm1" / 0 reads "…norm1.0.…": names are those of the published checkpoints.
class Scope {
 public:
  Scope(Backend& backend, Parameters& parameters, std::string prefix = "")
      : backend_(&backend), parameters_(&parameters), prefix_(std::move(prefix)) {}

  Scope operator/(std::string_view part) const {
    return Scope(*backend_, *parameters_,
                 prefix_.empty() ? std::string(part) : fmt::format("{}.{}", prefix_, part));
  }
  Scope operator/(int index) const { return *this / std::string_view(std::to_string(index)); }

  // The weight `name` below this prefix, which must have this shape; throws Error(kBadModel) otherwise.
  Value weight(std::string_view name, const Shape& shape) const {
    return parameters_->get(*backend_, (*this / name).prefix_, shape);
  }
  bool has(std::string_view name) const { return parameters_->has((*this / name).prefix_); }
  const std::string& prefix() const { return prefix_; }
  Backend& backend() const { return *backend_; }

 private:
  Backend* backend_;
  Parameters* parameters_;
  std::string prefix_;
};

// Weights of a file as constants; each is given to the backend once.
class FileParameters : public Parameters {
 public:
  explicit FileParameters(std::shared_ptr<const WeightFile> file) : file_(std::move(file)) {}
  Value get(Backend& backend, const std::string& name, const Shape& shape) override;
  bool has(const std::string& name) const override { return file_->find(name) != nullptr; }

 private:
  std::shared_ptr<const WeightFile> file_;
  std::map<std::string, Value> given_;
};

struct InputSpec {
  std::string name;
  Shape shape;
};

// A model function: from inputs, in the order of their specs, to named outputs.
using NamedValues = std::vector<std::pair<std::string, Value>>;
using ModelFunction = std::function<NamedValues(const Scope& root, const std::vector<Value>& inputs)>;

// The signature of a model function, found by tracing it without computing anything. `optional` says which
// optional weights to count as present. trace.cc
struct ModelSignature {
  std::vector<ExpectedTensor> weights;   // that it asks for, in order
  std::vector<InputSpec> outputs, taps;  // in order
  std::string graph;                     // its operations, a line each; the same text means the same graph
};
ModelSignature trace_signature(const ModelFunction& model, const std::vector<InputSpec>& inputs,
                               const std::function<bool(const std::string&)>& optional = {});

// Whether the tap `name` is among those asked for ("*": all are).
bool is_wanted(std::string_view name, const std::vector<std::string>& wanted);
// The outputs and the taps that are wanted. Throws Error(kBadInput) for one that does not exist.
std::vector<InputSpec> output_specs(const ModelSignature& signature, const std::vector<std::string>& taps);
std::vector<std::string> output_names(const ModelSignature& signature, const std::vector<std::string>& taps);

// Throws one Error(kBadModel) naming every tensor of the signature that the file lacks or has in another
// shape. Tensors that the signature does not ask for are fine: a file may hold the weights of several graphs.
void require_weights(const WeightFile& file, std::string_view model, const ModelSignature& signature);

}  // namespace anomalyvlm::nn
