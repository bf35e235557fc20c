#include "reference/compare.h"

#include <algorithm>
#include <cmath>

#include "weights/name_check.h"

namespace anomalyvlm::golden {

namespace {

// Every element type fits a double exactly, but for 64-bit integers beyond 2^53, which no case holds.
std::vector<double> to_doubles(const Tensor& tensor) {
  std::vector<double> out(static_cast<std::size_t>(tensor.size()));
  const auto fill = [&]<typename T>(T) {
    const auto* data = static_cast<const T*>(tensor.raw());
    std::copy(data, data + out.size(), out.begin());
  };
  switch (tensor.dtype()) {
    case DType::kF64:
      fill(double{});
      break;
    case DType::kI64:
      fill(std::int64_t{});
      break;
    case DType::kI32:
      fill(std::int32_t{});
      break;
    default: {
      const Tensor floats = tensor.to_f32();
      std::copy(floats.floats().begin(), floats.floats().end(), out.begin());
    }
  }
  return out;
}

bool is_integer(DType type) {
  return type != DType::kF32 && type != DType::kF64 && type != DType::kF16 && type != DType::kBF16;
}

// Whether a key of case.json means this tensor. "prompt{i}.input_ids" means those of all prompts.
bool means(std::string key, std::string_view name) {
  while (true) {
    const std::size_t open = key.find('{'), close = key.find('}', open);
    if (close == std::string::npos) return matches(key, name);
    key.replace(open, close + 1 - open, "*");
  }
}

Tolerance read_tolerance(const nlohmann::json& info, const std::string& name, Row& row) {
  const nlohmann::json all = info.value("tolerance", nlohmann::json::object());
  auto found = all.find(name);
  for (auto it = all.begin(); it != all.end() && found == all.end(); ++it)
    if (means(it.key(), name)) found = it;
  if (found == all.end()) {
    row.note = "case.json states no tolerance, so it must be exact";
    return {};
  }
  const nlohmann::json& entry = *found;
  return {entry.value("max_abs", 0.0), entry.value("mean_abs", 0.0),
          entry.value("max_mismatch_pixels", -1LL)};
}

const Factor* find_factor(const Outputs& outputs, const std::string& name) {
  for (const Factor& factor : outputs.factors())
    if (matches(factor.pattern, name)) return &factor;
  return nullptr;
}

std::string position(std::size_t flat, const Shape& shape) {
  Shape at(shape.size());
  for (std::size_t i = shape.size(); i-- > 0;) {
    at[i] = static_cast<std::int64_t>(flat) % shape[i];
    flat /= static_cast<std::size_t>(shape[i]);
  }
  return to_string(at);
}

}  // namespace

Row compare(const std::string& name, const Tensor& expected, const Tensor* got, const Tolerance& limit) {
  Row row{.name = name, .limit = limit, .note = {}};
  if (got == nullptr) {
    row.note = "not computed";
    return row;
  }
  if (got->shape() != expected.shape()) {
    row.note = fmt::format("has shape {}, expected {}", to_string(got->shape()), to_string(expected.shape()));
    return row;
  }
  const std::vector<double> a = to_doubles(*got), b = to_doubles(expected);
  const double beyond = is_integer(expected.dtype()) ? 0.0 : limit.max_abs;
  double sum = 0;
  std::size_t finite = 0, strangers = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(a[i]) || !std::isfinite(b[i])) {
      const bool agree = a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]));
      if (!agree && strangers++ == 0)
        row.note = fmt::format("{} where {} is expected, at {}", a[i], b[i], position(i, expected.shape()));
      continue;
    }
    const double difference = std::abs(a[i] - b[i]);
    row.max_abs = std::max(row.max_abs, difference);
    row.mismatches += difference > beyond;
    sum += difference;
    ++finite;
  }
  row.compared = true;
  row.mean_abs = finite > 0 ? sum / static_cast<double>(finite) : 0;
  const bool counted = limit.max_mismatches >= 0;
  const bool max_ok = counted ? row.mismatches <= limit.max_mismatches : row.max_abs <= limit.max_abs;
  // The mean given for masks is the allowed count over the size, rounded: the count itself decides.
  const bool mean_ok = row.mean_abs <= limit.mean_abs || (counted && is_integer(expected.dtype()));
  row.ok = max_ok && mean_ok && strangers == 0;
  return row;
}

std::vector<Row> compare_all(const GoldenCase& golden, const Outputs& outputs) {
  std::vector<Row> rows;
  for (const auto& [name, expected] : golden.expected->tensors()) {
    Row stated;
    Tolerance limit = read_tolerance(golden.info, name, stated);
    const Factor* factor = find_factor(outputs, name);
    if (factor != nullptr) {
      limit.max_abs *= factor->factor;
      limit.mean_abs *= factor->factor;
    }
    const auto got = outputs.tensors().find(name);
    Row row = compare(name, expected, got == outputs.tensors().end() ? nullptr : &got->second, limit);
    if (row.note.empty()) row.note = stated.note;
    if (factor != nullptr) {
      row.factor = factor->factor;
      row.note += (row.note.empty() ? "" : "; ") + factor->reason;
    }
    rows.push_back(std::move(row));
  }
  for (const Check& check : outputs.checks())
    rows.push_back({.name = check.name, .ok = check.ok, .limit = {}, .note = check.detail});
  if (golden.info.contains("tolerance"))
    for (const auto& [name, value] : golden.info["tolerance"].items())
      if (std::none_of(golden.expected->tensors().begin(), golden.expected->tensors().end(),
                       [&key = name](const auto& expected) { return means(key, expected.first); }))
        rows.push_back(
            {.name = name, .limit = {}, .note = "has a tolerance, but expected.safetensors lacks it"});
  return rows;
}

std::string format_table(const std::vector<Row>& rows) {
  std::size_t width = 6;
  for (const Row& row : rows) width = std::max(width, row.name.size());
  std::string text = fmt::format("  {:4}  {:<{}}  {:>9} {:>9}  {:>9} {:>9}\n", "", "tensor", width, "max abs",
                                 "allowed", "mean abs", "allowed");
  for (const Row& row : rows) {
    text += fmt::format("  {:4}  {:<{}}", row.ok ? "ok" : "FAIL", row.name, width);
    if (row.compared)
      text += fmt::format("  {:9.2e} {:9.2e}  {:9.2e} {:9.2e}", row.max_abs, row.limit.max_abs, row.mean_abs,
                          row.limit.mean_abs);
    if (row.compared && row.limit.max_mismatches >= 0)
      text += fmt::format("  {} of {} allowed differ", row.mismatches, row.limit.max_mismatches);
    if (row.factor != 1) text += fmt::format("  x{:g}", row.factor);
    if (!row.note.empty()) text += "  " + row.note;
    text += '\n';
  }
  return text;
}

}  // namespace anomalyvlm::golden
