// The fast pass in bfloat16, twice as many products an instruction: x86 with AVX-512 BF16, which this
// Highway does not use yet. search.cc bounds the rounding of rows and queries to bfloat16, and goes back to
// float32 where too much lies within that bound.
#include "kernels/nearest/implementations.h"

#if defined(__x86_64__) && (!defined(__clang__) || __clang_major__ > 16)  // clang 16 crashes on it
#include <immintrin.h>

#define AVLM_BF16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))
#define AVLM_EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)

namespace anomalyvlm {
namespace {

// As a type that intrinsics take; two bfloat16 in each 32 bits.
AVLM_BF16 inline __m512bh halves(__m512i bits) { return reinterpret_cast<__m512bh>(bits); }

template <int kVectors>
AVLM_BF16 void multiply_pairs(const std::uint32_t* panel, const std::uint32_t* const* rows, int pairs,
                              float* dots) {
  constexpr int kWidth = 16 * kVectors;
#define AVLM_START(r)                    \
  const std::uint32_t* row##r = rows[r]; \
  __m512 a##r = _mm512_setzero_ps(), b##r = a##r, c##r = a##r;
  AVLM_EACH(AVLM_START)
#undef AVLM_START
  for (int k = 0; k < pairs; ++k, panel += kWidth) {
    const __m512bh p0 = halves(_mm512_load_si512(panel));
    const __m512bh p1 = halves(_mm512_load_si512(panel + (kVectors > 1 ? 16 : 0)));
    const __m512bh p2 = halves(_mm512_load_si512(panel + (kVectors > 2 ? 32 : 0)));
#define AVLM_ADD(r)                                                            \
  {                                                                            \
    const __m512bh w = halves(_mm512_set1_epi32(static_cast<int>(row##r[k]))); \
    a##r = _mm512_dpbf16_ps(a##r, p0, w);                                      \
    if constexpr (kVectors > 1) b##r = _mm512_dpbf16_ps(b##r, p1, w);          \
    if constexpr (kVectors > 2) c##r = _mm512_dpbf16_ps(c##r, p2, w);          \
  }
    AVLM_EACH(AVLM_ADD)
#undef AVLM_ADD
  }
#define AVLM_PUT(r)                                                          \
  _mm512_store_ps(dots + r * kWidth, a##r);                                  \
  if constexpr (kVectors > 1) _mm512_store_ps(dots + r * kWidth + 16, b##r); \
  if constexpr (kVectors > 2) _mm512_store_ps(dots + r * kWidth + 32, c##r);
  AVLM_EACH(AVLM_PUT)
#undef AVLM_PUT
}

void pair_products(const std::uint32_t* panel, int width, const std::uint32_t* const* rows, int pairs,
                   float* dots) {
  if (width == 48) return multiply_pairs<3>(panel, rows, pairs, dots);
  if (width == 32) return multiply_pairs<2>(panel, rows, pairs, dots);
  multiply_pairs<1>(panel, rows, pairs, dots);
}

AVLM_BF16 void narrow(const float* from, std::size_t n, std::uint16_t* to) {
  for (std::size_t i = 0; i < n; i += 16) {
    const auto mask = static_cast<__mmask16>(n - i < 16 ? (1U << (n - i)) - 1 : 0xffffU);
    const __m256bh rounded = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, from + i));
    _mm256_mask_storeu_epi16(to + i, mask, reinterpret_cast<__m256i>(rounded));
  }
}

}  // namespace

bool has_avx512_bf16() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bf16");
}

void run_nearest_avx512_bf16(const NearestArguments& arguments) {
  NearestParts parts = simd_nearest_parts();
  parts.pair_products = pair_products;
  parts.narrow = narrow;
  search_nearest(arguments, parts);
}

}  // namespace anomalyvlm

#else

namespace anomalyvlm {

bool has_avx512_bf16() { return false; }
void run_nearest_avx512_bf16(const NearestArguments& arguments) { run_nearest_simd(arguments); }

}  // namespace anomalyvlm
#endif
