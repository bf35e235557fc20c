#pragma once
// What Prometheus is told at /metrics.
#include <functional>
#include <memory>
#include <string>

#include "serve/http/message.h"

namespace anomalyvlm::serve {

class Metrics {
 public:
  Metrics();
  ~Metrics();

  // `route`: its pattern, so that there are no more time series than routes.
  void count_request(const std::string& route, int status, double seconds);
  void count_inspection(const Inspection& inspection);
  // A value that is asked for whenever Prometheus reads.
  void add_gauge(const std::string& name, const std::string& help, std::function<double()> value);
  // The same, of several measures: none for those without a value.
  void add_gauge(const std::string& name, const std::string& help, const std::string& measure,
                 std::function<std::optional<double>()> value);

  std::string text();  // version 0.0.4 of the text format

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace anomalyvlm::serve
