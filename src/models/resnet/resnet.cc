#include "models/resnet/resnet.h"

#include <algorithm>
#include <functional>

#include "nn/layers.h"

namespace anomalyvlm {
namespace {

using nn::Scope;
using nn::Value;

constexpr std::int64_t kStemChannels = 64;
constexpr std::int64_t kExpansion = 4;  // a block's outputs for each of its planes

Value conv(const Scope& at, const Value& x, std::int64_t out, std::int64_t kernel, std::int64_t stride = 1,
           std::int64_t groups = 1) {
  return nn::conv2d(at, x, out, kernel, {stride, nn::same_padding(kernel / 2), 1, groups}, /*bias=*/false);
}

// A bottleneck: 1 x 1, 3 x 3 and 1 x 1 convolutions. The 3 x 3 convolution has the stride (torchvision's
// "v1.5").
Value bottleneck(const Scope& at, const ResNetConfig& c, const Value& x, std::int64_t planes,
                 std::int64_t stride) {
  const std::int64_t out = planes * kExpansion, width = planes * c.width_per_group / 64 * c.groups;
  const auto norm = [&](const char* name, const Value& v) { return nn::batch_norm(at / name, v, c.bn_eps); };
  Value y = relu(norm("bn1", conv(at / "conv1", x, width, 1)));
  y = relu(norm("bn2", conv(at / "conv2", y, width, 3, stride, c.groups)));
  y = norm("bn3", conv(at / "conv3", y, out, 1));
  if (stride == 1 && x.dim(1) == out) return relu(y + x);
  const Scope shortcut = at / "downsample";
  return relu(y + nn::batch_norm(shortcut / 1, conv(shortcut / 0, x, out, 1, stride), c.bn_eps));
}

void require_buildable(const ResNetConfig& c) {
  const std::vector<int>& out = c.out_indices;
  const bool ascending = std::adjacent_find(out.begin(), out.end(), std::greater_equal<>()) == out.end();
  if (out.empty() || !ascending || out.front() < 0 || out.back() > static_cast<int>(c.layers.size()))
    fail(ErrorKind::kBadModel,
         "ResNet: out_indices [{}] must be ascending numbers from 0 (stem) to {} layers.",
         fmt::join(out, ", "), c.layers.size());
  const bool blocks = std::all_of(c.layers.begin(), c.layers.end(), [](int count) { return count >= 1; });
  if (!blocks || c.groups < 1 || kStemChannels * c.width_per_group / 64 < 1)
    fail(ErrorKind::kBadModel, "ResNet: layers [{}], {} groups of width {} are not possible.",
         fmt::join(c.layers, ", "), c.groups, c.width_per_group);
}

}  // namespace

std::string ResNetConfig::description() const {
  return fmt::format("ResNet, layers {}, width {}, groups {}, eps {}, features {}", fmt::join(layers, " "),
                     width_per_group, groups, bn_eps, fmt::join(out_indices, " "));
}

std::vector<Value> resnet_features(const Scope& at, const ResNetConfig& config, const Value& image) {
  require_buildable(config);
  std::vector<Value> features;
  const auto give = [&](int index, const Value& x) {
    const std::vector<int>& wanted = config.out_indices;
    if (std::find(wanted.begin(), wanted.end(), index) != wanted.end()) features.push_back(x);
  };
  Value x = relu(nn::batch_norm(at / "bn1", conv(at / "conv1", image, kStemChannels, 7, 2), config.bn_eps));
  give(0, x);
  x = tap("stem", max_pool2d(x, {3, 2, nn::same_padding(1)}));
  std::int64_t planes = kStemChannels;
  for (int layer = 1; layer <= config.out_indices.back(); ++layer, planes *= 2) {
    const std::string name = fmt::format("layer{}", layer);
    for (int block = 0; block < config.layers[static_cast<std::size_t>(layer - 1)]; ++block) {
      const std::int64_t stride = block == 0 && layer > 1 ? 2 : 1;
      x = bottleneck(at / name / block, config, x, planes, stride);
    }
    give(layer, tap(name, x));
  }
  return features;
}

}  // namespace anomalyvlm
