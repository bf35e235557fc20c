// From a network's layers to vectors.
#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "core/threads.h"
#include "methods/patchcore/patchcore.h"

namespace anomalyvlm::patchcore {
namespace {

void require_layer(const Tensor& layer) {
  if (layer.rank() != 4 || layer.dim(0) != 1 || layer.size() == 0 || layer.dtype() != DType::kF32)
    fail(ErrorKind::kBadInput, "PatchCore: a layer must be float32 [1, C, h, w], not {}.",
         to_string(layer.shape()));
}

// Means over bins, as torch's adaptive_avg_pool1d.
class Pooling {
 public:
  Pooling(std::size_t from, std::size_t to) : begin_(to), end_(to) {
    for (std::size_t i = 0; i < to; ++i) {
      begin_[i] = i * from / to;
      end_[i] = ((i + 1) * from + to - 1) / to;
    }
  }
  void operator()(const float* in, float* out) const {
    for (std::size_t i = 0; i < begin_.size(); ++i) {
      double sum = 0;
      for (std::size_t k = begin_[i]; k < end_[i]; ++k) sum += static_cast<double>(in[k]);
      out[i] = static_cast<float>(sum / static_cast<double>(end_[i] - begin_[i]));
    }
  }

 private:
  std::vector<std::size_t> begin_, end_;
};

// A layer, its channels next to each other, and where its patches are.
class Patches {
 public:
  Patches(const Tensor& layer, const Config& config)
      : channels_(layer.dim(1)),
        height_(layer.dim(2)),
        width_(layer.dim(3)),
        patch_(config.patch_size),
        stride_(config.patch_stride),
        padding_((config.patch_size - 1) / 2),
        grid_(patch_grid({height_, width_}, config)),
        cells_(static_cast<std::size_t>(layer.size())) {
    const float* from = layer.floats().data();
    const std::int64_t places = height_ * width_;
    parallel_for(places, 16, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t c = 0; c < channels_; ++c)
        for (std::int64_t i = begin; i < end; ++i)
          cells_[static_cast<std::size_t>(i * channels_ + c)] = from[c * places + i];
    });
  }

  Extent grid() const { return grid_; }
  std::size_t numbers() const { return static_cast<std::size_t>(channels_ * patch_ * patch_); }

  // [C, patch_size, patch_size] of the patch at row y, column x.
  void copy(std::int64_t y, std::int64_t x, float* out) const {
    for (std::int64_t tap = 0; tap < patch_ * patch_; ++tap) {
      const std::int64_t row = y * stride_ - padding_ + tap / patch_,
                         column = x * stride_ - padding_ + tap % patch_;
      const bool inside = row >= 0 && row < height_ && column >= 0 && column < width_;
      const float* from = inside ? cells_.data() + (row * width_ + column) * channels_ : nullptr;
      for (std::int64_t c = 0; c < channels_; ++c) out[c * patch_ * patch_ + tap] = inside ? from[c] : 0;
    }
  }

 private:
  std::int64_t channels_, height_, width_, patch_, stride_, padding_;
  Extent grid_;
  std::vector<float> cells_;  // [h, w, C]
};

// P_l at the layer's own grid: [patches, layer_size].
struct Pooled {
  Extent grid;
  std::vector<float> vectors;
};

Pooled pooled(const Tensor& layer, const Config& config) {
  const Patches patches(layer, config);
  const Pooling pooling(patches.numbers(), static_cast<std::size_t>(config.layer_size));
  Pooled out{patches.grid(), std::vector<float>(static_cast<std::size_t>(patches.grid().places()) *
                                                static_cast<std::size_t>(config.layer_size))};
  parallel_for(out.grid.places(), 8, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> patch(patches.numbers());
    for (std::int64_t i = begin; i < end; ++i) {
      patches.copy(i / out.grid.width, i % out.grid.width, patch.data());
      pooling(patch.data(), out.vectors.data() + i * config.layer_size);
    }
  });
  return out;
}

