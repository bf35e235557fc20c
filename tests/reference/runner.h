#pragma once
// The interface of the runner for one kind of golden case. runners.cc lists them all.
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "reference/case.h"

namespace anomalyvlm::nn {
class Engine;
}

namespace anomalyvlm::golden {

// The command line's choices; the engine is made when a runner first asks for it.
class GoldenContext {
 public:
  GoldenContext(std::string engine, std::string device)
      : name_(std::move(engine)), device_(std::move(device)) {}
  const std::shared_ptr<nn::Engine>& engine();
  const std::string& engine_name() const { return name_; }  // "openvino", "torch"
  const std::string& device() const { return device_; }

 private:
  std::string name_, device_;
  std::shared_ptr<nn::Engine> engine_;
};

// Something that case.json states outside the tensors (phrases, parsed numbers), already compared by the
// runner.
struct Check {
  std::string name;
  bool ok;
  std::string detail;  // what was expected and what came, when not ok
};

// Tolerances of the outputs whose names match `pattern` ('*' = anything) are multiplied by `factor` (1 to 4).
struct Factor {
  std::string pattern;
  double factor;
  std::string reason;
};

class Outputs {
 public:
  void give(const std::string& name, Tensor value) { tensors_.insert_or_assign(name, std::move(value)); }
  void check(std::string name, bool ok, std::string detail = "") {
    checks_.push_back({std::move(name), ok, std::move(detail)});
  }
  void allow(std::string pattern, double factor, std::string reason) {
    AVLM_CHECK(factor >= 1 && factor <= 4);
    factors_.push_back({std::move(pattern), factor, std::move(reason)});
  }
  const WeightFile::Tensors& tensors() const { return tensors_; }
  const std::vector<Check>& checks() const { return checks_; }
  const std::vector<Factor>& factors() const { return factors_; }

 private:
  WeightFile::Tensors tensors_;
  std::vector<Check> checks_;
  std::vector<Factor> factors_;
};

// Thrown by a runner for a setting that is known but not supported (exit 3).
struct NotSupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Gives every expected tensor that it can compute, by the expected name; one that it does not give has
// failed.
using Runner = void (*)(const GoldenCase& golden, GoldenContext& context, Outputs& outputs);

// The runner for a case; nullptr if its model is unknown.
Runner find_runner(const GoldenCase& golden);

}  // namespace anomalyvlm::golden
