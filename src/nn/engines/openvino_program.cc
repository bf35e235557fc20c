#include "nn/engines/openvino_program.h"

#include <algorithm>
#include <sstream>

#include "core/check.h"

namespace anomalyvlm::nn {
namespace {

// OpenVINO puts where it was before what was wrong.
std::string last_line(const std::string& text) {
  std::istringstream lines(text);
  std::string line, last;
  while (std::getline(lines, line)) {
    if (!line.empty()) last = line;
  }
  return last;
}

// In the words of OpenVINO, oneDNN, the dynamic linker and the C library.
bool means_no_memory(const std::exception& exception) {
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr) return true;
  constexpr std::string_view kWords[] = {"bad_alloc",
                                         "can't alloc",
                                         "Cannot allocate memory",
                                         "Resource temporarily unavailable",
                                         "failed to map segment",
                                         "out of memory"};
  const std::string_view text = exception.what();
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](std::string_view words) { return text.find(words) != std::string_view::npos; });
}

}  // namespace

void fail_as_error(const std::exception& exception, std::string_view do_this, ErrorKind kind) {
  if (means_no_memory(exception))
    fail(ErrorKind::kNoMemory,
         "There is not enough memory to {}: use a smaller image or fewer threads, or raise the limit.",
         do_this);
  fail(kind, "OpenVINO could not {}: {}", do_this, last_line(exception.what()));
}

std::vector<Tensor> OpenVinoProgram::run(const std::vector<Tensor>& inputs) const {
  AVLM_CHECK(inputs.size() == inputs_.size());
  for (std::size_t i = 0; i < inputs.size(); ++i)
    AVLM_CHECK(inputs[i].shape() == inputs_[i].shape && inputs[i].dtype() == DType::kF32);
  std::vector<Tensor> results = asking_openvino("run a graph", [&] { return infer(inputs); });
  if (weights_) weights_->require_unchanged();
  return results;
}

std::vector<Tensor> OpenVinoProgram::infer(const std::vector<Tensor>& inputs) const {
  ov::InferRequest request = take();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const ov::Shape shape(inputs[i].shape().begin(), inputs[i].shape().end());
    request.set_input_tensor(i, ov::Tensor(ov::element::f32, shape, const_cast<void*>(inputs[i].raw())));
  }
  request.infer();
  std::vector<Tensor> results;
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

std::string OpenVinoProgram::exported() const {
  return asking_openvino("write a compiled graph", [&] {
    std::ostringstream blob;
    const_cast<ov::CompiledModel&>(compiled_).export_model(blob);
    return std::move(blob).str();
  });
}

ov::InferRequest OpenVinoProgram::take() const {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return const_cast<ov::CompiledModel&>(compiled_).create_infer_request();
  ov::InferRequest request = std::move(idle_.back());
  idle_.pop_back();
  return request;
}

void OpenVinoProgram::give_back(ov::InferRequest request) const {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(request));
}

}  // namespace anomalyvlm::nn
