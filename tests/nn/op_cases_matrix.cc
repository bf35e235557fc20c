// Rows of products, attention, norms and softmax.
#include <cmath>

#include "nn/op_cases.h"

namespace anomalyvlm::test {
namespace {

using nn::Value;

OpCase matmul_case(OpInput a, OpInput b, bool transpose_b = false) {
  return {fmt::format("matmul/{} x {}{}{}", to_string(a.shape), to_string(b.shape),
                      transpose_b ? " transposed" : "", b.fixed ? " fixed" : ""),
          {std::move(a), std::move(b)},
          [=](const Values& v) { return nn::matmul(v[0], v[1], transpose_b); },
          [=](const Arrays& x) { return matmul(x[0], x[1], transpose_b); }};
}

void add_matmul(std::vector<OpCase>& rows) {
  const std::vector<std::pair<Shape, Shape>> plain = {
      {{1, 1}, {1, 1}},    {{3, 5}, {5, 2}},          {{7, 1}, {1, 9}},
      {{1, 33}, {33, 1}},  {{2, 3, 5}, {2, 5, 4}},    {{2, 3, 5}, {5, 4}},
      {{3, 5}, {2, 5, 4}}, {{2, 1, 3, 4}, {3, 4, 2}}, {{2, 1, 3, 2, 3, 4}, {2, 1, 1, 4, 3}}};
  for (const auto& [a, b] : plain) {
    rows.push_back(matmul_case({a}, {b}));
    rows.push_back(matmul_case({a}, weight(b)));
    Shape flipped = b;
    std::swap(flipped[flipped.size() - 1], flipped[flipped.size() - 2]);
    rows.push_back(matmul_case({a}, {flipped}, true));
    rows.push_back(matmul_case({a}, weight(flipped), true));
  }
  for (OpCase& row : rows) row.bf16 = 0.05;  // a few terms may all but cancel
  rows.push_back(matmul_case(weight({4, 6}), {{2, 6, 3}}));
  rows.push_back(matmul_case({{1, 196, 384}}, weight({384, 384}), true));
  rows.back().timed = true;
  rows.push_back(matmul_case({{6, 196, 64}}, {{6, 64, 196}}));
  rows.back().timed = true;
  rows.push_back({"matmul/with bias and gelu",
                  {{{2, 9, 24}}, weight({31, 24}), weight({31})},
                  [](const Values& v) { return nn::gelu(nn::matmul(v[0], v[1], true) + v[2]); },
                  [](const Arrays& a) {
                    return map(zip(matmul(a[0], a[1], true), a[2], std::plus<>()),
                               [](double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); });
                  }});
}

OpCase attention_case(const char* name, const Shape& q, std::int64_t keys, std::int64_t out, float scale,
                      const Shape& bias = {}, bool fixed_bias = false) {
  Shape k = q, v = q;
  k[k.size() - 2] = v[v.size() - 2] = keys;
  v.back() = out;
  OpCase c{fmt::format("attention/{} {}", name, to_string(q)), {{q}, {k}, {v}}, nullptr, nullptr};
  const bool biased = !bias.empty();
  if (biased) c.inputs.push_back({bias, -2, 2, fixed_bias});
  c.expression = [=](const Values& x) {
    return nn::attention(x[0], x[1], x[2], scale, biased ? x[3] : Value{});
  };
  c.reference = [=](const Arrays& a) {
    return attention(a[0], a[1], a[2], static_cast<double>(scale), biased ? &a[3] : nullptr);
  };
  return c;
}

void add_attention(std::vector<OpCase>& rows) {
  rows.push_back(attention_case("one query", {1, 4}, 1, 4, 1));
  rows.push_back(attention_case("rank 2", {5, 3}, 7, 2, 0.5F));
  rows.push_back(attention_case("rank 3", {2, 5, 3}, 7, 4, 0.7F));
  rows.push_back(attention_case("heads", {2, 3, 7, 5}, 7, 5, 0.447F));
  rows.push_back(attention_case("few queries, many keys", {1, 2, 3, 16}, 65, 16, 0.25F));
  rows.push_back(attention_case("bias of scores", {2, 3, 7, 5}, 9, 5, 0.447F, {2, 3, 7, 9}));
  rows.push_back(attention_case("bias of heads", {2, 3, 7, 5}, 9, 5, 0.447F, {1, 3, 7, 9}, true));
  rows.push_back(attention_case("bias of keys", {2, 3, 7, 5}, 9, 5, 0.447F, {9}));
  rows.push_back(attention_case("rank 5", {2, 1, 3, 4, 5}, 6, 3, 1, {3, 4, 6}));
  rows.push_back(attention_case("sharp", {1, 2, 9, 8}, 9, 8, 30));
  rows.back().f32 = 1e-5;  // scores of hundreds: their last bits are steps of the exponent
  rows.back().bf16 = 0.5;
  rows.push_back(attention_case("windows of a ViT", {4, 6, 196, 64}, 196, 64, 0.125F));
  rows.back().timed = true;
}

OpCase softmax_case(const Shape& shape, int axis, float range = 3) {
  return {fmt::format("softmax/{} along {}{}", to_string(shape), axis, range > 3 ? " far apart" : ""),
          {{shape, -range, range}},
          [=](const Values& v) { return nn::softmax(v[0], axis); },
          [=](const Arrays& a) { return softmax(a[0], axis < 0 ? axis + a[0].rank() : axis); }};
}

void add_softmax(std::vector<OpCase>& rows) {
  for (const int axis : {0, -1}) rows.push_back(softmax_case({7}, axis));
  for (const int axis : {0, 1, -1}) rows.push_back(softmax_case({3, 5}, axis));
  for (const int axis : {0, 1, 2, 3, -2}) rows.push_back(softmax_case({2, 3, 4, 5}, axis));
  for (const int axis : {1, 5, -5}) rows.push_back(softmax_case({2, 3, 1, 2, 1, 4}, axis));
  rows.push_back(softmax_case({4, 1}, -1));
  rows.push_back(softmax_case({3, 33}, -1, 200));
  rows.back().bf16 = 0.6;  // of inputs rounded to steps of one half
  rows.push_back(softmax_case({6, 196, 196}, -1));
  rows.back().timed = true;
}

OpCase layer_norm_case(const Shape& shape, float eps, bool fixed = true) {
  OpInput w = positive_weight({shape.back()}), b = weight({shape.back()});
  w.fixed = b.fixed = fixed;
  return {fmt::format("layer_norm/{} eps {}{}", to_string(shape), eps, fixed ? "" : " of inputs"),
          {{shape, -1, 3}, w, b},
          [=](const Values& v) { return nn::layer_norm(v[0], v[1], v[2], eps); },
          [=](const Arrays& a) { return layer_norm(a[0], a[1], a[2], static_cast<double>(eps)); }};
}

void add_norms(std::vector<OpCase>& rows) {
  const std::vector<Shape> shapes = {{5},          {3, 7},          {2, 3, 16},
                                     {2, 3, 4, 5}, {1, 2, 3, 2, 9}, {2, 1, 2, 3, 1, 8}};
  for (const Shape& shape : shapes) rows.push_back(layer_norm_case(shape, 1e-6F));
  rows.push_back(layer_norm_case({4, 33}, 1e-5F, false));
  rows.push_back(layer_norm_case({3, 1}, 1e-5F));
  rows.back().f32 = 1e-3;  // one element less itself: what rounding leaves, divided by sqrt(eps)
  rows.back().bf16 = 10;
  rows.push_back(layer_norm_case({2, 6}, 0.5F));
  rows.push_back(layer_norm_case({1, 1024, 384}, 1e-6F));
  rows.back().timed = true;
  for (const Shape& shape :
       std::vector<Shape>{{3, 4}, {2, 3, 5}, {2, 5, 3, 4}, {1, 3, 2, 2, 3}, {1, 2, 1, 3, 2, 2}}) {
    const std::int64_t c = shape[1];
    for (const bool fixed : {true, false}) {
      OpCase row{fmt::format("batch_norm/{}{}", to_string(shape), fixed ? "" : " of inputs"),
                 {{shape}, weight({c}), weight({c}), statistic(weight({c})), statistic(positive_weight({c}))},
                 [](const Values& v) {
                   return nn::batch_norm(v[0], {v[1], v[2], v[3], v[4]}, 1e-3F);
                 },
                 [](const Arrays& a) { return batch_norm(a[0], a[1], a[2], a[3], a[4], 1e-3); }};
      for (std::size_t i = 1; i < row.inputs.size(); ++i) row.inputs[i].fixed = fixed;
      rows.push_back(std::move(row));
    }
  }
}

OpCase group_norm_case(const Shape& shape, std::int64_t groups, float eps, bool fixed = true) {
  OpInput w = positive_weight({shape[1]}), b = weight({shape[1]});
  w.fixed = b.fixed = fixed;
  return {
      fmt::format("group_norm/{} in {} eps {}{}", to_string(shape), groups, eps, fixed ? "" : " of inputs"),
      {{shape, -1, 3}, w, b},
      [=](const Values& v) { return nn::group_norm(v[0], groups, v[1], v[2], eps); },
      [=](const Arrays& a) { return group_norm(a[0], groups, a[1], a[2], static_cast<double>(eps)); }};
}

void add_group_norms(std::vector<OpCase>& rows) {
  rows.push_back(group_norm_case({3, 6}, 2, 1e-5F));
  rows.push_back(group_norm_case({2, 6, 5}, 3, 1e-5F));
  rows.push_back(group_norm_case({2, 6, 5, 3}, 6, 1e-5F));
  rows.push_back(group_norm_case({2, 6, 5, 3}, 1, 0.5F));
  rows.push_back(group_norm_case({1, 8, 3, 7}, 4, 1e-5F, false));
  rows.push_back(group_norm_case({1, 4, 2, 3, 2}, 2, 1e-6F));
  rows.push_back(group_norm_case({1, 256, 50, 50}, 32, 1e-5F));
  rows.back().timed = true;
}

OpCase l2_case(const Shape& shape, int axis, float scale = 1) {
  return {fmt::format("l2_normalize/{} along {}, of scale {}", to_string(shape), axis, scale),
          {{shape, -2 * scale, 2 * scale}},
          [=](const Values& v) { return nn::l2_normalize(v[0], axis); },
          [=](const Arrays& a) { return l2_normalize(a[0], axis < 0 ? axis + a[0].rank() : axis); }};
}

}  // namespace

std::vector<OpCase> matrix_cases() {
  std::vector<OpCase> rows;
  add_matmul(rows);
  add_attention(rows);
  add_softmax(rows);
  add_norms(rows);
  add_group_norms(rows);
  rows.push_back(l2_case({5}, 0));
  rows.push_back(l2_case({2, 7, 3, 4}, 1));
  rows.push_back(l2_case({3, 9}, -1));
  rows.push_back(l2_case({3, 9}, -1, 0));
  rows.push_back(l2_case({3, 9}, 0, 1e-5F));
  return rows;
}

}  // namespace anomalyvlm::test
