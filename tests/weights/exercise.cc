#include "weights/exercise.h"

#include <cstdlib>
#include <numeric>

#include "weights/fixtures.h"

namespace anomalyvlm::test {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void read_all(const Tensor& tensor) {
  const auto* data = static_cast<const std::uint8_t*>(tensor.raw());
  require(tensor.size() == 0 || reinterpret_cast<std::uintptr_t>(data) % size_of(tensor.dtype()) == 0);
  [[maybe_unused]] static volatile std::uint8_t seen;  // so that the reads stay
  seen = std::accumulate(
      data, data + tensor.bytes(), std::uint8_t{0},
      [](std::uint8_t sum, std::uint8_t byte) { return static_cast<std::uint8_t>(sum ^ byte); });
}

bool is_one_short_line(std::string_view text) {
  constexpr std::size_t kLongest = 500;
  return text.size() < kLongest && text.find('\n') == std::string_view::npos;
}

}  // namespace

void exercise_weights(std::span<const std::uint8_t> bytes) {
  try {
    const auto file = load({bytes.begin(), bytes.end()});
    for (const auto& [name, tensor] : file->tensors()) read_all(tensor);
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::kBadModel && is_one_short_line(error.what()));
  }
}

void exercise_torch(std::span<const std::uint8_t> bytes) {
  exercise_weights(bytes);
  if (bytes.size() < 2 || bytes[0] != 0x80) return;
  Bytes numbers(64);
  std::iota(numbers.begin(), numbers.end(), std::uint8_t{0});
  exercise_weights(make_torch_zip({bytes.begin(), bytes.end()}, {{"0", numbers}, {"1", Bytes(7, 1)}}));
}

}  // namespace anomalyvlm::test
