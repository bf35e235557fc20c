#pragma once
// The compiled graphs of one model, each made when it is first needed.
#include <mutex>

#include "core/lru_cache.h"
#include "nn/engine.h"

namespace anomalyvlm::nn {

// Usable from several threads at once.
class Programs {
 public:
  // Keeps the `most` programs used last.
  Programs(std::shared_ptr<const WeightFile> weights, std::shared_ptr<Engine> engine, std::size_t most = 16)
      : weights_(std::move(weights)), engine_(std::move(engine)), recent_(most) {}

  // Of a request that lacks weights and precision. Requests with the same model name and inputs must mean the
  // same graph.
  std::shared_ptr<const Program> get(CompileRequest request, Precision precision);
  // The same, but it is not kept: for graphs that are large and rarely run.
  std::shared_ptr<const Program> make(CompileRequest request, Precision precision) const;

  const std::shared_ptr<const WeightFile>& weights() const { return weights_; }

 private:
  std::shared_ptr<const Program> compile(CompileRequest request, Precision precision) const;

  std::shared_ptr<const WeightFile> weights_;
  std::shared_ptr<Engine> engine_;
  std::mutex mutex_;
  LruCache<Program> recent_;
};

}  // namespace anomalyvlm::nn
