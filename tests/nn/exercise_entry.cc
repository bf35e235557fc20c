#include "nn/exercise_entry.h"

#include <cstdlib>
#include <cstring>

#include "nn/engines/graph_cache.h"

namespace anomalyvlm::test {
namespace {

constexpr std::string_view kName = "0123456789abcdef0123456789abcdef.graph";

void require(bool condition) {
  if (!condition) std::abort();
}

void read(std::string bytes) {
  const auto file = std::make_shared<const std::string>(std::move(bytes));
  const auto entry = nn::read_entry(kName, file);
  if (!entry) return;
  const auto* begin = reinterpret_cast<const std::uint8_t*>(file->data());
  require(entry->blob.data() >= begin && entry->blob.data() + entry->blob.size() == begin + file->size());
  require(entry->proof.size() * sizeof(float) + entry->blob.size() <= file->size());
}

}  // namespace

void exercise_entry(std::span<const std::uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  read(std::string(text));
  const float proof[] = {1, 2};
  const std::string sound = nn::write_entry(kName, proof, text);
  const auto back = nn::read_entry(kName, std::make_shared<const std::string>(sound));
  require(back && back->proof == std::vector<float>{1, 2} && back->blob.size() == text.size());
  const std::size_t magic = sound.find('\n') + 1, header = magic + sizeof(std::uint32_t);
  const auto size = static_cast<std::uint32_t>(text.size());
  std::string other = sound.substr(0, magic);
  other.append(reinterpret_cast<const char*>(&size), sizeof size);
  read(other + std::string(text) + sound.substr(header));
}

}  // namespace anomalyvlm::test
