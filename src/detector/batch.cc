#include "anomalyvlm/batch.h"

#include <condition_variable>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "core/check.h"
#include "detector/boundary.h"

namespace anomalyvlm {
namespace {

class Batch {
 public:
  Batch(const Detector& detector, const HybridPrompt& prompt,
        const std::function<std::optional<BatchInput>()>& next, const BatchSettings& settings)
      : detector_(detector), prompt_(prompt), next_(next), settings_(settings) {}

  // Returns how many were done().
  std::size_t run(const std::function<void(BatchOutput)>& done) {
    try {
      guarded([&] {
        const std::stop_callback on_stop(settings_.stop, [this] { stop(); });
        settings_.in_flight == 1 ? run_here(done) : run_in_threads(done);
      });
    } catch (...) {
      fail_with(std::current_exception());
    }
    workers_.clear();  // joins
    if (broken_) std::rethrow_exception(broken_);
    return delivered_;
  }

 private:
  void run_here(const std::function<void(BatchOutput)>& done) {
    while (std::optional<std::pair<std::size_t, BatchInput>> started = begin_next()) {
      BatchOutput output = processed(started->first, std::move(started->second));
      if (is_cancelled(output)) return;
      ++delivered_;
      if (!deliver(std::move(output), done)) return;
    }
  }

  void run_in_threads(const std::function<void(BatchOutput)>& done) {
    start();
    while (std::optional<BatchOutput> output = take())
      if (!deliver(std::move(*output), done)) return;
  }

  // What done() throws leaves the batch as it is, not as an Error of ours.
  bool deliver(BatchOutput output, const std::function<void(BatchOutput)>& done) {
    try {
      done(std::move(output));
      return true;
    } catch (...) {
      fail_with(std::current_exception());
      return false;
    }
  }

  void start() {
    const std::lock_guard lock(mutex_);
    try {
      for (int i = 0; i < settings_.in_flight; ++i) {
        workers_.emplace_back([this] { work(); });
        ++working_;
      }
    } catch (const std::system_error&) {  // the system allows no more threads
      if (workers_.empty()) fail(ErrorKind::kNoMemory, "No thread could be started for the batch.");
    }
  }

  void work() {
    try {
      guarded([&] {
        while (std::optional<std::pair<std::size_t, BatchInput>> started = begin_next()) {
          BatchOutput output = processed(started->first, std::move(started->second));
          const std::lock_guard lock(mutex_);
          if (is_cancelled(output)) continue;
          ready_.emplace(started->first, std::move(output));
          changed_.notify_all();
        }
      });
    } catch (...) {
      fail_with(std::current_exception());
    }
    const std::lock_guard lock(mutex_);
    --working_;
    changed_.notify_all();
  }

  // The next image, when there is room for it; nothing at the end.
  std::optional<std::pair<std::size_t, BatchInput>> begin_next() {
    const std::lock_guard one_at_a_time(source_);
    {
      std::unique_lock lock(mutex_);
      const std::size_t room = 2 * static_cast<std::size_t>(settings_.in_flight);
      changed_.wait(lock, [&] { return stop_.stop_requested() || started_ - delivered_ < room; });
      if (stop_.stop_requested() || exhausted_) return std::nullopt;
    }
    try {
      if (std::optional<BatchInput> input = next_()) {
        const std::lock_guard lock(mutex_);
        return std::pair(started_++, std::move(*input));
      }
      exhausted_ = true;
    } catch (...) {
      fail_with(std::current_exception());
    }
    return std::nullopt;
  }

  // What a caller's load() throws fails its image, in the caller's own words.
  static Image loaded(const BatchInput& input) {
    try {
      return input.load();
    } catch (const Error&) {
      throw;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      fail(ErrorKind::kIo, "The image could not be loaded: {}", error.what());
    } catch (...) {
      fail(ErrorKind::kIo, "The image could not be loaded.");
    }
  }

  BatchOutput processed(std::size_t index, BatchInput input) const {
    BatchOutput output{
        .index = index, .name = std::move(input.name), .image = {}, .detection = {}, .error = {}};
    try {
      guarded([&] {
        output.image = loaded(input);
        std::stop_source either;  // the batch's or the image's own
        const auto request = [&either] { either.request_stop(); };
        const std::stop_callback of_batch(stop_.get_token(), request), of_image(input.settings.stop, request);
        input.settings.stop = either.get_token();
        output.detection = detector_.detect(output.image.view(), prompt_, input.settings);
      });
    } catch (const Error& error) {
      output.error = error;
    }
    return output;
  }

  bool is_cancelled(const BatchOutput& output) const {
    return output.error && output.error->kind() == ErrorKind::kCancelled && stop_.stop_requested();
  }

  // In order; nothing when all are delivered, or no more will come.
  std::optional<BatchOutput> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ready_.contains(delivered_) || working_ == 0; });
    const auto found = ready_.find(delivered_);
    if (found == ready_.end()) return std::nullopt;
    BatchOutput output = std::move(found->second);
    ready_.erase(found);
    ++delivered_;
    changed_.notify_all();
    return output;
  }

  void fail_with(std::exception_ptr error) {
    {
      const std::lock_guard lock(mutex_);
      if (!broken_) broken_ = std::move(error);
    }
    stop();
  }

  void stop() {
    stop_.request_stop();
    const std::lock_guard lock(mutex_);  // so that a thread about to wait sees it
    changed_.notify_all();
  }

  const Detector& detector_;
  const HybridPrompt& prompt_;
  const std::function<std::optional<BatchInput>()>& next_;
  const BatchSettings& settings_;
  std::stop_source stop_;
  std::mutex source_;       // held while next_() is called
  bool exhausted_ = false;  // guarded by source_
  std::mutex mutex_;        // of all below
  std::condition_variable changed_;
  std::map<std::size_t, BatchOutput> ready_;
  std::size_t started_ = 0, delivered_ = 0;
  int working_ = 0;
  std::exception_ptr broken_;  // what next() or done() threw, or an Error of our own
  std::vector<std::jthread> workers_;
};

}  // namespace

std::size_t detect_batch(const Detector& detector, const HybridPrompt& prompt,
                         const std::function<std::optional<BatchInput>()>& next,
                         const std::function<void(BatchOutput)>& done, const BatchSettings& settings) {
  if (settings.in_flight < 1 || settings.in_flight > kMostInFlight)
    fail(ErrorKind::kBadInput, "A batch cannot have {} images in flight; use 1 to {}.", settings.in_flight,
         kMostInFlight);
  if (!next || !done) fail(ErrorKind::kBadInput, "A batch needs both functions, next() and done().");
  const auto batch = guarded([&] {
    detector.options();  // throws for one that was moved from
    validate(prompt);    // before any image is read
    return std::make_unique<Batch>(detector, prompt, next, settings);
  });
  return batch->run(done);
}

}  // namespace anomalyvlm
