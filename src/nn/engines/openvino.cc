// The OpenVINO engine: compiles model functions, keeps what it compiled in memory and on disk.
#include <algorithm>
#include <list>
#include <mutex>
#include <openvino/core/op_extension.hpp>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/properties.hpp>
#include <sstream>

#include "core/platform.h"
#include "core/threads.h"
#include "nn/engine.h"
#include "nn/engines/graph_cache.h"
#include "nn/engines/openvino_backend.h"

namespace anomalyvlm::nn {
namespace {

// Raised when the meaning of an operation or of a kernel changes, so that older entries are not used any
// more.
constexpr std::string_view kCacheFormat = "2";

class OpenVinoProgram : public Program {
 public:
  OpenVinoProgram(ov::CompiledModel compiled, std::vector<InputSpec> inputs, std::vector<std::string> outputs)
      : compiled_(std::move(compiled)), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}

  const std::vector<InputSpec>& inputs() const override { return inputs_; }
  const std::vector<std::string>& outputs() const override { return outputs_; }

  std::vector<Tensor> run(const std::vector<Tensor>& inputs) const override {
    AVLM_CHECK(inputs.size() == inputs_.size());
    ov::InferRequest request = take();
    std::vector<Tensor> results;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      AVLM_CHECK(inputs[i].shape() == inputs_[i].shape && inputs[i].dtype() == DType::kF32);
      const ov::Shape shape(inputs[i].shape().begin(), inputs[i].shape().end());
      request.set_input_tensor(i, ov::Tensor(ov::element::f32, shape, const_cast<void*>(inputs[i].raw())));
    }
    request.infer();
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const ov::Tensor out = request.get_output_tensor(i);
      const ov::Shape shape = out.get_shape();
      const auto* data = out.data<const float>();
      results.push_back(Tensor::from<float>(Shape(shape.begin(), shape.end()),
                                            std::vector<float>(data, data + out.get_size())));
    }
    give_back(std::move(request));
    return results;
  }

 private:
  ov::InferRequest take() const {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return const_cast<ov::CompiledModel&>(compiled_).create_infer_request();
    ov::InferRequest request = std::move(idle_.back());
    idle_.pop_back();
    return request;
  }
  void give_back(ov::InferRequest request) const {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(request));
  }

  ov::CompiledModel compiled_;
  std::vector<InputSpec> inputs_;
  std::vector<std::string> outputs_;
  mutable std::mutex mutex_;
  mutable std::vector<ov::InferRequest> idle_;
};

ov::Core& core() {
  static ov::Core core = [] {
    ov::Core made;
    made.add_extension(std::make_shared<ov::OpExtension<NeighbourDistanceOp>>());
    return made;
  }();
  return core;
}

std::string first_line(const std::string& text) {
  std::istringstream lines(text);
  std::string line, last;
  while (std::getline(lines, line)) {
    if (!line.empty()) last = line;
  }
  return last;
}

class OpenVinoEngine : public Engine {
 public:
  explicit OpenVinoEngine(const EngineOptions& options)
      : device_(options.device == "cpu" ? "CPU" : options.device),
        disk_(options.disk_cache),
        cache_(cache_directory() / "graphs") {
    if (device_ == "CPU") return;  // asking for devices loads the plugins of all of them
    const std::vector<std::string> devices = core().get_available_devices();
    const auto named = [&](const std::string& d) { return d == device_ || d.rfind(device_ + ".", 0) == 0; };
    if (std::none_of(devices.begin(), devices.end(), named))
      fail(ErrorKind::kBadInput, "The OpenVINO engine has no device \"{}\" here: it finds {}.",
           options.device, fmt::join(devices, ", "));
  }

  std::string name() const override { return "openvino"; }
  std::string description() const override {
    const std::string full = core().get_property(device_, ov::device::full_name);
    return fmt::format("OpenVINO {}, device {} ({}), float32{}", ov::get_openvino_version().buildNumber,
                       device_, full, supports(Precision::kBF16) ? " and bfloat16" : "");
  }
  std::vector<std::string> devices() const override { return core().get_available_devices(); }
  bool supports(Precision precision) const override {
    if (precision == Precision::kF32) return true;
    const std::vector<std::string> can = core().get_property(device_, ov::device::capabilities);
    return std::find(can.begin(), can.end(), ov::device::capability::BF16) != can.end();
  }

