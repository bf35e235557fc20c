#pragma once
// An engine turns a model function into a program. There are two: "openvino" compiles it, "torch" executes
// each operation immediately (only in builds with libtorch).
#include <memory>
#include <string>
#include <vector>

#include "anomalyvlm/options.h"
#include "nn/scope.h"

namespace anomalyvlm::nn {

enum class Precision { kF32, kBF16 };  // bf16: weights and activations; inputs and outputs stay float32

struct EngineOptions {
  std::string device = "cpu";  // "cpu"; torch: "cuda", "cuda:1" too; openvino: its own names too ("GPU")
  bool disk_cache = true;      // keep compiled graphs below cache_directory()
  LogSink log = {};
};

// Const after making: run() may be called from several threads at once.
class Program {
 public:
  virtual ~Program() = default;
  virtual const std::vector<InputSpec>& inputs() const = 0;
  virtual const std::vector<std::string>& outputs()
      const = 0;  // the model function's, then the taps asked for
  // float32 tensors in the order of inputs(), of exactly those shapes -> float32 tensors in the order of
  // outputs().
  virtual std::vector<Tensor> run(const std::vector<Tensor>& inputs) const = 0;
};

struct CompileRequest {
  std::string
      model;  // what is compiled, with all of its config that changes the graph: part of the cache's key
  std::shared_ptr<const WeightFile> weights;
  ModelFunction function;  // the program may keep it: it must own what it needs
  std::vector<InputSpec> inputs;
  Precision precision = Precision::kF32;
  std::vector<std::string> taps;  // intermediate results to give as outputs too; "*": all
};

// What a model describes of a graph; weights and precision are left to who compiles it.
inline CompileRequest make_request(std::string model, ModelFunction function, std::vector<InputSpec> inputs) {
  CompileRequest request;
  request.model = std::move(model);
  request.function = std::move(function);
  request.inputs = std::move(inputs);
  return request;
}

class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::string name() const = 0;         // "openvino", "torch"
  virtual std::string description() const = 0;  // one line: library, version, device, instruction set
  virtual std::vector<std::string> devices()
      const = 0;  // that this engine finds here, as EngineOptions takes them
  virtual bool supports(Precision precision) const = 0;
  virtual bool on_gpu() const = 0;  // whether its device is one
  // Compiles, or loads an earlier compilation from disk; only the caller keeps it (see Programs). Throws
  // Error(kBadModel) when the weights do not fit, listing all that do not.
  virtual std::shared_ptr<const Program> compile(const CompileRequest& request) = 0;
};

std::vector<std::string> engine_names();  // of this build, the default first
// Throws Error(kBadInput) for an engine or device that this build or machine does not have.
std::shared_ptr<Engine> make_engine(const std::string& name = "openvino", const EngineOptions& options = {});

// Implemented in engines/.
std::shared_ptr<Engine> make_openvino_engine(const EngineOptions& options);
std::shared_ptr<Engine> make_torch_engine(const EngineOptions& options);

}  // namespace anomalyvlm::nn
