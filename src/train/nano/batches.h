#pragma once
// Batches of synthetic images, made ahead of the training loop on threads of their own.
#include <ATen/ATen.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "train/synthetic/synthetic.h"

namespace anomalyvlm::train {

// Compact, as it is generated and copied to a GPU: see Batch::to().
struct Batch {
  at::Tensor images;     // [B, 3, H, W] bytes, channels last in memory
  at::Tensor defects;    // [B, 1, H/2, W/2] bytes, soft, 0..255
  at::Tensor objects;    // [B, 1, H/8, W/8] bytes, 255 times the share of the cell that belongs to the object
  at::Tensor instances;  // [I, H/8, W/8], each row sums to 1: where one defect lies; I may be 0
  at::Tensor image_index;  // [I] of the image in the batch
  at::Tensor families;     // [I] index in the phrasebook

  // Good images to compare with; undefined where there are none.
  at::Tensor references;      // [R, 3, H, W] bytes
  at::Tensor reference_pool;  // [R] the pool that each of them belongs to
  at::Tensor pool;            // [B] the pool that each image is compared with

  bool has_references() const { return references.defined(); }
  // On a device as the loss and the network want it: images 0..255, defects and objects 0..1, in float32.
  Batch to(const at::Device& device) const;
  Batch flipped(bool vertical, bool horizontal) const;
};

// Seeds first_seed ... first_seed + size - 1. `shrink`: images are rendered as the options say and then
// reduced by this factor, 1 or 2; H and W above are the size after that.
Batch draw_batch(std::uint64_t first_seed, int size, const synthetic::Options& options, int shrink = 1);

// Batches of the same kind from images that are there already.
Batch make_batch(const std::vector<synthetic::Sample>& samples, int shrink);
at::Tensor image_bytes(const std::vector<synthetic::Sample>& samples, int shrink);  // Batch::images

// How the images of a batch are compared with good ones.
struct Comparison {
  int images = 4;             // of each product
  int references = 0;         // in each pool; 0: 1 to 8
  double contaminated = 0.1;  // share of the pools of two or more of which one is not good
  double others = 0.3;  // share of the pools that are of another product, half of them of the same family
};
// `size` images, a multiple of comparison.images, of the products first_product and following, with pools.
Batch draw_product_batch(std::uint64_t first_product, int size, const synthetic::Options& options,
                         const Comparison& comparison, int shrink = 1);

// A curriculum: defects become fainter over the first images.
struct Schedule {
  double plain = 3.0, faint = 1.2;  // visibility that a defect needs, at the start and after the ramp
  std::int64_t ramp = 12000;        // images; 0: faint from the start
  int compare_every = 0;            // every nth batch has references; 0: none
  double small = 1 / 3.0;  // share of the batches (of either kind) of half the size, like the coarser scale
};
// The batch of this number in a training run.
Batch draw_training_batch(std::int64_t number, int size, std::uint64_t seed, const Schedule& schedule);

// Makes batches `first`, `first` + 1, ... on several threads, and gives them in that order.
class BatchFeed {
 public:
  BatchFeed(std::int64_t first, int threads, std::function<Batch(std::int64_t number)> make);
  ~BatchFeed();
  Batch next();                     // rethrows what the generator threw
  std::optional<Batch> if_ready();  // the same, but nothing when it would have to wait

 private:
  void work();
  Batch take();  // locked

  std::function<Batch(std::int64_t)> make_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::int64_t, Batch> ready_;
  std::int64_t given_, begun_, ahead_;  // numbers of the next to be given and to be begun; how far apart
  std::exception_ptr error_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace anomalyvlm::train
