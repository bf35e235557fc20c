#include "references/bank_rows.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace anomalyvlm {
namespace {

// Of a tensor whose first dimension are rows: all but those in a range.
Tensor without_rows(const Tensor& tensor, std::int64_t begin, std::int64_t end) {
  if (!tensor.defined()) return {};
  Shape shape = tensor.shape();
  const std::size_t row = tensor.bytes() / static_cast<std::size_t>(std::max<std::int64_t>(1, shape[0]));
  shape[0] -= end - begin;
  const auto* from = static_cast<const std::uint8_t*>(tensor.raw());
  auto bytes = std::make_shared<std::vector<std::uint8_t>>();
  bytes->reserve(row * static_cast<std::size_t>(shape[0]));
  bytes->insert(bytes->end(), from, from + row * static_cast<std::size_t>(begin));
  bytes->insert(bytes->end(), from + row * static_cast<std::size_t>(end), from + tensor.bytes());
  const void* data = bytes->data();
  return Tensor(tensor.dtype(), std::move(shape), std::move(bytes), data);
}

Tensor only_rows(const Tensor& tensor, std::int64_t begin, std::int64_t end) {
  if (!tensor.defined()) return {};
  return without_rows(without_rows(tensor, end, tensor.dim(0)), 0, begin);
}

}  // namespace

std::pair<std::int64_t, std::int64_t> range_of(const BankRows& rows, std::size_t image) {
  const auto images = rows.images.values<std::int32_t>();
  const auto [first, last] = std::equal_range(images.begin(), images.end(), static_cast<std::int32_t>(image));
  return {first - images.begin(), last - images.begin()};
}

BankRows rows_of_image(const BankRows& rows, std::size_t image) {
  const auto [begin, end] = range_of(rows, image);
  return {only_rows(rows.vectors, begin, end), only_rows(rows.images, begin, end),
          only_rows(rows.places, begin, end), only_rows(rows.alarms, begin, end), rows.distances};
}

BankRows without_image(const BankRows& rows, std::size_t image) {
  const auto [begin, end] = range_of(rows, image);
  BankRows rest = rows;
  rest.vectors = without_rows(rows.vectors, begin, end);
  rest.places = without_rows(rows.places, begin, end);
  rest.alarms = without_rows(rows.alarms, begin, end);
  const Tensor images = without_rows(rows.images, begin, end);
  std::vector<std::int32_t> numbers(images.values<std::int32_t>().begin(),
                                    images.values<std::int32_t>().end());
  for (std::int32_t& number : numbers)
    if (static_cast<std::size_t>(number) > image) --number;
  const auto count = static_cast<std::int64_t>(numbers.size());
  rest.images = Tensor::from<std::int32_t>({count}, std::move(numbers));
  return rest;
}

DescriptorGrid grid_of(const BankRows& rows, std::int64_t begin, std::int64_t end) {
  DescriptorGrid grid;
  grid.width = static_cast<int>(end - begin);
  grid.height = 1;
  grid.size = static_cast<int>(rows.size());
  const auto* vectors = static_cast<const std::uint16_t*>(rows.vectors.raw()) + begin * rows.size();
  grid.vectors.resize(static_cast<std::size_t>((end - begin) * rows.size()));
  for (std::size_t i = 0; i < grid.vectors.size(); ++i) grid.vectors[i] = bf16_to_f32(vectors[i]);
  return grid;
}

}  // namespace anomalyvlm
