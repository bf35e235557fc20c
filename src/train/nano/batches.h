#pragma once
// Batches of drawn pictures, made ahead of the training loop on a thread of their own.
#include <ATen/ATen.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "train/synthetic/synthetic.h"

namespace anomalyvlm::train {

struct Instance {
  std::int64_t picture = 0;  // index in the batch
  std::size_t family = 0;    // index in the phrasebook
};

struct Batch {
  at::Tensor images;   // [B, 3, H, W], 0..255
  at::Tensor defects;  // [B, 1, H/2, W/2], soft, 0..1
  at::Tensor objects;  // [B, 1, H/8, W/8], share of the cell that belongs to the object
  at::Tensor
      instances;  // [I, H/8 * W/8], each row sums to 1: where one defect lies; undefined if there is none
  std::vector<Instance> labels;  // of the rows of `instances`
};

// Seeds first_seed ... first_seed + size - 1. `shrink`: pictures are drawn as the options say and then made
// so many times smaller, 1 or 2; H and W above are what is left.
Batch draw_batch(std::uint64_t first_seed, int size, const synthetic::Options& options, int shrink = 1);

// Defects get from plain to faint over the first pictures.
struct Schedule {
  double plain = 3.0, faint = 1.2;  // visibility that a defect needs, at the start and after the ramp
  std::int64_t ramp = 12000;        // pictures
  int small_every = 3;              // every so many batches is of half the size, as the coarser look is
};

class BatchFeed {
 public:
  BatchFeed(int size, std::int64_t first_batch, std::uint64_t seed, const Schedule& schedule);
  ~BatchFeed();
  Batch next();  // throws what the drawing threw

 private:
  void work(std::int64_t batch);

  int size_;
  std::uint64_t seed_;
  Schedule schedule_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> ready_;
  std::exception_ptr error_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace anomalyvlm::train
