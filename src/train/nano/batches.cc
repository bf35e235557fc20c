#include "train/nano/batches.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

#include "core/check.h"
#include "core/tensor.h"

namespace anomalyvlm::train {
namespace {

// Plain loops: torch's own operations would start a pool of threads on each of the generator's threads.
template <typename T>
std::vector<float> pooled(std::span<const T> values, std::int64_t width, std::int64_t factor) {
  const std::int64_t height = static_cast<std::int64_t>(values.size()) / width;
  std::vector<float> means(static_cast<std::size_t>((height / factor) * (width / factor)), 0.0F);
  const float share = 1.0F / static_cast<float>(factor * factor);
  for (std::int64_t y = 0; y < height / factor * factor; ++y) {
    float* row = means.data() + y / factor * (width / factor);
    for (std::int64_t x = 0; x < width / factor * factor; ++x)
      row[x / factor] += share * static_cast<float>(values[y * width + x]);
  }
  return means;
}

std::uint8_t to_byte(float share) { return static_cast<std::uint8_t>(share * 255.0F + 0.5F); }

void copy_image(const Image& from, int shrink, std::uint8_t* to) {
  const std::int64_t width = from.width / shrink, height = from.height / shrink;
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        int sum = shrink * shrink / 2;
        for (int dy = 0; dy < shrink; ++dy)
          for (int dx = 0; dx < shrink; ++dx)
            sum += from.rgb[((y * shrink + dy) * from.width + x * shrink + dx) * 3 + c];
        *to++ = static_cast<std::uint8_t>(sum / (shrink * shrink));
      }
    }
  }
}

void copy_shares(const std::vector<float>& shares, std::uint8_t* to) {
  std::transform(shares.begin(), shares.end(), to, to_byte);
}

std::size_t family_index(const std::string& family) {
  const auto& families = synthetic::phrasebook().families();
  const auto is = [&](const synthetic::FamilyWords& f) { return f.family == family; };
  return static_cast<std::size_t>(std::find_if(families.begin(), families.end(), is) - families.begin());
}

template <typename T>
at::Tensor tensor_of(const std::vector<T>& values, const Shape& shape, at::ScalarType type) {
  at::Tensor tensor = at::empty(shape, type);
  if (!values.empty()) std::memcpy(tensor.data_ptr(), values.data(), values.size() * sizeof(T));
  return tensor;
}

}  // namespace

at::Tensor image_bytes(const std::vector<synthetic::Sample>& samples, int shrink) {
  const std::int64_t height = samples[0].image.height / shrink, width = samples[0].image.width / shrink;
  at::Tensor bytes = at::empty({static_cast<std::int64_t>(samples.size()), height, width, 3}, at::kByte);
  std::uint8_t* to = bytes.data_ptr<std::uint8_t>();
  for (const synthetic::Sample& sample : samples) {
    copy_image(sample.image, shrink, to);
    to += height * width * 3;
  }
  return bytes.permute({0, 3, 1, 2});
}

Batch make_batch(const std::vector<synthetic::Sample>& samples, int shrink) {
  const int full_width = samples[0].image.width;
  const std::int64_t height = samples[0].image.height / shrink, width = full_width / shrink,
                     rows = height / 8, columns = width / 8, size = static_cast<std::int64_t>(samples.size());
  Batch batch;
  batch.images = image_bytes(samples, shrink);
  batch.defects = at::empty({size, 1, height / 2, width / 2}, at::kByte);
  batch.objects = at::empty({size, 1, rows, columns}, at::kByte);
  std::vector<float> instances;
  std::vector<std::int64_t> image_index, families;
  for (std::int64_t i = 0; i < size; ++i) {
    const synthetic::Sample& sample = samples[static_cast<std::size_t>(i)];
    const auto of_mask = [&](const Mask& mask) {
      return pooled<std::uint8_t>(mask.values, full_width, 8 * shrink);
    };
    copy_shares(pooled<float>(sample.defect_map.values, full_width, 2 * shrink),
                batch.defects.data_ptr<std::uint8_t>() + i * (height / 2) * (width / 2));
    copy_shares(of_mask(sample.object), batch.objects.data_ptr<std::uint8_t>() + i * rows * columns);
    for (const synthetic::DefectInstance& defect : sample.defects) {
      const std::vector<float> cells = of_mask(defect.mask);
      float total = 0;
      for (const float cell : cells) total += cell;
      if (total <= 0) continue;
      for (const float cell : cells) instances.push_back(cell / total);
      image_index.push_back(i);
      families.push_back(static_cast<std::int64_t>(family_index(defect.family)));
    }
  }
  const auto count = static_cast<std::int64_t>(image_index.size());
  batch.instances = tensor_of(instances, {count, rows, columns}, at::kFloat);
  batch.image_index = tensor_of(image_index, {count}, at::kLong);
  batch.families = tensor_of(families, {count}, at::kLong);
  return batch;
}

Batch draw_batch(std::uint64_t first_seed, int size, const synthetic::Options& options, int shrink) {
  std::vector<synthetic::Sample> samples;
  for (int i = 0; i < size; ++i)
    samples.push_back(synthetic::draw(first_seed + static_cast<std::uint64_t>(i), options));
  return make_batch(samples, shrink);
}

