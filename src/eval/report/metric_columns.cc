#include "eval/report/metric_columns.h"

namespace anomalyvlm::eval::report {
namespace {

using M = Metrics;
using F = const MetricValue&;

constexpr MetricColumn kColumns[] = {
    {"pixel", "max_f1", "max-F1", [](const M& m) -> F { return m.pixel.max_f1; }},
    {"pixel", "f1_threshold", nullptr, [](const M& m) -> F { return m.pixel.f1_threshold; }},
    {"pixel", "ap", "AP", [](const M& m) -> F { return m.pixel.ap; }},
    {"pixel", "max_iou", "max-IoU", [](const M& m) -> F { return m.pixel.max_iou; }},
    {"pixel", "iou_threshold", nullptr, [](const M& m) -> F { return m.pixel.iou_threshold; }},
    {"pixel", "auroc", "AUROC", [](const M& m) -> F { return m.pixel.auroc; }},
    {"pixel", "pro", "PRO", [](const M& m) -> F { return m.pro; }},
    {"image", "max_f1", "max-F1", [](const M& m) -> F { return m.image.max_f1; }},
    {"image", "f1_threshold", nullptr, [](const M& m) -> F { return m.image.f1_threshold; }},
    {"image", "ap", "AP", [](const M& m) -> F { return m.image.ap; }},
    {"image", "max_iou", nullptr, [](const M& m) -> F { return m.image.max_iou; }},
    {"image", "iou_threshold", nullptr, [](const M& m) -> F { return m.image.iou_threshold; }},
    {"image", "auroc", "AUROC", [](const M& m) -> F { return m.image.auroc; }},
    {"region", "f1", "F1", [](const M& m) -> F { return m.region_f1; }},
    {"region", "threshold", nullptr, [](const M& m) -> F { return m.region_threshold; }},
};

}  // namespace

std::span<const MetricColumn> metric_columns() { return kColumns; }

}  // namespace anomalyvlm::eval::report
