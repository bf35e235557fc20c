// Rows of operations that work element by element, and of constants.
#include <cmath>

#include "nn/op_cases.h"

namespace anomalyvlm::test {
namespace {

using nn::Binary;
using nn::Unary;
using nn::Value;

const std::vector<Shape> kShapes = {
    {}, {1}, {7}, {3, 5}, {2, 3, 1}, {2, 3, 4, 5}, {1, 2, 3, 2, 5}, {2, 1, 3, 1, 2, 3}};

template <Unary op>
Value plain(const Value& x) {
  return nn::unary(op, x);
}

double gelu(double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

struct UnaryRow {
  const char* name;
  Value (*operation)(const Value&);
  double (*definition)(double);
  float low, high;
};
const UnaryRow kUnary[] = {
    {"relu", nn::relu, [](double x) { return std::max(x, 0.0); }, -3, 3},
    {"gelu", nn::gelu, gelu, -5, 5},
    {"sigmoid", nn::sigmoid, sigmoid, -10, 10},
    {"unary/tanh", plain<Unary::kTanh>, std::tanh, -4, 4},
    {"exp", nn::exp, std::exp, -10, 3},
    {"unary/log", plain<Unary::kLog>, std::log, 0.01F, 10},
    {"sqrt", nn::sqrt, std::sqrt, 0, 100},
    {"sin", nn::sin, std::sin, -30, 30},
    {"cos", nn::cos, std::cos, -30, 30},
    {"unary/abs", plain<Unary::kAbs>, std::abs, -3, 3},
    {"unary/negative", plain<Unary::kNegative>, [](double x) { return -x; }, -3, 3},
    {"relu6", nn::relu6, [](double x) { return std::min(std::max(x, 0.0), 6.0); }, -4, 10},
};

OpCase unary_case(const UnaryRow& row, const Shape& shape) {
  const auto operation = row.operation;
  const auto definition = row.definition;
  return {fmt::format("{}{}{}", row.name,
                      std::string_view(row.name).find('/') == std::string_view::npos ? "/" : " ",
                      to_string(shape)),
          {{shape, row.low, row.high}},
          [=](const Values& v) { return operation(v[0]); },
          [=](const Arrays& a) { return map(a[0], definition); }};
}

void add_unary(std::vector<OpCase>& rows) {
  for (const UnaryRow& row : kUnary)
    for (const Shape& shape : kShapes) rows.push_back(unary_case(row, shape));
  const UnaryRow far[] = {{"gelu/far out", nn::gelu, gelu, -60, 60},
                          {"sigmoid/far out", nn::sigmoid, sigmoid, -300, 300},
                          {"exp/far below", nn::exp, std::exp, -300, 0}};
  for (const UnaryRow& row : far) rows.push_back(unary_case(row, {5, 41}));
  rows.push_back(unary_case(kUnary[1], {1, 1024, 768}));
  rows.back().timed = true;
  rows.push_back(unary_case(kUnary[4], {1, 256, 64, 64}));
  rows.back().timed = true;
}

struct BinaryRow {
  const char* name;
  Binary op;
  double (*definition)(double, double);
};
const BinaryRow kBinary[] = {
    {"add", Binary::kAdd, [](double a, double b) { return a + b; }},
    {"subtract", Binary::kSubtract, [](double a, double b) { return a - b; }},
    {"multiply", Binary::kMultiply, [](double a, double b) { return a * b; }},
    {"divide", Binary::kDivide, [](double a, double b) { return a / b; }},
    {"maximum", Binary::kMaximum, [](double a, double b) { return std::max(a, b); }},
    {"minimum", Binary::kMinimum, [](double a, double b) { return std::min(a, b); }},
};

OpCase binary_case(const BinaryRow& row, const OpInput& a, OpInput b) {
  const Binary op = row.op;
  const auto definition = row.definition;
  b.low = 0.25F;  // something to divide by
  return {fmt::format("binary/{} {} {}{}", row.name, to_string(a.shape), to_string(b.shape),
                      b.fixed ? " fixed" : ""),
          {a, b},
          [=](const Values& v) { return nn::binary(op, v[0], v[1]); },
          [=](const Arrays& x) { return zip(x[0], x[1], definition); }};
}

void add_binary(std::vector<OpCase>& rows) {
  const std::vector<std::pair<Shape, Shape>> pairs = {{{}, {}},
                                                      {{3}, {}},
                                                      {{}, {2, 3}},
                                                      {{3, 5}, {3, 5}},
                                                      {{3, 5}, {5}},
                                                      {{3, 1}, {1, 5}},
                                                      {{4}, {2, 3, 4}},
                                                      {{2, 1, 4, 1}, {3, 1, 5}},
                                                      {{1}, {2, 1, 3, 1, 2, 2}},
                                                      {{2, 1, 3, 1, 2, 2}, {2, 1, 4, 1, 2}}};
  for (const BinaryRow& row : kBinary) {
    for (const auto& [a, b] : pairs) rows.push_back(binary_case(row, {a}, {b}));
    rows.push_back(binary_case(row, {{2, 3, 4, 5}}, weight({1, 3, 1, 1})));
    rows.push_back(binary_case(row, {{2, 7}}, weight({7})));
  }
  rows.push_back(binary_case(kBinary[0], {{1, 144, 64, 64}}, {{1, 144, 64, 64}}));
  rows.back().timed = true;
  rows.push_back(binary_case(kBinary[2], {{1, 144, 64, 64}}, weight({1, 144, 1, 1})));
  rows.back().timed = true;
}

void add_operators(std::vector<OpCase>& rows) {
  rows.push_back({"binary/the operators between values",
                  {{{3, 4}}, {{3, 1}}, positive({4})},
                  [](const Values& v) { return (v[0] + v[1]) * (v[0] - v[2]) / v[2]; },
                  [](const Arrays& a) {
                    return Array({3, 4}, [&](const Index& i) {
                      const double x = a[0](i), y = a[1]({i[0], 0}), z = a[2]({i[1]});
                      return (x + y) * (x - z) / z;
                    });
                  }});
  rows.push_back({"binary/the operators with numbers",
                  {{{2, 3}}},
                  [](const Values& v) { return 1.5F - ((v[0] + 0.5F) * 3.0F - 0.25F) / 7.0F; },
                  [](const Arrays& a) {
                    return map(a[0], [](double x) { return 1.5 - ((x + 0.5) * 3.0 - 0.25) / 7.0; });
                  }});
}

template <typename T>
OpCase constant_case(const char* name, Shape shape, std::vector<T> values) {
  const Tensor tensor = Tensor::from<T>(std::move(shape), std::move(values));
  return {std::string("constant/") + name,
          {{{2, 3}}},
          [=](const Values& v) { return v[0] + nn::constant(v[0], tensor); },
          [=](const Arrays& a) { return zip(a[0], Array(tensor), std::plus<>()); }};
}

void add_constants(std::vector<OpCase>& rows) {
  rows.push_back(constant_case<float>("float32", {2, 3}, {1, -2, 0.5F, 4, 5, 6}));
  rows.push_back(constant_case<double>("float64", {3}, {0.1, -0.2, 0.3}));
  rows.push_back(constant_case<std::int64_t>("int64", {2, 1}, {1, -2}));
  rows.push_back(constant_case<std::int32_t>("int32", {}, {-7}));
  rows.push_back(constant_case<std::uint8_t>("uint8", {1, 3}, {0, 1, 255}));
  rows.push_back({"constant/the same one twice",
                  {{{4}}},
                  [](const Values& v) {
                    const Value half = nn::constant(v[0], 0.5F);
                    return v[0] * half + half;
                  },
                  [](const Arrays& a) { return map(a[0], [](double x) { return x * 0.5 + 0.5; }); }});
}

OpCase clamp_case(const Shape& shape, float low, float high) {
  return {fmt::format("clamp/{} to {} .. {}", to_string(shape), low, high),
          {{shape, -4, 4}},
          [=](const Values& v) { return nn::clamp(v[0], low, high); },
          [=](const Arrays& a) {
            return map(a[0], [=](double x) { return std::min(std::max(x, double(low)), double(high)); });
          }};
}

}  // namespace

std::vector<OpCase> elementwise_cases() {
  std::vector<OpCase> rows;
  add_unary(rows);
  add_binary(rows);
  add_operators(rows);
  add_constants(rows);
  for (const Shape& shape : kShapes) rows.push_back(clamp_case(shape, -1.5F, 0.75F));
  rows.push_back(clamp_case({3, 7}, 0, 6));
  rows.push_back(clamp_case({3, 7}, 1, 1));
  rows.push_back({"tap/of what goes on",
                  {{{3, 4}}},
                  [](const Values& v) { return nn::tap("before", v[0] * 2.0F) + 1.0F; },
                  [](const Arrays& a) { return map(a[0], [](double x) { return 2 * x + 1; }); }});
  return rows;
}

}  // namespace anomalyvlm::test
