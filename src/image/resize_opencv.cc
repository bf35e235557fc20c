#include <atomic>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "core/check.h"
#include "core/threads.h"
#include "image/resize.h"

namespace anomalyvlm {
namespace {

// OpenCV has its own thread count, which follows the program's setting.
void follow_thread_count() {
  static std::atomic<int> applied{0};
  const int threads = thread_count();
  if (applied.exchange(threads) != threads) cv::setNumThreads(threads);
}

int cv_interpolation(Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::kNearest:
      return cv::INTER_NEAREST;
    case Interpolation::kLinear:
      return cv::INTER_LINEAR;
    case Interpolation::kCubic:
      return cv::INTER_CUBIC;
  }
  fail(ErrorKind::kBadInput, "there is no interpolation number {}", static_cast<int>(interpolation));
}

}  // namespace

template <typename T>
std::vector<T> resize_opencv(std::span<const T> pixels, int width, int height, int channels, int out_width,
                             int out_height, Interpolation interpolation) {
  AVLM_CHECK(width > 0 && height > 0 && channels >= 1 && channels <= 4 &&
             pixels.size() == static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * channels);
  AVLM_CHECK((!std::is_same_v<T, std::int32_t> || interpolation == Interpolation::kNearest));
  if (out_width < 1 || out_height < 1) {
    fail(ErrorKind::kBadInput, "cannot resize an image to {} x {} pixels", out_width, out_height);
  }
  follow_thread_count();
  std::vector<T> out(static_cast<std::size_t>(out_width) * static_cast<std::size_t>(out_height) * channels);
  const int type = CV_MAKETYPE(cv::DataType<T>::depth, channels);
  const cv::Mat from(height, width, type, const_cast<T*>(pixels.data()));
  cv::Mat to(out_height, out_width, type, out.data());
  try {
    cv::resize(from, to, to.size(), 0, 0, cv_interpolation(interpolation));
  } catch (const cv::Exception& error) {
    fail(ErrorKind::kBadInput, "cannot resize an image of {} x {} pixels to {} x {}: {}", width, height,
         out_width, out_height, error.err);
  }
  return out;
}

template std::vector<std::uint8_t> resize_opencv(std::span<const std::uint8_t>, int, int, int, int, int,
                                                 Interpolation);
template std::vector<std::int32_t> resize_opencv(std::span<const std::int32_t>, int, int, int, int, int,
                                                 Interpolation);
template std::vector<float> resize_opencv(std::span<const float>, int, int, int, int, int, Interpolation);
template std::vector<double> resize_opencv(std::span<const double>, int, int, int, int, int, Interpolation);

Image resize_linear(const Image& image, int width, int height) {
  return {width, height,
          resize_opencv<std::uint8_t>(image.rgb, image.width, image.height, 3, width, height,
                                      Interpolation::kLinear)};
}

FloatMap resize_linear(const FloatMap& map, int width, int height) {
  return {width, height,
          resize_opencv<float>(map.values, map.width, map.height, 1, width, height, Interpolation::kLinear)};
}

Mask resize_nearest(const Mask& mask, int width, int height) {
  return {width, height,
          resize_opencv<std::uint8_t>(mask.values, mask.width, mask.height, 1, width, height,
                                      Interpolation::kNearest)};
}

FloatMap resize_nearest(const FloatMap& map, int width, int height) {
  return {width, height,
          resize_opencv<float>(map.values, map.width, map.height, 1, width, height, Interpolation::kNearest)};
}

}  // namespace anomalyvlm
