// Rows of operations on [B, C, H, W]: convolution, pooling, sampling, our kernels.
#include "kernels/deformable_attention_cases.h"
#include "nn/op_cases.h"

namespace anomalyvlm::test {
namespace {

using nn::ConvSpec;
using nn::PoolSpec;
using nn::Resample;
using nn::Value;

OpCase conv_case(const std::string& name, const Shape& x, const Shape& w, const ConvSpec& spec,
                 bool bias = true, bool fixed = true) {
  OpCase c{fmt::format("conv2d/{} {} {}", name, to_string(x), to_string(w)),
           {{x}, {w, -1, 1, fixed}},
           nullptr,
           nullptr};
  if (bias) c.inputs.push_back({{w[0]}, -1, 1, fixed});
  c.expression = [=](const Values& v) { return nn::conv2d(v[0], v[1], bias ? v[2] : Value{}, spec); };
  c.reference = [=](const Arrays& a) { return conv2d(a[0], a[1], bias ? &a[2] : nullptr, spec); };
  return c;
}

void add_conv2d(std::vector<OpCase>& rows) {
  const auto same = [](std::int64_t p) { return nn::same_padding(p); };
  rows.push_back(conv_case("one pixel", {1, 1, 1, 1}, {1, 1, 1, 1}, {}));
  rows.push_back(conv_case("one pixel, padded", {2, 3, 1, 1}, {2, 3, 3, 3}, {1, same(1)}));
  rows.push_back(conv_case("pointwise", {2, 7, 5, 3}, {4, 7, 1, 1}, {}));
  rows.push_back(conv_case("without bias", {1, 3, 9, 11}, {5, 3, 3, 3}, {1, same(1)}, false));
  rows.push_back(conv_case("of an input as weight", {1, 3, 9, 11}, {5, 3, 3, 3}, {1, same(1)}, true, false));
  rows.push_back(conv_case("strided", {2, 3, 11, 8}, {4, 3, 3, 3}, {2, same(1)}));
  rows.push_back(conv_case("stride of the kernel", {1, 3, 20, 24}, {6, 3, 4, 4}, {4, {}}));
  rows.push_back(conv_case("stride beyond the kernel", {1, 2, 13, 10}, {3, 2, 2, 2}, {3, {}}));
  rows.push_back(conv_case("uneven kernel", {1, 3, 9, 7}, {4, 3, 5, 2}, {1, {2, 0, 1, 1}}));
  rows.push_back(conv_case("uneven padding", {1, 3, 8, 8}, {4, 3, 3, 3}, {2, {0, 0, 1, 1}}));
  rows.push_back(conv_case("padding of one side", {1, 2, 5, 6}, {3, 2, 3, 3}, {1, {0, 3, 0, 0}}));
  rows.push_back(conv_case("dilated", {1, 3, 11, 13}, {4, 3, 3, 3}, {1, same(2), 2}));
  rows.push_back(conv_case("dilated, strided", {1, 2, 15, 14}, {3, 2, 3, 3}, {2, same(3), 3}));
  rows.push_back(conv_case("grouped", {2, 6, 7, 5}, {9, 2, 3, 3}, {1, same(1), 1, 3}));
  rows.push_back(
      conv_case("grouped, input as weight", {1, 4, 7, 5}, {6, 2, 3, 3}, {1, same(1), 1, 2}, true, false));
  rows.push_back(conv_case("depthwise", {1, 17, 9, 9}, {17, 1, 3, 3}, {1, same(1), 1, 17}));
  rows.push_back(
      conv_case("depthwise, strided, uneven", {1, 16, 10, 12}, {16, 1, 5, 5}, {2, {1, 1, 2, 2}, 1, 16}));
  rows.push_back(conv_case("depthwise, two each", {1, 5, 6, 7}, {10, 1, 3, 3}, {1, same(1), 1, 5}, false));
  rows.push_back(conv_case("the window is the image", {1, 3, 7, 7}, {8, 3, 7, 7}, {}));
  rows.push_back(conv_case("first layer", {1, 3, 192, 192}, {32, 3, 3, 3}, {2, {0, 0, 1, 1}}));
  rows.back().timed = true;
  rows.push_back(conv_case("3x3", {1, 64, 32, 32}, {64, 64, 3, 3}, {1, same(1)}));
  rows.back().timed = true;
  rows.push_back(conv_case("depthwise", {1, 144, 64, 64}, {144, 1, 3, 3}, {1, same(1), 1, 144}));
  rows.back().timed = true;
  rows.push_back(conv_case("pointwise", {1, 144, 64, 64}, {24, 144, 1, 1}, {}));
  rows.back().timed = true;
}

// Sequences of operations in models that engines fuse into one.
void add_fused(std::vector<OpCase>& rows) {
  rows.push_back({"conv2d/with norm and relu6",
                  {{{1, 5, 9, 7}},
                   weight({6, 5, 3, 3}),
                   weight({6}),
                   weight({6}),
                   statistic(weight({6})),
                   statistic(positive_weight({6}))},
                  [](const Values& v) {
                    const Value y = nn::conv2d(v[0], v[1], {}, {1, nn::same_padding(1)});
                    return nn::relu6(nn::batch_norm(y, {v[2], v[3], v[4], v[5]}, 1e-3F));
                  },
                  [](const Arrays& a) {
                    const Array y = conv2d(a[0], a[1], nullptr, {1, nn::same_padding(1)});
                    return map(batch_norm(y, a[2], a[3], a[4], a[5], 1e-3),
                               [](double x) { return std::min(std::max(x, 0.0), 6.0); });
                  }});
  rows.push_back({"conv2d/and what went in",
                  {{{2, 4, 6, 5}}, weight({4, 1, 3, 3}), weight({4})},
                  [](const Values& v) {
                    return nn::relu(nn::conv2d(v[0], v[1], v[2], {1, nn::same_padding(1), 1, 4}) + v[0]);
                  },
                  [](const Arrays& a) {
                    const Array y = conv2d(a[0], a[1], &a[2], {1, nn::same_padding(1), 1, 4});
                    return zip(y, a[0], [](double s, double t) { return std::max(s + t, 0.0); });
                  }});
}

OpCase conv_transpose_case(const Shape& x, const Shape& w, std::int64_t stride, bool bias = true) {
  OpCase c{fmt::format("conv_transpose2d/{} {} stride {}", to_string(x), to_string(w), stride),
           {{x}, weight(w)},
           nullptr,
           nullptr};
  if (bias) c.inputs.push_back(weight({w[1]}));
  c.expression = [=](const Values& v) {
    return nn::conv_transpose2d(v[0], v[1], bias ? v[2] : Value{}, stride);
  };
  c.reference = [=](const Arrays& a) { return conv_transpose2d(a[0], a[1], bias ? &a[2] : nullptr, stride); };
  return c;
}

OpCase pool_case(bool maximum, const std::string& name, const Shape& x, const PoolSpec& spec) {
  return {fmt::format("{}_pool2d/{} {}", maximum ? "max" : "avg", name, to_string(x)),
          {{x, -3, -1}},  // all negative: padding must not win
          [=](const Values& v) { return maximum ? nn::max_pool2d(v[0], spec) : nn::avg_pool2d(v[0], spec); },
          [=](const Arrays& a) { return maximum ? max_pool2d(a[0], spec) : avg_pool2d(a[0], spec); }};
}

void add_pools(std::vector<OpCase>& rows) {
  for (const bool maximum : {true, false}) {
    rows.push_back(pool_case(maximum, "halves", {2, 3, 8, 6}, {}));
    rows.push_back(pool_case(maximum, "leaves a rest", {1, 2, 7, 9}, {}));
    rows.push_back(pool_case(maximum, "of one pixel", {1, 2, 1, 1}, {1, 1, {}}));
    rows.push_back(pool_case(maximum, "padded", {1, 3, 9, 8}, {3, 2, nn::same_padding(1)}));
    rows.push_back(pool_case(maximum, "unevenly padded", {1, 3, 8, 7}, {3, 2, {0, 1, 1, 0}}));
    rows.push_back(pool_case(maximum, "overlapping", {2, 1, 6, 5}, {3, 1, nn::same_padding(1)}));
    rows.push_back(pool_case(maximum, "with gaps", {1, 2, 10, 11}, {2, 3, {}}));
    rows.push_back(pool_case(maximum, "of the whole", {1, 5, 6, 6}, {6, 6, {}}));
    rows.push_back(pool_case(maximum, "of a network", {1, 64, 96, 96}, {3, 2, nn::same_padding(1)}));
    rows.back().timed = true;
  }
}

// Positions between elements are float32 in the engines: the further from 0, the fewer digits are left.
OpCase resize_case(const Shape& x, std::int64_t height, std::int64_t width, Resample mode) {
  return {fmt::format("resize/{} {} to {} x {}", mode == Resample::kNearest ? "nearest" : "bilinear",
                      to_string(x), height, width),
          {{x}},
          [=](const Values& v) { return nn::resize(v[0], height, width, mode); },
          [=](const Arrays& a) { return resize(a[0], height, width, mode); },
          1e-5};
}

void add_resizes(std::vector<OpCase>& rows) {
  for (const Resample mode : {Resample::kNearest, Resample::kBilinear}) {
    rows.push_back(resize_case({1, 1, 1, 1}, 3, 4, mode));
    rows.push_back(resize_case({2, 3, 4, 5}, 8, 10, mode));
    rows.push_back(resize_case({2, 3, 8, 10}, 4, 5, mode));
    rows.push_back(resize_case({1, 2, 5, 7}, 13, 9, mode));
    rows.push_back(resize_case({1, 2, 13, 9}, 5, 7, mode));
    rows.push_back(resize_case({1, 3, 7, 7}, 7, 20, mode));
    rows.push_back(resize_case({1, 1, 9, 1}, 2, 1, mode));
    rows.push_back(resize_case({1, 1, 64, 60}, 37, 41, mode));
    rows.push_back(resize_case({1, 20, 3, 3}, 64, 64, mode));
    rows.push_back(resize_case({1, 1, 14, 14}, 64, 64, mode));
  }
  rows.push_back(resize_case({1, 64, 32, 32}, 128, 128, Resample::kBilinear));
  rows.back().timed = true;
}

OpCase neighbour_case(const Shape& x, const std::vector<nn::Neighbourhood>& hoods, float low = 0) {
  std::string name;
  for (const auto& n : hoods) name += fmt::format(" {} beyond {}", n.nearest, n.radius);
  OpCase c{fmt::format("neighbour_distance/{}{}", to_string(x), name),
           {{x, low, 2}},
           [=](const Values& v) { return nn::neighbour_distance(v[0], hoods); },
           [=](const Arrays& a) { return neighbour_distance(a[0], hoods); }};
  c.f32 = 5e-6;  // small differences of numbers near 1
  c.bf16 = 0.05;
  return c;
}

void add_neighbours(std::vector<OpCase>& rows) {
  rows.push_back(neighbour_case({1, 3, 1, 2}, {{1, 0}}));
  rows.push_back(neighbour_case({1, 4, 1, 1}, {{5, 0}}));
  rows.push_back(neighbour_case({2, 5, 7, 6}, {{1, 0}, {8, 0}, {8, 2}}));
  rows.push_back(neighbour_case({1, 17, 9, 5}, {{3, 1}, {400, 0}, {400, 9}}, -2));
  rows.push_back(neighbour_case({1, 1, 6, 6}, {{4, 0}}, -2));
  rows.push_back(neighbour_case({1, 40, 32, 32}, {{8, 0}, {64, 0}, {64, 2}}));
  rows.back().timed = true;
}

OpCase deformable_case(const std::string& name, const DeformableAttentionCase& c) {
  std::int64_t places = 0;
  for (const Extent& map : c.maps) places += map.places();
  const auto maps = static_cast<std::int64_t>(c.maps.size());
  OpCase row{"deformable_attention/" + name,
             {{{c.batch, places, c.heads, c.channels}},
              {{c.one_reference ? 1 : c.batch, c.queries, maps, c.boxes ? 4 : 2}, -0.1F, 1.1F},
              {{c.batch, c.queries, c.heads, maps, c.points, 2}, -3, 3},
              {{c.batch, c.queries, c.heads, maps, c.points}}},
             [=](const Values& v) { return nn::deformable_attention(v[0], c.maps, v[1], v[2], v[3]); },
             [=](const Arrays& a) { return deformable_attention(a[0], c.maps, a[1], a[2], a[3]); }};
  row.f32 = 1e-5;   // places between cells come of differences of numbers as large as a map
  row.bf16 = 0.05;  // and inputs of the graph are rounded
  return row;
}

void add_deformable(std::vector<OpCase>& rows) {
  for (const DeformableAttentionCase& c : deformable_attention_cases()) {
    if (c.timed && !c.boxes) continue;  // the largest takes its definition seconds
    rows.push_back(deformable_case(c.name, c));
    rows.back().timed = c.timed;
  }
}

}  // namespace

std::vector<OpCase> image_cases() {
  std::vector<OpCase> rows;
  add_conv2d(rows);
  add_fused(rows);
  rows.push_back(conv_transpose_case({1, 1, 1, 1}, {1, 1, 2, 2}, 2));
  rows.push_back(conv_transpose_case({2, 3, 4, 5}, {3, 4, 2, 2}, 2));
  rows.push_back(conv_transpose_case({1, 3, 4, 5}, {3, 2, 3, 3}, 2, false));
  rows.push_back(conv_transpose_case({1, 2, 3, 4}, {2, 5, 2, 3}, 1));
  rows.push_back(conv_transpose_case({1, 2, 3, 2}, {2, 3, 2, 2}, 3));
  rows.push_back(conv_transpose_case({1, 64, 32, 32}, {64, 32, 2, 2}, 2));
  rows.back().timed = true;
  add_pools(rows);
  add_resizes(rows);
  add_neighbours(rows);
  add_deformable(rows);
  return rows;
}

}  // namespace anomalyvlm::test
