#include "serve/service/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <mutex>
#include <vector>

namespace anomalyvlm::serve {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                          0.5,   1,      2.5,   5,    10,    30,   60};
const prometheus::Histogram::BucketBoundaries kScores = {0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4,
                                                         0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8,
                                                         0.85, 0.9, 0.95, 1,   1.5,  2,   5,    10};

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      prometheus::BuildCounter()
          .Name("anomalyvlm_requests_total")
          .Help("Requests that were answered, by route and status.")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& request_seconds =
      prometheus::BuildHistogram()
          .Name("anomalyvlm_request_seconds")
          .Help("From a request's head to the end of its answer, by route.")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& stage_seconds =
      prometheus::BuildHistogram()
          .Name("anomalyvlm_stage_seconds")
          .Help("Stages of inspections: decode, wait, those of the method, encode.")
          .Register(registry);
  prometheus::Histogram& scores = prometheus::BuildHistogram()
                                      .Name("anomalyvlm_image_score")
                                      .Help("Image scores.")
                                      .Register(registry)
                                      .Add({}, kScores);
  prometheus::Family<prometheus::Counter>& verdicts = prometheus::BuildCounter()
                                                          .Name("anomalyvlm_verdicts_total")
                                                          .Help("Inspected images, by verdict.")
                                                          .Register(registry);

  struct Asked {
    prometheus::Gauge* gauge;
    std::function<std::optional<double>()> value;
  };
  std::mutex mutex;  // of those
  std::vector<Asked> asked;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::count_request(const std::string& route, int status, double seconds) {
  impl_->requests.Add({{"route", route}, {"status", std::to_string(status)}}).Increment();
  impl_->request_seconds.Add({{"route", route}}, kSeconds).Observe(seconds);
}

void Metrics::count_inspection(const Inspection& inspection) {
  for (const auto& [stage, seconds] : inspection.seconds)
    impl_->stage_seconds.Add({{"stage", stage}}, kSeconds).Observe(seconds);
  if (!inspection.score || inspection.repeated) return;
  impl_->scores.Observe(*inspection.score);
  impl_->verdicts.Add({{"verdict", inspection.verdict.empty() ? "none" : inspection.verdict}}).Increment();
}

void Metrics::add_gauge(const std::string& name, const std::string& help, std::function<double()> value) {
  auto& gauge = prometheus::BuildGauge().Name(name).Help(help).Register(impl_->registry).Add({});
  const std::lock_guard lock(impl_->mutex);
  impl_->asked.push_back({&gauge, [value = std::move(value)] { return std::optional(value()); }});
}

void Metrics::add_gauge(const std::string& name, const std::string& help, const std::string& measure,
                        std::function<std::optional<double>()> value) {
  auto& gauge =
      prometheus::BuildGauge().Name(name).Help(help).Register(impl_->registry).Add({{"measure", measure}});
  const std::lock_guard lock(impl_->mutex);
  impl_->asked.push_back({&gauge, std::move(value)});
}

std::string Metrics::text() {
  const std::lock_guard lock(impl_->mutex);
  for (const Impl::Asked& asked : impl_->asked)
    asked.gauge->Set(asked.value().value_or(std::numeric_limits<double>::quiet_NaN()));
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace anomalyvlm::serve
