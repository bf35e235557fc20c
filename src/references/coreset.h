#pragma once
// The rows of a bank that stand for all of them: the approximate greedy coreset of PatchCore (K. Roth et al.,
// "Towards Total Recall in Industrial Anomaly Detection", CVPR 2022, section 3.2, algorithm 1), as the
// authors' code computes it (amazon-science/patchcore-inspection, ApproximateGreedyCoresetSampler):
//
//   z = x W^T, a random projection, where x has other than `projected` numbers; else z = x
//   d_i = mean over the starting points s of |z_i - z_s|
//   int(N p) times: the row of the largest d_i is picked (of equal ones the first), and d_i becomes
//   min(d_i, |z_i - z_picked|)
//
// So the starting points are not picked for being such, and a row keeps its mean distance until a pick is
// nearer. Where all are at distance 0, the first row that was not picked yet is next. Distances are sums of
// squared differences in double precision, where the authors' float32 code uses |a|^2 + |b|^2 - 2ab; picks
// are the same unless distances agree to about six digits.
#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

#include "core/tensor.h"

namespace anomalyvlm {

struct CoresetOptions {
  double share = 0.1;        // p, above 0, at most 1
  int projected = 128;       // numbers of z, 1 to 65536
  int starting_points = 10;  // 1 or more; all rows, if there are fewer
  std::uint64_t seed = 0;    // of the projection and the starting points
};

// What is random otherwise. With the authors' own values the picks are theirs; their random streams (torch's
// and numpy's) are not reproduced from a seed.
struct CoresetDraws {
  Tensor projection;                          // W, float32 [projected, size]; undefined: by the seed
  std::vector<std::int64_t> starting_points;  // rows; empty: by the seed
};

struct CoresetHooks {
  std::function<void(std::size_t done, std::size_t all)> progress;  // picks; about a hundred times
  std::stop_token stop;  // a request ends the work with Error(kCancelled)
};

// The picked rows in their order, int(N p) in double precision, none twice. rows:
// float32 or bfloat16 [N, size], for instance in a mapped file. Besides them, N x projected floats are in
// memory. The same on every machine and for any number of threads. Throws Error(kBadInput) for options out of
// range and draws that do not fit, kCancelled.
std::vector<std::int64_t> greedy_coreset(const Tensor& rows, const CoresetOptions& options,
                                         const CoresetHooks& hooks = {}, const CoresetDraws& draws = {});

// W by the seed: uniform in +-1 / sqrt(size), as the authors' layer is initialised, from the standard's
// mt19937_64, row by row: (2 v - 1) / sqrt(size) with v = the upper 53 bits over 2^53.
Tensor coreset_projection(int projected, int size, std::uint64_t seed);
// So many different rows by the seed: from mt19937_64 of the seed + 1, the first steps of a Fisher-Yates
// shuffle, row i + value mod (N - i).
std::vector<std::int64_t> coreset_starting_points(int count, std::int64_t rows, std::uint64_t seed);

}  // namespace anomalyvlm
