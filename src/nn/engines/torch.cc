// The torch engine: executes a model function operation by operation, at every run.
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#ifdef AVLM_WITH_CUDA
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#endif
#include <torch/version.h>

#include <map>
#include <mutex>

#include "core/platform.h"
#include "core/printable.h"
#include "core/threads.h"
#include "nn/engine.h"
#include "nn/engines/per_file.h"
#include "nn/engines/torch_backend.h"

namespace anomalyvlm::nn {
namespace {

using TorchWeights = std::map<std::string, at::Tensor>;

class LoadedParameters : public Parameters {
 public:
  explicit LoadedParameters(const TorchWeights& weights) : weights_(weights) {}
  Value get(Backend& backend, const std::string& name, const Shape& shape) override {
    return Value{&backend, shape, std::shared_ptr<const void>(std::shared_ptr<void>(), &weights_.at(name))};
  }
  bool has(const std::string& name) const override { return weights_.count(name) != 0; }

 private:
  const TorchWeights& weights_;
};

// The constants of a model function: created in the first run, and reused in the same order by later ones.
// For GPUs, where each would otherwise be copied from host memory again.
class Constants {
 public:
  template <typename Make>
  at::Tensor next(Make&& make) {
    if (at_ == tensors_.size()) tensors_.push_back(make());
    return tensors_[at_++];
  }
  void rewind() { at_ = 0; }

 private:
  std::vector<at::Tensor> tensors_;
  std::size_t at_ = 0;
};

class ProgramBackend : public TorchBackend {
 public:
  // `constants` may be nullptr: nothing is kept.
  ProgramBackend(at::Device device, const CompileRequest& request, Constants* constants)
      : TorchBackend(device, request.precision), wanted_(request.taps), constants_(constants) {
    if (constants_ != nullptr) constants_->rewind();
  }
  void tap(std::string_view name, const Value& x) override {
    if (is_wanted(name, wanted_)) tapped.emplace_back(name, x);
  }
  NamedValues tapped;

 protected:
  at::Tensor on_device(const at::Tensor& made) override {
    const auto copy = [&] { return TorchBackend::on_device(made); };
    return constants_ != nullptr ? constants_->next(copy) : copy();
  }

 private:
  const std::vector<std::string>& wanted_;
  Constants* constants_;
};

class TorchProgram : public Program {
 public:
  TorchProgram(CompileRequest request, std::vector<std::string> outputs, at::Device device,
               TorchWeights weights)
      : request_(std::move(request)),
        outputs_(std::move(outputs)),
        device_(device),
        weights_(std::move(weights)) {}

  const std::vector<InputSpec>& inputs() const override { return request_.inputs; }
  const std::vector<std::string>& outputs() const override { return outputs_; }

  std::vector<Tensor> run(const std::vector<Tensor>& inputs) const override {
    AVLM_CHECK(inputs.size() == request_.inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i)
      AVLM_CHECK(inputs[i].shape() == request_.inputs[i].shape && inputs[i].dtype() == DType::kF32);
    const at::NoGradGuard no_gradients;
    try {
      return on_host(device_.is_cuda() ? run_on_gpu(inputs) : carry_out(copied(inputs), nullptr));
    } catch (const c10::Error& error) {
      fail(ErrorKind::kInternal, "torch could not run {}: {}", request_.model,
           error.what_without_backtrace());
    }
  }

 private:
  using Tensors = std::vector<at::Tensor>;

  Tensors copied(const std::vector<Tensor>& inputs) const {
    Tensors copies;
    for (const Tensor& input : inputs) copies.push_back(to_torch(input, device_));
    return copies;
  }
  static std::vector<Tensor> on_host(const Tensors& tensors) {
    std::vector<Tensor> copies;
    for (const at::Tensor& tensor : tensors) copies.push_back(from_torch(tensor));
    return copies;
  }

  Tensors carry_out(const Tensors& inputs, Constants* constants) const {
    ProgramBackend backend(device_, request_, constants);
    LoadedParameters parameters(weights_);
    std::vector<Value> values;
    for (const at::Tensor& input : inputs) values.push_back(backend.value(input));
    NamedValues named = request_.function(Scope(backend, parameters), values);
    named.insert(named.end(), backend.tapped.begin(), backend.tapped.end());
    Tensors results;
    for (const auto& [name, value] : named) results.push_back(torch_tensor(value));
    return results;
  }

#ifdef AVLM_WITH_CUDA
  // A recorded run (CUDA graph), which is replayed from and to these tensors.
  struct Recording {
    Tensors inputs, outputs;
    at::cuda::CUDAGraph graph;
  };

  // Hundreds of small operations take the CPU longer to start than the GPU to do. So the first run is an
  // ordinary one, the second is recorded, and it is replayed from then on.
  Tensors run_on_gpu(const std::vector<Tensor>& inputs) const {
    const std::lock_guard lock(mutex_);
    const c10::cuda::CUDAGuard on_this(device_);
    Tensors given = copied(inputs);
    if (first_run_ || !can_be_recorded_) {
      first_run_ = false;
      return carry_out(given, &constants_);
    }
    if (!recording_) record(given);
    if (!recording_) return carry_out(given, &constants_);
    for (std::size_t i = 0; i < given.size(); ++i) recording_->inputs[i].copy_(given[i]);
    recording_->graph.replay();
    return recording_->outputs;
  }