// Between which two cells of a line place i of another line lies, as torch's interpolate
// (align_corners=False).
struct Between {
  std::int64_t first, second;
  float weight;  // the second's
};
Between between(std::int64_t i, std::int64_t places, std::int64_t cells) {
  const float scale = static_cast<float>(cells) / static_cast<float>(places);
  const float at = std::max(scale * (static_cast<float>(i) + 0.5F) - 0.5F, 0.0F);
  const std::int64_t first = std::min(static_cast<std::int64_t>(at), cells - 1);
  return {first, std::min(first + 1, cells - 1), at - static_cast<float>(first)};
}

// P_l at place (y, x) of a grid.
void copy_between(const Pooled& layer, Extent grid, std::int64_t y, std::int64_t x, std::size_t size,
                  float* out) {
  const auto row = [&](std::int64_t v, std::int64_t u) {
    return layer.vectors.data() + static_cast<std::size_t>(v * layer.grid.width + u) * size;
  };
  if (grid == layer.grid) {
    std::copy_n(row(y, x), size, out);
    return;
  }
  const Between v = between(y, grid.height, layer.grid.height), h = between(x, grid.width, layer.grid.width);
  const float *a = row(v.first, h.first), *b = row(v.first, h.second), *c = row(v.second, h.first),
              *d = row(v.second, h.second);
  for (std::size_t k = 0; k < size; ++k)
    out[k] = (1 - v.weight) * ((1 - h.weight) * a[k] + h.weight * b[k]) +
             v.weight * ((1 - h.weight) * c[k] + h.weight * d[k]);
}

}  // namespace

Extent patch_grid(Extent cells, const Config& config) {
  require_possible(config);
  const std::int64_t size = config.patch_size, padding = (size - 1) / 2;
  const Extent room{cells.height + 2 * padding - size, cells.width + 2 * padding - size};
  if (room.height < 0 || room.width < 0)
    fail(ErrorKind::kBadInput, "PatchCore: patches of {} x {} cells do not fit into a map of {} x {}.", size,
         size, cells.width, cells.height);
  return {room.height / config.patch_stride + 1, room.width / config.patch_stride + 1};
}

Tensor patchify(const Tensor& layer, const Config& config) {
  require_layer(layer);
  const Patches patches(layer, config);
  const Extent grid = patches.grid();
  Tensor out = Tensor::zeros({grid.places(), layer.dim(1), config.patch_size, config.patch_size});
  for (std::int64_t i = 0; i < grid.places(); ++i)
    patches.copy(i / grid.width, i % grid.width,
                 out.mutable_floats().data() + i * static_cast<std::int64_t>(patches.numbers()));
  return out;
}

Embedding embed(std::span<const Tensor> layers, const Config& config) {
  require_possible(config);
  if (layers.empty()) fail(ErrorKind::kBadInput, "PatchCore: there are no layers to embed.");
  std::vector<Pooled> all;
  for (const Tensor& layer : layers) {
    require_layer(layer);
    all.push_back(pooled(layer, config));
  }
  const auto size = static_cast<std::size_t>(config.layer_size);
  const Pooling pooling(size * all.size(), static_cast<std::size_t>(config.embedding_size));
  Embedding out{all.front().grid, config.embedding_size, {}};
  out.vectors.resize(static_cast<std::size_t>(out.grid.places()) * static_cast<std::size_t>(out.size));
  parallel_for(out.grid.places(), 16, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> joined(size * all.size());
    for (std::int64_t i = begin; i < end; ++i) {
      for (std::size_t l = 0; l < all.size(); ++l)
        copy_between(all[l], out.grid, i / out.grid.width, i % out.grid.width, size,
                     joined.data() + l * size);
      pooling(joined.data(), out.vectors.data() + i * out.size);
    }
  });
  return out;
}

}  // namespace anomalyvlm::patchcore
