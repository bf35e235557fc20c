#include "serve/service/store.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <array>

#include "core/check.h"

namespace anomalyvlm::serve {

std::string random_id() {
  std::array<unsigned char, 16> bytes{};
  AVLM_CHECK(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  std::string id;
  for (const unsigned char byte : bytes) id += fmt::format("{:02x}", byte);
  return id;
}

}  // namespace anomalyvlm::serve
