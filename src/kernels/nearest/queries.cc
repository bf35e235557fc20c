#include "kernels/nearest/queries.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/threads.h"

namespace anomalyvlm {
namespace {

constexpr double kLargestQuery = 0x1p60;  // times the largest row; beyond, products might overflow

std::uint32_t interleaved(std::uint32_t x, std::uint32_t y) {  // Morton order
  std::uint32_t code = 0;
  for (int bit = 0; bit < 8; ++bit) code |= (x >> bit & 1U) << (2 * bit) | (y >> bit & 1U) << (2 * bit + 1);
  return code;
}

// to[k * width + lane] = from[lane * n + k]: a part that stays in the L1 cache at a time.
template <typename T>
void transpose(const std::vector<T>& from, std::size_t lanes, std::size_t n, T* to, std::size_t width) {
  constexpr std::size_t kPart = 64;
  for (std::size_t begin = 0; begin < n; begin += kPart)
    for (std::size_t lane = 0; lane < lanes; ++lane)
      for (std::size_t k = begin; k < std::min(begin + kPart, n); ++k)
        to[k * width + lane] = from[lane * n + k];
}

}  // namespace

void PlaceBox::add(const float* place) {
  x0 = std::min(x0, place[0]), x1 = std::max(x1, place[0]);
  y0 = std::min(y0, place[1]), y1 = std::max(y1, place[1]);
}

bool PlaceBox::beyond(const PlaceBox& other, float reach) const {
  return x0 - other.x1 > reach || other.x0 - x1 > reach || y0 - other.y1 > reach || other.y0 - y1 > reach;
}

void narrow_pairs(const NearestParts& parts, const float* from, std::size_t n, std::uint32_t* to) {
  to[(n + 1) / 2 - 1] = 0;
  parts.narrow(from, n, reinterpret_cast<std::uint16_t*>(to));
}

PreparedQueries::PreparedQueries(const NearestArguments& arguments, const NearestParts& parts)
    : a_(arguments), parts_(parts), scaled_(static_cast<std::size_t>(a_.count)) {
  set_scale();
  set_order();
  for (std::int64_t q = 0; q < a_.count; q += kPanelWidth) {
    QueryPanel panel;
    panel.begin = q;
    panel.count = static_cast<int>(std::min<std::int64_t>(kPanelWidth, a_.count - q));
    panel.width = (panel.count + 15) / 16 * 16;
    panels_.push_back(panel);
  }
  parallel_for(static_cast<std::int64_t>(panels_.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t p = begin; p < end; ++p) {
      QueryPanel& panel = panels_[static_cast<std::size_t>(p)];
      for (int lane = 0; lane < panel.count; ++lane) {
        const std::int64_t q = query(panel, lane);
        scaled_[static_cast<std::size_t>(q)] = scaled_query(q);
        if (a_.places != nullptr) panel.box.add(a_.places + 2 * q);
      }
      if (parts_.narrow != nullptr)
        fill_pairs(panel);
      else
        change_to_float32(panel);
    }
  });
}

void PreparedQueries::set_scale() {
  center_.resize(static_cast<std::size_t>(a_.size));
  const auto filled = [](const RowPool& pool) { return pool.count() > 0; };
  centered_ = std::count_if(a_.pools.begin(), a_.pools.end(), filled) == 1;
  const std::vector<float> zeros = center_;
  if (centered_) center_ = std::find_if(a_.pools.begin(), a_.pools.end(), filled)->contents()->center;
  exponent_ = -60;
  for (const RowPool& pool : a_.pools)
    if (pool.count() > 0) exponent_ = std::max(exponent_, pool.contents()->exponent);
  for (const RowPool& pool : a_.pools) {
    if (pool.count() == 0) continue;
    const RowPool::Contents& c = *pool.contents();
    largest_norm_ = std::max(largest_norm_, std::ldexp(c.largest_norm, c.exponent - exponent_));
    largest_rounding_ = std::max(largest_rounding_, std::ldexp(c.largest_rounding, c.exponent - exponent_));
  }
  center_norm_ = std::ldexp(std::sqrt(parts_.distance(center_.data(), zeros.data(), a_.size)), -exponent_);
}

const float* PreparedQueries::copy_centered(std::int64_t q, float* space) const {
  const float* query = a_.queries + q * a_.size;
  for (std::size_t k = 0; k < center_.size(); ++k) space[k] = query[k] - center_[k];
  return space;
}

