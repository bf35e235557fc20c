#include <gtest/gtest.h>

#include <limits>

#include "anomalyvlm/error.h"
#include "kernels/deformable_attention_cases.h"
#include "kernels/forced.h"

namespace anomalyvlm {
namespace {

void expect_right(const DeformableAttentionCase& c, const DeformableAttention& a) {
  const std::int64_t step = c.timed ? 431 : 1;
  for (std::int64_t i = 0; i < a.batch * a.queries; i += step)
    for (std::int64_t head = 0; head < a.heads; ++head)
      for (std::int64_t channel = 0; channel < a.channels; channel += c.timed ? 7 : 1)
        ASSERT_NEAR(a.out[(i * a.heads + head) * a.channels + channel],
                    deformable_attention_reference(a, i / a.queries, i % a.queries, head, channel), 1e-4)
            << c.name << ", query " << i << ", head " << head << ", channel " << channel;
}

void check_attention_cases() {
  for (const DeformableAttentionCase& c : deformable_attention_cases()) {
    DeformableAttentionArrays arrays(c);
    const DeformableAttention a = arrays.arguments(c);
    deformable_attention(a);
    expect_right(c, a);
  }
}

TEST(DeformableAttentionTest, PortableAgreesWithDoublePrecision) {
  const Forced portable("portable");
  check_attention_cases();
}

TEST(DeformableAttentionTest, EveryInstructionSetAgreesWithDoublePrecision) {
  const Forced simd("deformable_attention=simd");
  with_every_instruction_set([](auto) { check_attention_cases(); });
}

TEST(DeformableAttentionTest, WhatIsNotFiniteLiesOutside) {
  const DeformableAttentionCase c = {"", 1, 8, 2, 20, 4, {{5, 6}, {3, 3}}};
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const float offset : {std::numeric_limits<float>::quiet_NaN(), kInfinity, -kInfinity,
                             std::numeric_limits<float>::max(), std::numeric_limits<float>::lowest()}) {
    for (const char* name : {"simd", "portable"}) {
      const Forced forced(name);
      DeformableAttentionArrays arrays(c);
      for (std::size_t i = 0; i < arrays.offsets.size(); i += 2) arrays.offsets[i + i / 2 % 2] = offset;
      deformable_attention(arrays.arguments(c));
      for (const float v : arrays.out) ASSERT_EQ(v, 0) << name << ", " << offset;
    }
  }
}

TEST(DeformableAttentionTest, TheNumberOfThreadsChangesNothing) {
  const DeformableAttentionCase c = {"", 2, 171, 3, 24, 4, {{12, 15}, {6, 8}}};
  for (const char* name : {"simd", "portable"}) {
    const Forced forced(name);
    std::vector<std::vector<float>> results;
    for (const int n : {1, 2, 3, 8}) {
      const Threads threads(n);
      DeformableAttentionArrays arrays(c);
      deformable_attention(arrays.arguments(c));
      results.push_back(arrays.out);
    }
    for (const auto& result : results) EXPECT_EQ(result, results[0]) << name;
  }
}

TEST(DeformableAttentionTest, ImpossibleExtentsAreRefused) {
  const DeformableAttentionCase fine = {"", 1, 1, 1, 1, 1, {{2, 2}}};
  DeformableAttentionArrays arrays(fine);
  const auto refused = [&](auto&& spoil) {
    DeformableAttention a = arrays.arguments(fine);
    spoil(a);
    EXPECT_THROW(deformable_attention(a), Error);
  };
  const std::vector<Extent> none, flat = {{0, 3}}, huge = {{1LL << 20, 1LL << 20}};
  refused([&](DeformableAttention& a) { a.maps = none; });
  refused([&](DeformableAttention& a) { a.maps = flat; });
  refused([&](DeformableAttention& a) { a.maps = huge; });
  refused([](DeformableAttention& a) { a.points = 0; });
  refused([](DeformableAttention& a) { a.channels = -1; });
}

}  // namespace
}  // namespace anomalyvlm
