#include "weights/vector_table.h"

#include "core/check.h"

namespace anomalyvlm {

VectorTable::VectorTable(const WeightFile& weights, std::string name)
    : name_(std::move(name)), tensor_(weights.at(name_)) {
  if (tensor_.rank() != 2)
    fail(ErrorKind::kBadModel, "{}: tensor {} has the shape {}, but a table has two axes.", weights.source(),
         name_, to_string(tensor_.shape()));
}

void VectorTable::add_row(std::int64_t row, std::span<float> sum) const {
  if (row < 0 || row >= tensor_.dim(0))
    fail(ErrorKind::kBadInput, "Row {} of {} was asked for, which has {}.", row, name_, tensor_.dim(0));
  const auto* data = static_cast<const std::uint8_t*>(tensor_.raw());
  const std::size_t bytes = sum.size() * size_of(tensor_.dtype());
  const Tensor view(tensor_.dtype(), {channels()}, nullptr, data + static_cast<std::size_t>(row) * bytes);
  const Tensor values = view.to_f32();
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += values.floats()[i];
}

}  // namespace anomalyvlm