namespace {

constexpr std::uint64_t kFirstReference = 1000;                   // of a product's images
constexpr std::uint64_t kOtherProducts = 700'000'000'000'000ull;  // which no batch is made of

// The pool of one product; `family`: its surface.
void draw_pool(std::uint64_t product, const std::string& family, synthetic::Options options,
               const Comparison& comparison, synthetic::Rng& rng, std::vector<synthetic::Sample>& pool) {
  const int drawn = rng.pick({1, 1, 2, 2, 3, 4, 4, 8});
  const int count = comparison.references > 0 ? comparison.references : drawn;
  if (rng.p(comparison.others)) {
    product += kOtherProducts;
    if (rng.p(0.5)) options.surface = family;
  }
  const int bad = count > 1 && rng.p(comparison.contaminated) ? rng.i(0, count - 1) : -1;
  for (int k = 0; k < count; ++k) {
    options.normal_share = k == bad ? 0 : 1;
    pool.push_back(
        synthetic::draw_product(product, kFirstReference + static_cast<std::uint64_t>(k), options));
  }
}

}  // namespace

Batch draw_product_batch(std::uint64_t first_product, int size, const synthetic::Options& options,
                         const Comparison& comparison, int shrink) {
  AVLM_CHECK(size % comparison.images == 0);
  std::vector<synthetic::Sample> images, references;
  std::vector<std::int64_t> pool, reference_pool;
  for (int i = 0; i < size; ++i) {
    const std::int64_t group = i / comparison.images;
    const std::uint64_t product = first_product + static_cast<std::uint64_t>(group);
    images.push_back(
        synthetic::draw_product(product, static_cast<std::uint64_t>(i % comparison.images), options));
    pool.push_back(group);
    if (i % comparison.images != 0) continue;
    synthetic::Rng rng(product * 0x2545F4914F6CDD1Dull);
    draw_pool(product, images.back().surface, options, comparison, rng, references);
    reference_pool.resize(references.size(), group);
  }
  Batch batch = make_batch(images, shrink);
  batch.references = image_bytes(references, shrink);
  batch.pool = tensor_of(pool, {size}, at::kLong);
  batch.reference_pool =
      tensor_of(reference_pool, {static_cast<std::int64_t>(reference_pool.size())}, at::kLong);
  return batch;
}

Batch Batch::to(const at::Device& device) const {
  const auto moved = [&](const at::Tensor& tensor) { return tensor.to(device); };
  Batch there = *this;
  there.images = moved(images).to(at::kFloat);
  there.defects = moved(defects).to(at::kFloat) / 255;
  there.objects = moved(objects).to(at::kFloat) / 255;
  there.instances = moved(instances);
  there.image_index = moved(image_index);
  there.families = moved(families);
  if (has_references()) there.references = moved(references).to(at::kFloat);
  return there;
}

Batch Batch::flipped(bool vertical, bool horizontal) const {
  std::vector<std::int64_t> axes;
  if (vertical) axes.push_back(-2);
  if (horizontal) axes.push_back(-1);
  if (axes.empty()) return *this;
  Batch mirrored = *this;
  for (at::Tensor Batch::*tensor : {&Batch::images, &Batch::defects, &Batch::objects, &Batch::instances})
    mirrored.*tensor = (this->*tensor).flip(axes);
  if (has_references()) mirrored.references = references.flip(axes);
  return mirrored;
}

Batch draw_training_batch(std::int64_t number, int size, std::uint64_t seed, const Schedule& schedule) {
  synthetic::Options options;
  const std::int64_t generated = number * size;
  const double progress =
      generated >= schedule.ramp ? 1.0 : static_cast<double>(generated) / static_cast<double>(schedule.ramp);
  options.min_visibility = schedule.plain + (schedule.faint - schedule.plain) * progress;
  const std::int64_t turn = number / std::max(schedule.compare_every, 1);
  const auto small_before = [&](std::int64_t turns) {
    return std::floor(static_cast<double>(turns) * schedule.small + 1e-6);
  };
  const int shrink = small_before(turn + 1) > small_before(turn) ? 2 : 1;
  const std::uint64_t first = seed + static_cast<std::uint64_t>(generated);
  if (schedule.compare_every == 0 || number % schedule.compare_every != 0)
    return draw_batch(first, size, options, shrink);
  options.normal_share = 0.35;
  options.oddities = turn % 4 == 0;
  Comparison comparison;
  if (options.oddities) comparison.others = 0;  // what is odd by design cannot be known without references
  return draw_product_batch(first, size, options, comparison, shrink);
}

BatchFeed::BatchFeed(std::int64_t first, int threads, std::function<Batch(std::int64_t)> make)
    : make_(std::move(make)), given_(first), begun_(first), ahead_(2 * threads + 2) {
  for (int k = 0; k < threads; ++k) threads_.emplace_back([this] { work(); });
}

BatchFeed::~BatchFeed() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void BatchFeed::work() {
  std::unique_lock lock(mutex_);
  try {
    for (;;) {
      changed_.wait(lock, [&] { return stopping_ || error_ || begun_ < given_ + ahead_; });
      if (stopping_ || error_) return;
      const std::int64_t number = begun_++;
      lock.unlock();
      Batch made = make_(number);
      lock.lock();
      ready_.emplace(number, std::move(made));
      changed_.notify_all();
    }
  } catch (...) {
    if (!lock.owns_lock()) lock.lock();
    error_ = std::current_exception();
    changed_.notify_all();
  }
}

Batch BatchFeed::take() {
  if (ready_.count(given_) == 0) std::rethrow_exception(error_);
  Batch batch = std::move(ready_.extract(given_++).mapped());
  changed_.notify_all();
  return batch;
}

Batch BatchFeed::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return error_ || ready_.count(given_) != 0; });
  return take();
}

std::optional<Batch> BatchFeed::if_ready() {
  const std::lock_guard lock(mutex_);
  if (!error_ && ready_.count(given_) == 0) return std::nullopt;
  return take();
}

}  // namespace anomalyvlm::train