void PreparedQueries::set_order() {
  for (std::int64_t q = 0; q < a_.count; ++q) order_.push_back(q);
  PlaceBox all;
  for (const NearestQuestion& question : a_.questions) {
    nearby_only_ &= question.reach != NearestQuestion::kAnywhere;
    widest_reach_ = std::max(widest_reach_, question.reach);
  }
  if (!nearby_only_) return;
  for (std::int64_t q = 0; q < a_.count; ++q) all.add(a_.places + 2 * q);
  const auto level = [](float v, float low, float high) {
    return high > low ? static_cast<std::uint32_t>(255 * ((v - low) / (high - low))) : 0U;
  };
  std::vector<std::uint32_t> codes;
  for (std::int64_t q = 0; q < a_.count; ++q)
    codes.push_back(
        interleaved(level(a_.places[2 * q], all.x0, all.x1), level(a_.places[2 * q + 1], all.y0, all.y1)));
  std::stable_sort(order_.begin(), order_.end(), [&](std::int64_t i, std::int64_t j) {
    return codes[static_cast<std::size_t>(i)] < codes[static_cast<std::size_t>(j)];
  });
}

// The rounding error of a sum of n products is at most n u / (1 - n u) |q| |x|, u = 2^-24 (Higham, Accuracy
// and Stability of Numerical Algorithms, section 3.1); n: the additions that a product goes through. A few
// more u for q - c, for |x|^2 / 2 and <c, x> in float32, and for the differences. The rest covers underflow,
// and the rounding of the exact distances. In bfloat16 what q - c and x lose by rounding comes in addition.
ScaledQuery PreparedQueries::scaled_query(std::int64_t q) const {
  const float* query = a_.queries + q * a_.size;
  std::vector<float> centered(static_cast<std::size_t>(a_.size)), other(centered.size());
  copy_centered(q, centered.data());
  const auto length = [&](const float* a, const float* b) {
    return std::ldexp(std::sqrt(parts_.distance(a, b, a_.size)), -exponent_);
  };
  const double full = length(query, other.data()), norm = length(centered.data(), other.data());
  if (!(full < kLargestQuery && norm < kLargestQuery)) return {};
  const double x = largest_norm_, u = 0x1p-24;
  const auto sum_error = [&](int n) { return n * u / (1 - n * u); };
  const double rest =
      8 * u * (x * x / 2 + center_norm_ * x + norm * x) + 0x1p-40 * (full * full + x * x) + a_.size * 0x1p-60;
  const double margin = sum_error(std::min(a_.size, kDepth) + a_.size / kDepth + 1) * norm * x + rest;
  double pair_margin = margin;
  if (parts_.narrow != nullptr) {
    std::vector<std::uint16_t> narrowed(centered.size());
    parts_.narrow(centered.data(), narrowed.size(), narrowed.data());
    for (std::size_t k = 0; k < other.size(); ++k)
      other[k] = std::bit_cast<float>(static_cast<std::uint32_t>(narrowed[k]) << 16);
    // Rounded vectors may be 1 + 2^-8 longer.
    pair_margin = 1.01 * sum_error(a_.size + 1) * norm * x + length(centered.data(), other.data()) * x +
                  1.01 * norm * largest_rounding_ + 1.01 * rest;
  }
  return {std::ldexp(1.0F, -2 * exponent_), static_cast<float>(margin * 1.001),
          static_cast<float>(pair_margin * 1.001), full * full};
}

void PreparedQueries::copy_scaled(std::int64_t q, float* space) const {
  const float factor = scaled(q).factor;
  copy_centered(q, space);
  for (int k = 0; k < a_.size; ++k) space[k] = factor == 0 ? 0 : space[k] * factor;
}

void PreparedQueries::fill_pairs(QueryPanel& panel) const {
  const auto size = static_cast<std::size_t>(a_.size), width = static_cast<std::size_t>(panel.width);
  const auto lanes = static_cast<std::size_t>(panel.count), words = (size + 1) / 2;
  std::vector<float> space(size);
  std::vector<std::uint32_t> rows(lanes * words);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    copy_scaled(query(panel, static_cast<int>(lane)), space.data());
    narrow_pairs(parts_, space.data(), size, &rows[lane * words]);
  }
  const auto pairs = std::make_shared<Aligned<std::uint32_t>>(words * width);
  std::fill_n(pairs->data, words * width, 0U);
  transpose(rows, lanes, words, pairs->data, width);
  panel.pairs = pairs;
}

void PreparedQueries::change_to_float32(QueryPanel& panel) const {
  const auto size = static_cast<std::size_t>(a_.size), width = static_cast<std::size_t>(panel.width);
  const auto lanes = static_cast<std::size_t>(panel.count);
  std::vector<float> rows(lanes * size);
  for (std::size_t lane = 0; lane < lanes; ++lane)
    copy_scaled(query(panel, static_cast<int>(lane)), &rows[lane * size]);
  const auto values = std::make_shared<Aligned<float>>(size * width);
  std::fill_n(values->data, size * width, 0.0F);
  transpose(rows, lanes, size, values->data, width);
  panel.values = values;
  panel.pairs.reset();
}

}  // namespace anomalyvlm