  void record(const Tensors& inputs) const {
    auto recording = std::make_unique<Recording>();
    recording->inputs = inputs;
    const c10::cuda::CUDAStreamGuard aside(c10::cuda::getStreamFromPool());
    try {
      c10::cuda::getDefaultCUDAStream().synchronize();
      recording->graph.capture_begin();
      recording->outputs = carry_out(recording->inputs, &constants_);
      recording->graph.capture_end();
      recording_ = std::move(recording);
    } catch (const c10::Error&) {  // something in it cannot be recorded: each run is an ordinary one
      can_be_recorded_ = false;
      try {
        recording->graph.capture_end();
      } catch (const c10::Error&) {
      }
    }
  }

  mutable bool first_run_ = true, can_be_recorded_ = true;
  mutable std::unique_ptr<Recording> recording_;
#else
  Tensors run_on_gpu(const std::vector<Tensor>& inputs) const {
    const std::lock_guard lock(mutex_);
    return carry_out(copied(inputs), &constants_);
  }
#endif

  CompileRequest request_;
  std::vector<std::string> outputs_;
  at::Device device_;
  TorchWeights weights_;
  mutable std::mutex mutex_;  // on GPUs: one run at a time
  mutable Constants constants_;
};

at::Device parse_device(const std::string& name) {
  const bool cuda = name == "cuda" || name.rfind("cuda:", 0) == 0;
  if (name != "cpu" && !cuda)
    fail(ErrorKind::kBadInput, "The torch engine has no device \"{}\": use cpu, cuda or cuda:N.",
         printable(name));
  if (cuda && !at::hasCUDA())
    fail(ErrorKind::kBadInput,
         "No CUDA device: this libtorch has none, or no driver was found. Use --device cpu.");
  return at::Device(name);
}

// Debian's libtorch multiplies matrices by whichever BLAS is installed. OpenBLAS has threads of its own,
// which torch's setting does not reach; without it products are some thirty times slower.
void* openblas_threads() { return find_function("openblas_set_num_threads"); }

void set_threads(int count) {
  at::set_num_threads(count);
  if (void* set = openblas_threads()) reinterpret_cast<void (*)(int)>(set)(count);
}

class TorchEngine : public Engine {
 public:
  explicit TorchEngine(const EngineOptions& options) : device_(parse_device(options.device)) {
    set_threads(thread_count());
    // float32 means float32: by default convolutions would round their factors to 10 bits on NVIDIA GPUs.
    at::globalContext().setAllowTF32CuBLAS(false);
    at::globalContext().setAllowTF32CuDNN(false);
  }
  std::string name() const override { return "torch"; }
  std::string description() const override {
    const bool slow = device_.is_cpu() && !at::hasMKL() && openblas_threads() == nullptr;
    return fmt::format("libtorch {}, device {}, float32 and bfloat16{}", TORCH_VERSION, device_.str(),
                       slow ? ", slow without OpenBLAS: install libopenblas0-pthread" : "");
  }
  std::vector<std::string> devices() const override {
    if (at::hasCUDA()) return {"cpu", "cuda"};
    return {"cpu"};
  }
  bool supports(Precision) const override { return true; }
  bool on_gpu() const override { return device_.is_cuda(); }

  std::shared_ptr<const Program> compile(const CompileRequest& request) override {
    const auto optional = [&](const std::string& name) { return request.weights->find(name) != nullptr; };
    const ModelSignature signature = trace_signature(request.function, request.inputs, optional);
    require_weights(*request.weights, request.model, signature);
    TorchWeights weights;
    for (const ExpectedTensor& tensor : signature.weights)
      weights.emplace(tensor.name, loaded(request.weights, tensor.name));
    return std::make_shared<TorchProgram>(request, output_names(signature, request.taps), device_,
                                          std::move(weights));
  }

 private:
  // A file's tensors are copied to the device once for all programs, and kept while the file is.
  at::Tensor loaded(const std::shared_ptr<const WeightFile>& file, const std::string& name) {
    const std::lock_guard lock(mutex_);
    TorchWeights& tensors = files_.of(file);
    const auto found = tensors.find(name);
    if (found != tensors.end()) return found->second;
    if (!file->at(name).is_finite())
      fail(ErrorKind::kBadModel, "{}: tensor '{}' holds values that are not numbers; the file is damaged",
           file->source(), name);
    file->require_unchanged();
    return tensors.emplace(name, to_torch(file->at(name), device_)).first->second;
  }

  at::Device device_;
  std::mutex mutex_;
  PerFile<TorchWeights> files_;
};

}  // namespace

std::shared_ptr<Engine> make_torch_engine(const EngineOptions& options) {
  return std::make_shared<TorchEngine>(options);
}

}  // namespace anomalyvlm::nn
