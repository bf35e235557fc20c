#include "image/tiff_sample_limits.h"

#include <algorithm>

#include "image/tiff_block.h"

namespace anomalyvlm::codec {
namespace {

constexpr std::uint32_t kMinSampleValue = 280, kMaxSampleValue = 281, kShort = 3;
constexpr int kMostDirectories = 1000;

class Patch {
 public:
  explicit Patch(std::span<const std::uint8_t> bytes) : block_(bytes) {}

  std::vector<std::uint8_t> run() {
    if (block_.number(2, 2) != 42) return {};
    std::size_t directory = block_.number(4, 4);
    for (int i = 0; i < kMostDirectories && directory != 0; ++i) {
      const std::size_t entries = block_.number(directory, 2);
      for (std::size_t e = 0; e < entries; ++e) change(directory + 2 + 12 * e);
      directory = block_.number(directory + 2 + 12 * entries, 4);
    }
    return std::move(copy_);
  }

 private:
  void change(std::size_t entry) {
    const std::uint32_t tag = block_.number(entry, 2), count = block_.number(entry + 4, 4);
    if ((tag != kMinSampleValue && tag != kMaxSampleValue) || block_.number(entry + 2, 2) != kShort) return;
    if (count < 2 || count > 64 || entry + 12 > block_.bytes.size()) return;
    const std::size_t values = count * 2 <= 4 ? entry + 8 : block_.number(entry + 8, 4);
    std::uint32_t most = 0;
    for (std::uint32_t i = 0; i < count; ++i) most = std::max(most, block_.number(values + 2 * i, 2));
    if (copy_.empty()) copy_.assign(block_.bytes.begin(), block_.bytes.end());
    write(entry + 4, 4, 1);
    write(entry + 8, 2, most);
  }

  void write(std::size_t at, int size, std::uint32_t value) {
    for (int i = 0; i < size; ++i)
      copy_[at + block_.place(i, size)] = static_cast<std::uint8_t>(value >> 8 * i);
  }

  TiffBlock block_;  // of the original: what is changed is read before
  std::vector<std::uint8_t> copy_;
};

}  // namespace

std::vector<std::uint8_t> with_common_sample_limits(std::span<const std::uint8_t> bytes) {
  return Patch(bytes).run();
}

}  // namespace anomalyvlm::codec
