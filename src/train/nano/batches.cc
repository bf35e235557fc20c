#include "train/nano/batches.h"

#include <algorithm>
#include <cstring>

#include "core/check.h"

namespace anomalyvlm::train {
namespace {

constexpr std::size_t kReadyAhead = 4;

at::Tensor mask_tensor(const Mask& mask) {
  at::Tensor t = at::empty({1, 1, mask.height, mask.width}, at::kByte);
  std::memcpy(t.data_ptr<std::uint8_t>(), mask.values.data(), mask.values.size());
  return t.to(at::kFloat);
}

at::Tensor pooled(const at::Tensor& map, std::int64_t factor) {
  return at::avg_pool2d(map, {factor, factor}, {factor, factor});
}

std::size_t family_index(const std::string& family) {
  const auto& families = synthetic::phrasebook().families();
  const auto is = [&](const synthetic::FamilyWords& f) { return f.family == family; };
  return static_cast<std::size_t>(std::find_if(families.begin(), families.end(), is) - families.begin());
}

}  // namespace

Batch draw_batch(std::uint64_t first_seed, int size, const synthetic::Options& options, int shrink) {
  const std::int64_t height = options.height, width = options.width;
  at::Tensor bytes = at::empty({size, height, width, 3}, at::kByte);
  std::vector<at::Tensor> defects, objects, instances;
  Batch batch;
  for (int i = 0; i < size; ++i) {
    const synthetic::Sample sample = synthetic::draw(first_seed + static_cast<std::uint64_t>(i), options);
    std::memcpy(bytes.data_ptr<std::uint8_t>() + i * height * width * 3, sample.image.rgb.data(),
                sample.image.rgb.size());
    at::Tensor map = at::empty({1, 1, height, width}, at::kFloat);
    std::memcpy(map.data_ptr<float>(), sample.defect_map.values.data(),
                sample.defect_map.values.size() * sizeof(float));
    defects.push_back(pooled(map, 2 * shrink));
    objects.push_back(pooled(mask_tensor(sample.object), 8 * shrink));
    for (const synthetic::DefectInstance& defect : sample.defects) {
      const at::Tensor cells = pooled(mask_tensor(defect.mask), 8 * shrink).flatten();
      const auto total = cells.sum().item<float>();
      if (total <= 0) continue;
      instances.push_back(cells / total);
      batch.labels.push_back({i, family_index(defect.family)});
    }
  }
  // NHWC in memory: what torch's convolutions like best on a CPU.
  batch.images = bytes.to(at::kFloat).permute({0, 3, 1, 2});
  if (shrink > 1) batch.images = pooled(batch.images, shrink);
  batch.defects = at::cat(defects);
  batch.objects = at::cat(objects);
  if (!instances.empty()) batch.instances = at::stack(instances);
  return batch;
}

BatchFeed::BatchFeed(int size, std::int64_t first_batch, std::uint64_t seed, const Schedule& schedule)
    : size_(size), seed_(seed), schedule_(schedule), thread_([this, first_batch] { work(first_batch); }) {}

BatchFeed::~BatchFeed() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void BatchFeed::work(std::int64_t batch) {
  try {
    for (;; ++batch) {
      synthetic::Options options;
      const double progress =
          std::min(1.0, static_cast<double>(batch * size_) / static_cast<double>(schedule_.ramp));
      options.min_visibility = schedule_.plain + (schedule_.faint - schedule_.plain) * progress;
      const int shrink = batch % schedule_.small_every == schedule_.small_every - 1 ? 2 : 1;
      Batch made = draw_batch(seed_ + static_cast<std::uint64_t>(batch * size_), size_, options, shrink);
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || ready_.size() < kReadyAhead; });
      if (stopping_) return;
      ready_.push_back(std::move(made));
      changed_.notify_all();
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    error_ = std::current_exception();
    changed_.notify_all();
  }
}

Batch BatchFeed::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return error_ || !ready_.empty(); });
  if (ready_.empty()) std::rethrow_exception(error_);
  Batch batch = std::move(ready_.front());
  ready_.pop_front();
  changed_.notify_all();
  return batch;
}

}  // namespace anomalyvlm::train
