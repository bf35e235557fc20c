#pragma once
// Random numbers that are the same on every machine and compiler (the standard's distributions are not).
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace anomalyvlm::synthetic {

struct Variation;

class Rng {
 public:
  explicit Rng(std::uint64_t seed) {
    for (auto& s : state_) s = mix(seed += 0x9E3779B97F4A7C15ull);
  }

  std::uint64_t bits() {
    const std::uint64_t result = rotl(state_[1] * 5, 7) * 9, t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotl(state_[3], 45);
    return result;
  }

  double unit() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }                   // [0, 1)
  float u(double a, double b) { return static_cast<float>(a + (b - a) * unit()); }          // uniform
  float lu(double a, double b) { return static_cast<float>(a * std::pow(b / a, unit())); }  // log-uniform
  bool p(double probability) { return unit() < probability; }
  int i(int a, int b) { return a + static_cast<int>(unit() * (b - a + 1)); }  // whole, both ends included
  int sign() { return bits() & 1 ? 1 : -1; }
  float n(double mean = 0, double deviation = 1) {  // normal
    const double r = std::sqrt(-2 * std::log(1 - unit())), a = 6.283185307179586 * unit();
    return static_cast<float>(mean + deviation * r * std::cos(a));
  }
  template <typename T>
  T pick(std::initializer_list<T> from) {
    return from.begin()[i(0, static_cast<int>(from.size()) - 1)];
  }
  std::size_t weighted(std::span<const float> weights) {  // an index, as often as its weight says
    double total = 0;
    for (const float w : weights) total += w;
    double at = unit() * total;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      if ((at -= weights[k]) < 0) return k;
    }
    return weights.size() - 1;
  }
  // Where several images of one product are made, its design comes from this stream, and what differs from
  // image to image from another one; nullptr: there is just one image.
  Variation* variation() const { return variation_; }
  Rng& varied_by(Variation* variation) {
    variation_ = variation;
    return *this;
  }

 private:
  static std::uint64_t rotl(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  std::uint64_t state_[4];
  Variation* variation_ = nullptr;
};

// What differs between images of one product, and how much it may.
struct Variation {
  Rng rng;
  bool roams = false;       // any part of the surface may be in view; strewn objects lie anywhere
  bool turns = false;       // objects lie at any angle
  bool free_light = false;  // light comes from anywhere
  float sway = 0.01f;       // deviation of a fixtured object's place, in images, and angle, in radians
};

// The stream for natural variation: of the image where `rng` makes a product, otherwise `rng` itself.
inline Rng& natural(Rng& rng) { return rng.variation() ? rng.variation()->rng : rng; }

}  // namespace anomalyvlm::synthetic
