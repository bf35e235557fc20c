#pragma once
// A graph that OpenVINO compiled, or read back, and how its exceptions become those of this library.
#include <mutex>
#include <new>
#include <openvino/runtime/compiled_model.hpp>
#include <openvino/runtime/infer_request.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/locale.h"
#include "nn/engine.h"

namespace anomalyvlm::nn {

// Throws Error for an exception of OpenVINO: "OpenVINO could not `do this`: why", or that there is not enough
// memory for it.
[[noreturn]] void fail_as_error(const std::exception& exception, std::string_view do_this, ErrorKind kind);

// Calls OpenVINO, which prints and reads numbers as the locale says.
template <typename Call>
auto asking_openvino(std::string_view do_this, Call&& call, ErrorKind kind = ErrorKind::kInternal) {
  const ThreadInCLocale c_locale;
  try {
    return call();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& exception) {
    fail_as_error(exception, do_this, kind);
  }
}

class OpenVinoProgram : public Program {
 public:
  // `weights`: which the graph may still point into; nullptr: none.
  OpenVinoProgram(ov::CompiledModel compiled, std::vector<InputSpec> inputs, std::vector<std::string> outputs,
                  std::shared_ptr<const WeightFile> weights)
      : compiled_(std::move(compiled)),
        inputs_(std::move(inputs)),
        outputs_(std::move(outputs)),
        weights_(std::move(weights)) {}

  const std::vector<InputSpec>& inputs() const override { return inputs_; }
  const std::vector<std::string>& outputs() const override { return outputs_; }
  std::vector<Tensor> run(const std::vector<Tensor>& inputs) const override;

  std::string exported() const;  // as import_model() takes it. Throws Error.

 private:
  std::vector<Tensor> infer(const std::vector<Tensor>& inputs) const;
  ov::InferRequest take() const;
  void give_back(ov::InferRequest request) const;

  ov::CompiledModel compiled_;
  std::vector<InputSpec> inputs_;
  std::vector<std::string> outputs_;
  std::shared_ptr<const WeightFile> weights_;
  mutable std::mutex mutex_;
  mutable std::vector<ov::InferRequest> idle_;
};

}  // namespace anomalyvlm::nn
