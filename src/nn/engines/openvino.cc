// The OpenVINO engine: compiles model functions, keeps what it compiled on disk.
#include <algorithm>
#include <map>
#include <mutex>
#include <openvino/core/op_extension.hpp>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/properties.hpp>
#include <optional>
#include <span>
#include <streambuf>

#include "core/digest.h"
#include "core/locale.h"
#include "core/platform.h"
#include "core/printable.h"
#include "core/threads.h"
#include "nn/engine.h"
#include "nn/engines/graph_cache.h"
#include "nn/engines/graph_proof.h"
#include "nn/engines/openvino_backend.h"
#include "nn/engines/openvino_kernels.h"
#include "nn/engines/openvino_program.h"
#include "nn/engines/per_file.h"

namespace anomalyvlm::nn {
namespace {

// Raised when an operation becomes other nodes of a graph, so that older entries are not used any more.
constexpr std::string_view kCacheFormat = "4";

// The memory that loading OpenVINO's plugins takes. Their threads hang if they get none.
constexpr std::size_t kLeastMemory = std::size_t{256} << 20;

ov::Core& core() {
  static ov::Core core = [] {
    if (!can_allocate(kLeastMemory)) throw std::bad_alloc();
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

// Digests of weights: each tensor is looked at once, however many graphs read it. For several threads.
class TensorDigests {
 public:
  // Throws Error(kBadModel) for values that are not numbers.
  std::uint64_t of(const std::shared_ptr<const WeightFile>& file, const std::string& name) {
    if (const std::optional<std::uint64_t> known = find(file, name)) return *known;
    const Tensor& tensor = file->at(name);
    if (!tensor.is_finite())
      fail(ErrorKind::kBadModel, "{}: tensor '{}' holds values that are not numbers; the file is damaged",
           file->source(), name);
    const std::uint64_t digest = digest_of(tensor.raw(), tensor.bytes());
    const std::lock_guard lock(mutex_);
    return files_.of(file)[name] = digest;
  }

 private:
  std::optional<std::uint64_t> find(const std::shared_ptr<const WeightFile>& file, const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto& digests = files_.of(file);
    const auto found = digests.find(name);
    return found == digests.end() ? std::nullopt : std::optional(found->second);
  }

  std::mutex mutex_;
  PerFile<std::map<std::string, std::uint64_t>> files_;
};

class OpenVinoEngine : public Engine {
 public:
  explicit OpenVinoEngine(const EngineOptions& options)
      : device_(options.device == "cpu" ? "CPU" : options.device),
        disk_(options.disk_cache),
        log_(options.log),
        cache_(GraphCache::of_user()) {
    if (const std::string why = disk_ ? cache_.why_unused() : ""; !why.empty()) log(LogLevel::kWarning, why);
    if (device_ == "CPU") return;  // asking for devices loads the plugins of all of them
    const std::vector<std::string> devices = this->devices();
    const auto named = [&](const std::string& d) { return d == device_ || d.rfind(device_ + ".", 0) == 0; };
    if (std::none_of(devices.begin(), devices.end(), named))
      fail(ErrorKind::kBadInput, "The OpenVINO engine has no device \"{}\" here: it finds {}.",
           printable(options.device), fmt::join(devices, ", "));
  }

  std::string name() const override { return "openvino"; }
  std::string description() const override {
    return fmt::format("OpenVINO {}, device {} ({}), float32{}", ov::get_openvino_version().buildNumber,
                       device_, property(ov::device::full_name),
                       supports(Precision::kBF16) ? " and bfloat16" : "");
  }
  std::vector<std::string> devices() const override {
    return asking_openvino("list its devices", [] { return core().get_available_devices(); });
  }
  bool supports(Precision precision) const override {
    if (precision == Precision::kF32) return true;
    const std::vector<std::string> can = property(ov::device::capabilities);
    return std::find(can.begin(), can.end(), ov::device::capability::BF16) != can.end();
  }
  bool on_gpu() const override { return device_.starts_with("GPU"); }

  std::shared_ptr<const Program> compile(const CompileRequest& request) override {
    if (!supports(request.precision))
      fail(ErrorKind::kBadInput, "This CPU does not compute in bfloat16: use --precision f32.");
    const auto optional = [&](const std::string& name) { return request.weights->find(name) != nullptr; };
    const ModelSignature signature = trace_signature(request.function, request.inputs, optional);
    require_weights(*request.weights, request.model, signature);
    request.weights->require_unchanged();
    const GraphKey key = key_of(request, signature);
    const std::vector<InputSpec> outputs = output_specs(signature, request.taps);
    const std::lock_guard lock(mutex_);
    std::shared_ptr<const OpenVinoProgram> program;
    const bool disk = may_use_disk() && weight_bytes(request, signature) <= kMostOnDisk;
    if (disk) program = from_disk(request, key, outputs);
    if (program) {
      log(LogLevel::kDebug, fmt::format("{} was read from the cache.", request.model));
    } else {
      log(LogLevel::kDebug, fmt::format("{} is being compiled.", request.model));
      program = build(request, outputs);
      request.weights->require_unchanged();
      if (disk) store(*program, key);
    }
    MappedFile::forget_pages();  // compiling made copies of the weights
    return program;
  }

 private:
  // Bytes of weights. Of more, a compiled graph takes as long to read back as to compile, and twice the
  // memory.
  static constexpr std::size_t kMostOnDisk = std::size_t{64} << 20;

  void log(LogLevel level, const std::string& sentence) const {
    if (log_) log_(level, sentence);
  }

  // OpenVINO writes and reads graphs with streams: where these print decimal commas, graphs are compiled at
  // each start.
  bool may_use_disk() const { return disk_ && streams_follow_c_locale(); }

  template <typename Value, ov::PropertyMutability mutability>
  Value property(const ov::Property<Value, mutability>& wanted) const {
    return asking_openvino(fmt::format("use the device {}", device_),
                           [&] { return core().get_property(device_, wanted); });
  }

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

  GraphKey key_of(const CompileRequest& request, const ModelSignature& signature) {
    GraphKey key;
    key.add(kCacheFormat);
    key.add(ov::get_openvino_version().buildNumber);
    key.add(device_);
    key.add(property(ov::device::full_name));
    const std::vector<std::string> capabilities = property(ov::device::capabilities);
    key.add(fmt::format("{} {} {} {} {}", fmt::join(capabilities, ","), thread_count(), request.model,
                        request.precision == Precision::kBF16 ? "bf16" : "f32",
                        fmt::join(request.taps, ",")));
    key.add(signature.graph);
    for (const ExpectedTensor& expected : signature.weights) {
      const Tensor& tensor = request.weights->at(expected.name);
      key.add(expected.name + to_string(expected.shape) + name_of(tensor.dtype()));
      key.add_digest(digests_.of(request.weights, expected.name));
    }
    return key;
  }

  // nullptr when there is no entry, or one that is not this graph: it is compiled again and overwritten.
  std::shared_ptr<const OpenVinoProgram> from_disk(const CompileRequest& request, const GraphKey& key,
                                                   const std::vector<InputSpec>& outputs) const {
    const std::optional<GraphEntry> entry = cache_.load(key);
    if (!entry) return nullptr;
    try {
      ov::CompiledModel compiled = asking_openvino("read a compiled graph", [&] {
        MemoryBuffer buffer(entry->blob);
        std::istream blob(&buffer);
        return core().import_model(blob, device_, properties(request.precision));
      });
      if (!are(compiled.inputs(), request.inputs) || !are(compiled.outputs(), outputs)) return nullptr;
      auto program = program_of(std::move(compiled), request, outputs, nullptr);
      return agree(entry->proof, proof_of(*program, key), request.precision) ? program : nullptr;
    } catch (const std::exception&) {
      return nullptr;
    }
  }

  static bool are(const std::vector<ov::Output<const ov::Node>>& ports, const std::vector<InputSpec>& specs) {
    return std::equal(ports.begin(), ports.end(), specs.begin(), specs.end(),
                      [](const ov::Output<const ov::Node>& port, const InputSpec& spec) {
                        return port.get_element_type() == ov::element::f32 &&
                               port.get_partial_shape() == ov::PartialShape(spec.shape);
                      });
  }

  static std::shared_ptr<const OpenVinoProgram> program_of(ov::CompiledModel compiled,
                                                           const CompileRequest& request,
                                                           const std::vector<InputSpec>& outputs,
                                                           std::shared_ptr<const WeightFile> weights) {
    std::vector<std::string> names;
    for (const InputSpec& output : outputs) names.push_back(output.name);
    return std::make_shared<const OpenVinoProgram>(std::move(compiled), request.inputs, std::move(names),
                                                   std::move(weights));
  }

  std::shared_ptr<const OpenVinoProgram> build(const CompileRequest& request,
                                               const std::vector<InputSpec>& outputs) const {
    const auto compiled = [&] {
      OpenVinoBackend backend(request.taps);
      FileParameters parameters(request.weights);
      std::vector<Value> inputs;
      for (const InputSpec& input : request.inputs) inputs.push_back(backend.input(input));
      const std::shared_ptr<ov::Model> model =
          backend.finish(request.function(Scope(backend, parameters), inputs), request.model);
      return core().compile_model(model, device_, properties(request.precision));
    };
    return program_of(asking_openvino("compile " + request.model, compiled, ErrorKind::kBadModel), request,
                      outputs, request.weights);
  }

  // The proof comes first: what the export does to numbers shows in the next one.
  void store(const OpenVinoProgram& program, const GraphKey& key) const {
    try {
      const std::vector<float> proof = proof_of(program, key);
      cache_.store(key, proof, program.exported());
    } catch (const std::exception&) {  // a graph that cannot be exported is compiled at every start
    }
  }

  std::string device_;
  bool disk_;
  LogSink log_;
  GraphCache cache_;
  TensorDigests digests_;
  std::mutex mutex_;  // one compilation at a time
};

}  // namespace

std::shared_ptr<Engine> make_openvino_engine(const EngineOptions& options) {
  return std::make_shared<OpenVinoEngine>(options);
}

}  // namespace anomalyvlm::nn
