#pragma once
// SHA-256, which identifies weight files.
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace anomalyvlm {

// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::span<const std::uint8_t> bytes);

// The same for data that arrives in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::span<const std::uint8_t> bytes);
  std::string hex();  // of all that were added; once, at the end

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace anomalyvlm