  std::shared_ptr<const Program> compile(const CompileRequest& request) override {
    if (!supports(request.precision))
      fail(ErrorKind::kBadInput, "This CPU does not compute in bfloat16: use --precision f32.");
    const auto optional = [&](const std::string& name) { return request.weights->find(name) != nullptr; };
    const ModelSignature signature = trace_signature(request.function, request.inputs, optional);
    require_weights(*request.weights, request.model, signature);
    const GraphKey key = key_of(request, signature);
    const std::lock_guard lock(mutex_);
    for (const auto& [name, program] : recent_) {
      if (name == key.file_name()) return program;
    }
    std::shared_ptr<const Program> program = disk_ ? from_disk(request, key) : nullptr;
    if (!program) program = build(request, key);
    recent_.emplace_front(key.file_name(), program);
    if (recent_.size() > kMostRecent) recent_.pop_back();
    return program;
  }

 private:
  static constexpr std::size_t kMostRecent = 16;

  ov::AnyMap properties(Precision precision) const {
    ov::AnyMap map = {
        ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY),
        ov::hint::inference_precision(precision == Precision::kBF16 ? ov::element::bf16 : ov::element::f32)};
    if (device_ == "CPU") {
      map.insert(ov::inference_num_threads(thread_count()));
      map.insert(ov::num_streams(1));
      map.insert(ov::hint::enable_cpu_pinning(false));
    }
    return map;
  }

  GraphKey key_of(const CompileRequest& request, const ModelSignature& signature) const {
    GraphKey key;
    key.add(kCacheFormat);
    key.add(ov::get_openvino_version().buildNumber);
    key.add(device_);
    key.add(core().get_property(device_, ov::device::full_name));
    const std::vector<std::string> capabilities = core().get_property(device_, ov::device::capabilities);
    key.add(fmt::format("{} {} {} {} {}", fmt::join(capabilities, ","), thread_count(), request.model,
                        request.precision == Precision::kBF16 ? "bf16" : "f32",
                        fmt::join(request.taps, ",")));
    for (const InputSpec& input : request.inputs) key.add(input.name + to_string(input.shape));
    key.add(std::to_string(signature.digest));
    for (const ExpectedTensor& expected : signature.weights) {
      const Tensor& tensor = request.weights->at(expected.name);
      key.add(expected.name + to_string(expected.shape) + name_of(tensor.dtype()));
      key.add_bytes(tensor.raw(), tensor.bytes());
    }
    return key;
  }

  std::shared_ptr<const Program> from_disk(const CompileRequest& request, const GraphKey& key) const {
    const std::optional<GraphEntry> entry = cache_.load(key);
    if (!entry) return nullptr;
    try {
      std::istringstream blob(entry->blob);
      ov::CompiledModel compiled = core().import_model(blob, device_, properties(request.precision));
      if (compiled.outputs().size() != entry->outputs.size()) return nullptr;
      return std::make_shared<OpenVinoProgram>(std::move(compiled), request.inputs, entry->outputs);
    } catch (const std::exception&) {  // a foreign entry: compiled anew, and written over
      return nullptr;
    }
  }

  std::shared_ptr<const Program> build(const CompileRequest& request, const GraphKey& key) const {
    OpenVinoBackend backend(request.taps);
    FileParameters parameters(request.weights);
    std::vector<Value> inputs;
    for (const InputSpec& input : request.inputs) inputs.push_back(backend.input(input));
    const std::shared_ptr<ov::Model> model =
        backend.finish(request.function(Scope(backend, parameters), inputs), request.model);
    std::vector<std::string> outputs;
    for (const auto& result : model->get_results()) outputs.push_back(result->get_friendly_name());
    try {
      ov::CompiledModel compiled = core().compile_model(model, device_, properties(request.precision));
      if (disk_) store(compiled, key, outputs);
      return std::make_shared<OpenVinoProgram>(std::move(compiled), request.inputs, std::move(outputs));
    } catch (const ov::Exception& error) {
      fail(ErrorKind::kBadModel, "OpenVINO could not compile {}: {}", request.model,
           first_line(error.what()));
    }
  }

  void store(ov::CompiledModel& compiled, const GraphKey& key,
             const std::vector<std::string>& outputs) const {
    try {
      std::ostringstream blob;
      compiled.export_model(blob);
      cache_.store(key, {outputs, blob.str()});
    } catch (const std::exception&) {  // a graph that cannot be exported is compiled at every start
    }
  }

  std::string device_;
  bool disk_;
  GraphCache cache_;
  std::mutex mutex_;
  std::list<std::pair<std::string, std::shared_ptr<const Program>>> recent_;
};

}  // namespace

std::shared_ptr<Engine> make_openvino_engine(const EngineOptions& options) {
  return std::make_shared<OpenVinoEngine>(options);
}

}  // namespace anomalyvlm::nn
