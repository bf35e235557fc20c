// The OpenVINO engine: compiles model functions, keeps what it compiled in memory and on disk.
#include <algorithm>
#include <mutex>
#include <openvino/core/op_extension.hpp>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/properties.hpp>
#include <span>
#include <sstream>
#include <streambuf>

#include "core/platform.h"
#include "core/recent.h"
#include "core/threads.h"
#include "nn/engine.h"
#include "nn/engines/graph_cache.h"
#include "nn/engines/openvino_backend.h"
#include "nn/engines/openvino_kernels.h"

namespace anomalyvlm::nn {
namespace {

// Raised when an operation becomes other nodes of a graph, so that older entries are not used any more.
constexpr std::string_view kCacheFormat = "3";

// OpenVINO puts where it was before what was wrong.
std::string last_line(const std::string& text) {
  std::istringstream lines(text);
  std::string line, last;
  while (std::getline(lines, line)) {
    if (!line.empty()) last = line;
  }
  return last;
}

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
    infer(request);
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
  static void infer(ov::InferRequest& request) {
    try {
      request.infer();
    } catch (const ov::Exception& error) {
      fail(ErrorKind::kInternal, "OpenVINO could not run a graph: {}", last_line(error.what()));
    }
  }
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
    made.add_extension(std::make_shared<ov::OpExtension<DeformableAttentionOp>>());
    made.add_extension(std::make_shared<ov::OpExtension<NeighbourDistanceOp>>());
    return made;
  }();
  return core;
}

// Reads memory as a stream that can be searched.
class MemoryBuffer : public std::streambuf {
 public:
  explicit MemoryBuffer(std::span<const std::uint8_t> bytes) {
    auto* begin = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
    setg(begin, begin, begin + bytes.size());
  }

 protected:
  pos_type seekoff(off_type offset, std::ios_base::seekdir from, std::ios_base::openmode) override {
    const off_type start = from == std::ios_base::beg   ? 0
                           : from == std::ios_base::cur ? gptr() - eback()
                                                        : egptr() - eback();
    const off_type at = start + offset;
    if (at < 0 || at > egptr() - eback()) return pos_type(off_type(-1));
    setg(eback(), eback() + at, egptr());
    return at;
  }
  pos_type seekpos(pos_type at, std::ios_base::openmode which) override {
    return seekoff(at, std::ios_base::beg, which);
  }
};

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
  bool on_gpu() const override { return device_.starts_with("GPU"); }

  std::shared_ptr<const Program> compile(const CompileRequest& request) override {
    if (!supports(request.precision))
      fail(ErrorKind::kBadInput, "This CPU does not compute in bfloat16: use --precision f32.");
    const auto optional = [&](const std::string& name) { return request.weights->find(name) != nullptr; };
    const ModelSignature signature = trace_signature(request.function, request.inputs, optional);
    require_weights(*request.weights, request.model, signature);
    const GraphKey key = key_of(request, signature);
    const std::vector<std::string> outputs = output_names(signature, request.taps);
    const std::lock_guard lock(mutex_);
    if (std::shared_ptr<const Program> found = recent_.find(key.file_name())) return found;
    const bool disk = disk_ && weight_bytes(request, signature) <= kMostOnDisk;
    std::optional<ov::CompiledModel> compiled = disk ? from_disk(request, key, outputs.size()) : std::nullopt;
    if (!compiled) {
      compiled = build(request);
      if (disk) store(*compiled, key);
    }
    const auto program =
        std::make_shared<const OpenVinoProgram>(std::move(*compiled), request.inputs, outputs);
    if (request.keep) recent_.add(key.file_name(), program);
    MappedFile::forget_pages();  // compiling made copies of the weights
    return program;
  }

 private:
  static constexpr std::size_t kMostRecent = 16;
  // Bytes of weights. Of more, a compiled graph takes as long to read back as to compile, and twice the
  // memory.
  static constexpr std::size_t kMostOnDisk = std::size_t{64} << 20;

  static std::size_t weight_bytes(const CompileRequest& request, const ModelSignature& signature) {
    std::size_t sum = 0;
    for (const ExpectedTensor& expected : signature.weights)
      sum += request.weights->at(expected.name).bytes();
    return sum;
  }

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
    key.add(signature.graph);
    for (const ExpectedTensor& expected : signature.weights) {
      const Tensor& tensor = request.weights->at(expected.name);
      key.add(expected.name + to_string(expected.shape) + name_of(tensor.dtype()));
      key.add_bytes(tensor.raw(), tensor.bytes());
    }
    return key;
  }

  std::optional<ov::CompiledModel> from_disk(const CompileRequest& request, const GraphKey& key,
                                             std::size_t outputs) const {
    const std::optional<GraphEntry> entry = cache_.load(key);
    if (!entry) return std::nullopt;
    try {
      MemoryBuffer buffer(entry->blob);
      std::istream blob(&buffer);
      ov::CompiledModel compiled = core().import_model(blob, device_, properties(request.precision));
      if (compiled.outputs().size() != outputs) return std::nullopt;
      return compiled;
    } catch (const std::exception&) {  // a foreign entry: compiled anew, and written over
      return std::nullopt;
    }
  }

  ov::CompiledModel build(const CompileRequest& request) const {
    OpenVinoBackend backend(request.taps);
    FileParameters parameters(request.weights);
    std::vector<Value> inputs;
    for (const InputSpec& input : request.inputs) inputs.push_back(backend.input(input));
    const std::shared_ptr<ov::Model> model =
        backend.finish(request.function(Scope(backend, parameters), inputs), request.model);
    try {
      return core().compile_model(model, device_, properties(request.precision));
    } catch (const ov::Exception& error) {
      fail(ErrorKind::kBadModel, "OpenVINO could not compile {}: {}", request.model, last_line(error.what()));
    }
  }

  void store(ov::CompiledModel& compiled, const GraphKey& key) const {
    try {
      std::ostringstream blob;
      compiled.export_model(blob);
      cache_.store(key, std::move(blob).str());
    } catch (const std::exception&) {  // a graph that cannot be exported is compiled at every start
    }
  }

  std::string device_;
  bool disk_;
  GraphCache cache_;
  std::mutex mutex_;
  Recent<Program> recent_{kMostRecent};
};

}  // namespace

std::shared_ptr<Engine> make_openvino_engine(const EngineOptions& options) {
  return std::make_shared<OpenVinoEngine>(options);
}

}  // namespace anomalyvlm::nn
