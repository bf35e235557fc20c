#include "weights/seal.h"

#include <cstring>

#include "core/sha256.h"

namespace anomalyvlm {

std::string seal_of(std::span<const std::uint8_t> file, std::string_view digits) {
  std::uint64_t length = 0;
  if (file.size() < sizeof(length)) return {};
  std::memcpy(&length, file.data(), sizeof(length));
  if (length > file.size() - sizeof(length)) return {};
  const std::string_view start(reinterpret_cast<const char*>(file.data()),
                               sizeof(length) + static_cast<std::size_t>(length));
  const std::size_t at = start.find(digits, sizeof(length));
  if (digits.empty() || at == std::string_view::npos || start.find(digits, at + 1) != std::string_view::npos)
    return {};
  const std::string zeros(digits.size(), '0');
  Sha256 sum;
  sum.add(file.first(at));
  sum.add({reinterpret_cast<const std::uint8_t*>(zeros.data()), zeros.size()});
  sum.add(file.subspan(at + digits.size()));
  return sum.hex();
}

void require_seal(std::span<const std::uint8_t> file, const WeightFile& weights) {
  const auto seal = weights.metadata().find(kSeal);
  if (seal == weights.metadata().end() && weights.metadata().contains("data_sha256"))
    fail(ErrorKind::kBadModel,
         "'{}' was converted by an earlier version, whose SHA-256 leaves out the tensors' names; convert it "
         "again",
         weights.source());
  if (seal == weights.metadata().end())
    fail(ErrorKind::kBadModel, "'{}' carries no SHA-256 by which it could be verified", weights.source());
  if (seal_of(file, seal->second) != seal->second)
    fail(ErrorKind::kBadModel,
         "'{}' is damaged: it has another SHA-256 than it says; get it, or convert it, again",
         weights.source());
}

}  // namespace anomalyvlm
