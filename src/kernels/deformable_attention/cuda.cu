// One thread for each output value: the threads of a head read neighbouring values, and what all of them need
// - locations and weights - comes from the cache.
#include <algorithm>

#include "kernels/deformable_attention/cuda.h"

namespace anomalyvlm {
namespace {

struct Maps {
  int count = 0;
  int height[kMostCudaMaps], width[kMostCudaMaps];
  long long first[kMostCudaMaps];  // the map's first place
};

struct Arguments {
  const float *value, *reference, *offsets, *weights;
  float* out;
  long long batch, queries, places, total;
  int heads, channels, points;
  bool one_reference, boxes;
};

// What lies at (x, y) in cells, 0 outside. `plane`: a map of one channel, `stride` numbers between cells.
__device__ float sample(const float* plane, long long stride, int height, int width, float x, float y) {
  if (!(x > -1 && y > -1 && x < static_cast<float>(width) && y < static_cast<float>(height))) return 0;
  const int left = static_cast<int>(floorf(x)), top = static_cast<int>(floorf(y));
  const float across = x - static_cast<float>(left), down = y - static_cast<float>(top);
  const auto cell = [&](int row, int column) {
    return row >= 0 && row < height && column >= 0 && column < width
               ? plane[(static_cast<long long>(row) * width + column) * stride]
               : 0.0F;
  };
  return (cell(top, left) * (1 - across) + cell(top, left + 1) * across) * (1 - down) +
         (cell(top + 1, left) * (1 - across) + cell(top + 1, left + 1) * across) * down;
}

__global__ void attend(Arguments a, Maps maps) {
  const long long stride = static_cast<long long>(a.heads) * a.channels;
  for (long long i = blockIdx.x * static_cast<long long>(blockDim.x) + threadIdx.x; i < a.total;
       i += static_cast<long long>(gridDim.x) * blockDim.x) {
    const long long query = i / stride, b = query / a.queries;
    const int head = static_cast<int>(i % stride / a.channels);
    const float* reference =
        a.reference + (a.one_reference ? query % a.queries : query) * maps.count * (a.boxes ? 4 : 2);
    const long long look = (query * a.heads + head) * maps.count * a.points;
    const float *offsets = a.offsets + 2 * look, *weights = a.weights + look;
    const float* value = a.value + b * a.places * stride + i % stride;
    float sum = 0;
    for (int m = 0; m < maps.count; ++m, reference += a.boxes ? 4 : 2) {
      const float width = static_cast<float>(maps.width[m]), height = static_cast<float>(maps.height[m]);
      const float unit_x = a.boxes ? reference[2] * width / static_cast<float>(2 * a.points) : 1;
      const float unit_y = a.boxes ? reference[3] * height / static_cast<float>(2 * a.points) : 1;
      const float* plane = value + maps.first[m] * stride;
      for (int p = 0; p < a.points; ++p, offsets += 2, ++weights)
        sum += *weights * sample(plane, stride, maps.height[m], maps.width[m],
                                 reference[0] * width - 0.5F + offsets[0] * unit_x,
                                 reference[1] * height - 0.5F + offsets[1] * unit_y);
    }
    a.out[i] = sum;
  }
}

}  // namespace

const char* start_deformable_attention_cuda(const DeformableAttention& given, void* stream) {
  Maps maps;
  long long place = 0;
  for (const Extent& map : given.maps) {
    maps.height[maps.count] = static_cast<int>(map.height);
    maps.width[maps.count] = static_cast<int>(map.width);
    maps.first[maps.count++] = place;
    place += map.places();
  }
  const Arguments a = {given.value,
                       given.reference,
                       given.offsets,
                       given.weights,
                       given.out,
                       given.batch,
                       given.queries,
                       place,
                       given.batch * given.queries * given.heads * given.channels,
                       static_cast<int>(given.heads),
                       static_cast<int>(given.channels),
                       static_cast<int>(given.points),
                       given.one_reference,
                       given.boxes};
  constexpr int kThreads = 256;
  constexpr long long kMostBlocks = 1 << 20;  // beyond, a thread takes several numbers
  const auto blocks = static_cast<unsigned>(std::min((a.total + kThreads - 1) / kThreads, kMostBlocks));
  attend<<<blocks, kThreads, 0, static_cast<cudaStream_t>(stream)>>>(a, maps);
  const cudaError_t error = cudaGetLastError();
  return error == cudaSuccess ? nullptr : cudaGetErrorString(error);
}

}  // namespace anomalyvlm
