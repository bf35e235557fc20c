// Rows of operations that move elements about, and of reductions.
#include "nn/op_cases.h"

namespace anomalyvlm::test {
namespace {

using nn::Reduce;
using nn::Value;

// A row of one input. Axes of `reference` are not negative.
OpCase row(std::string name, const Shape& shape, std::function<Value(const Value&)> expression,
           std::function<Array(const Array&)> reference) {
  return {std::move(name),
          {{shape}},
          [expression = std::move(expression)](const Values& v) { return expression(v[0]); },
          [reference = std::move(reference)](const Arrays& a) { return reference(a[0]); }};
}

int positive_axis(int axis, const Shape& shape) {
  return axis < 0 ? axis + static_cast<int>(shape.size()) : axis;
}

void add_reshape(std::vector<OpCase>& rows) {
  const auto add = [&](const Shape& from, const Shape& to, const Shape& result) {
    rows.push_back(row(
        fmt::format("reshape/{} to {}", to_string(from), to_string(to)), from,
        [=](const Value& x) { return nn::reshape(x, to); },
        [=](const Array& a) { return reshape(a, result); }));
  };
  add({6}, {2, 3}, {2, 3});
  add({2, 3, 4}, {-1}, {24});
  add({2, 3, 4}, {4, -1, 2}, {4, 3, 2});
  add({1, 1}, {}, {});
  add({}, {1, 1, 1}, {1, 1, 1});
  add({2, 12}, {1, 2, 1, 3, 2, 2}, {1, 2, 1, 3, 2, 2});
  add({3, 5}, {3, -1}, {3, 5});
}

void add_permute(std::vector<OpCase>& rows) {
  const auto add = [&](const Shape& shape, const std::vector<int>& order) {
    rows.push_back(row(
        fmt::format("permute/{} by ({})", to_string(shape), fmt::join(order, ", ")), shape,
        [=](const Value& x) { return nn::permute(x, order); },
        [=](const Array& a) { return permute(a, order); }));
  };
  add({5}, {0});
  add({3, 5}, {1, 0});
  add({2, 3, 4}, {2, 0, 1});
  add({2, 3, 4, 5}, {0, 2, 3, 1});
  add({2, 3, 4, 5}, {0, 3, 1, 2});
  add({2, 3, 4, 5}, {3, 2, 1, 0});
  add({2, 3, 1, 4, 2}, {4, 0, 3, 1, 2});
  add({2, 3, 2, 4, 1, 3}, {0, 1, 3, 2, 4, 5});
  add({2, 3, 2, 4, 1, 3}, {5, 3, 1, 0, 4, 2});
  add({1, 14, 5, 14, 5, 96}, {0, 1, 3, 2, 4, 5});
  rows.back().timed = true;
  const auto add_transpose = [&](const Shape& shape, int a, int b, const std::vector<int>& order) {
    rows.push_back(row(
        fmt::format("transpose/{} {} and {}", to_string(shape), a, b), shape,
        [=](const Value& x) { return nn::transpose(x, a, b); },
        [=](const Array& x) { return permute(x, order); }));
  };
  add_transpose({3, 5}, 0, 1, {1, 0});
  add_transpose({2, 3, 4, 5}, -1, -2, {0, 1, 3, 2});
  add_transpose({2, 3, 4, 5}, 0, -1, {3, 1, 2, 0});
  add_transpose({2, 3}, 1, 1, {0, 1});
}

void add_slice(std::vector<OpCase>& rows) {
  const auto add = [&](const Shape& shape, int axis, std::int64_t begin, std::int64_t end,
                       std::int64_t step = 1) {
    rows.push_back(row(
        fmt::format("slice/{} axis {} [{}, {}) step {}", to_string(shape), axis, begin, end, step), shape,
        [=](const Value& x) { return nn::slice(x, axis, begin, end, step); },
        [=](const Array& a) {
          const int p = positive_axis(axis, a.shape);
          return slice(a, p, begin, end < 0 ? end + a.dim(p) : end, step);
        }));
  };
  add({7}, 0, 2, 5);
  add({7}, -1, 0, 7, 3);
  add({3, 9}, 1, 1, -1, 2);
  add({3, 9}, 0, 2, 3);
  add({2, 3, 4, 5}, 2, 1, 4, 2);
  add({2, 3, 4, 5}, -1, 4, 5, 7);
  add({2, 1, 3, 2, 5, 2}, 4, 1, -2);
}

void add_concat(std::vector<OpCase>& rows) {
  const auto add = [&](const std::vector<Shape>& shapes, int axis) {
    std::string name = fmt::format("concat/along {}:", axis);
    std::vector<OpInput> inputs;
    for (const Shape& shape : shapes) {
      name += " " + to_string(shape);
      inputs.push_back({shape});
    }
    rows.push_back({name, inputs, [=](const Values& v) { return nn::concat(v, axis); },
                    [=](const Arrays& a) { return concat(a, positive_axis(axis, a[0].shape)); }});
  };
  add({{3}}, 0);
  add({{3}, {1}, {5}}, -1);
  add({{2, 3}, {4, 3}}, 0);
  add({{2, 3}, {2, 1}, {2, 5}}, 1);
  add({{2, 3, 4, 5}, {2, 1, 4, 5}, {2, 7, 4, 5}}, 1);
  add({{1, 2, 1, 3, 2, 2}, {1, 2, 1, 3, 5, 2}}, -2);
  rows.push_back({"concat/a value with itself",
                  {{{2, 3}}},
                  [](const Values& v) {
                    return nn::concat({v[0], v[0]}, 0);
                  },
                  [](const Arrays& a) {
                    return concat({a[0], a[0]}, 0);
                  }});
  rows.push_back({"concat/with something fixed",
                  {{{2, 3}}, weight({1, 3})},
                  [](const Values& v) {
                    return nn::concat({v[1], v[0]}, 0);
                  },
                  [](const Arrays& a) {
                    return concat({a[1], a[0]}, 0);
                  }});
}

void add_pad_and_roll(std::vector<OpCase>& rows) {
  const auto add_pad = [&](const Shape& shape, int axis, std::int64_t before, std::int64_t after,
                           float value) {
    rows.push_back(row(
        fmt::format("pad/{} axis {} by {} and {} of {}", to_string(shape), axis, before, after, value), shape,
        [=](const Value& x) { return nn::pad(x, axis, before, after, value); },
        [=](const Array& a) {
          return pad(a, positive_axis(axis, a.shape), before, after, static_cast<double>(value));
        }));
  };
  add_pad({3}, 0, 2, 0, 0);
  add_pad({3, 4}, -1, 0, 3, 1.5F);
  add_pad({3, 4}, 0, 1, 2, -7);
  add_pad({2, 3, 4, 5}, 1, 1, 1, 0);
  add_pad({2, 3, 4, 5}, 3, 0, 9, 0);
  add_pad({1, 2, 3, 1, 2, 2}, 2, 3, 1, 0.5F);
  add_pad({2, 2}, 1, 0, 0, 0);
  const auto add_roll = [&](const Shape& shape, int axis, std::int64_t shift) {
    rows.push_back(row(
        fmt::format("roll/{} axis {} by {}", to_string(shape), axis, shift), shape,
        [=](const Value& x) { return nn::roll(x, axis, shift); },
        [=](const Array& a) { return roll(a, positive_axis(axis, a.shape), shift); }));
  };
  add_roll({7}, 0, 3);
  add_roll({7}, -1, -3);
  add_roll({3, 5}, 1, 11);
  add_roll({3, 5}, 0, 0);
  add_roll({2, 8, 6, 3}, 1, -4);
  add_roll({2, 8, 6, 3}, -2, 5);
  add_roll({1, 2, 3, 2, 4, 1}, 4, 1);
  add_roll({1, 56, 56, 96}, 1, -3);
  rows.back().timed = true;
}

void add_gather(std::vector<OpCase>& rows) {
  const auto add = [&](const Shape& shape, int axis, const std::vector<std::int64_t>& indices) {
    rows.push_back(row(
        fmt::format("gather/{} axis {} at ({})", to_string(shape), axis, fmt::join(indices, ", ")), shape,
        [=](const Value& x) { return nn::gather(x, axis, indices); },
        [=](const Array& a) { return gather(a, positive_axis(axis, a.shape), indices); }));
  };
  add({5}, 0, {4});
  add({5}, -1, {0, 0, 3, 1, 2, 4, 4});
  add({3, 4}, 0, {2, 0});
  add({3, 4}, 1, {1, 1, 1});
  add({2, 3, 4, 5}, -3, {2, 1, 0});
  add({2, 1, 3, 2, 2, 2}, 2, {1, 2});
}

void add_broadcast(std::vector<OpCase>& rows) {
  const auto add = [&](const Shape& from, const Shape& to) {
    rows.push_back(row(
        fmt::format("broadcast_to/{} to {}", to_string(from), to_string(to)), from,
        [=](const Value& x) { return nn::broadcast_to(x, to); },
        [=](const Array& a) { return broadcast_to(a, to); }));
  };
  add({}, {});
  add({}, {2, 3});
  add({3}, {3});
  add({3}, {2, 3});
  add({3, 1}, {3, 4});
  add({2, 1, 3, 1}, {2, 4, 3, 5});
  add({3, 1}, {2, 1, 2, 1, 3, 2});
}

void add_reduce(std::vector<OpCase>& rows) {
  const std::vector<std::pair<Shape, std::vector<int>>> what = {
      {{7}, {0}},          {{3, 5}, {-1}},          {{3, 5}, {0}},          {{3, 5}, {1, 0}},
      {{2, 3, 4, 5}, {1}}, {{2, 3, 4, 5}, {2, -1}}, {{2, 3, 4, 5}, {0, 3}}, {{2, 3, 1, 2, 1, 4}, {5, 1, 2}},
      {{4, 1}, {1}}};
  constexpr std::pair<Reduce, const char*> kOps[] = {
      {Reduce::kSum, "sum"}, {Reduce::kMean, "mean"}, {Reduce::kMax, "max"}, {Reduce::kMin, "reduce/min"}};
  for (const auto& [op, word] : kOps) {
    for (const auto& [shape, axes] : what) {
      for (const bool keep : {false, true}) {
        std::vector<int> positive;
        for (const int axis : axes) positive.push_back(positive_axis(axis, shape));
        const std::string_view name = word;
        rows.push_back(row(
            fmt::format("{}{}{} over ({}){}", name, name.find('/') == name.npos ? "/" : " ", to_string(shape),
                        fmt::join(axes, ", "), keep ? " kept" : ""),
            shape,
            [=, op = op, axes = axes](const Value& x) {
              switch (op) {
                case Reduce::kSum:
                  return nn::sum(x, axes, keep);
                case Reduce::kMean:
                  return nn::mean(x, axes, keep);
                case Reduce::kMax:
                  return nn::max(x, axes, keep);
                default:
                  return nn::reduce(op, x, axes, keep);
              }
            },
            [=, op = op](const Array& a) { return reduce(op, a, positive, keep); }));
      }
    }
  }
  rows.push_back(row(
      "mean/of a feature map", {1, 256, 64, 64},
      [](const Value& x) {
        return nn::mean(x, {2, 3}, true);
      },
      [](const Array& a) {
        return reduce(Reduce::kMean, a, {2, 3}, true);
      }));
  rows.back().timed = true;
  rows.back().f32 = 1e-5;  // 4096 terms that all but cancel
  rows.back().bf16 = 0.2;
}

}  // namespace

std::vector<OpCase> shape_cases() {
  std::vector<OpCase> rows;
  add_reshape(rows);
  add_permute(rows);
  add_slice(rows);
  add_concat(rows);
  add_pad_and_roll(rows);
  add_gather(rows);
  add_broadcast(rows);
  add_reduce(rows);
  return rows;
}

}  // namespace anomalyvlm::test
