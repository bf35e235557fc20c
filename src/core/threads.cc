#include "core/threads.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/check.h"
#include "core/platform.h"

namespace anomalyvlm {
namespace {

std::atomic<int> g_threads{0};
thread_local bool t_inside = false;

// One piece of work that several threads share: they take chunks from `next` until none are left.
struct Job {
  const std::function<void(std::int64_t, std::int64_t)>* body;
  std::int64_t count, chunk;
  std::atomic<std::int64_t> next{0};
  std::atomic<int> active{0};
  std::mutex mutex;
  std::condition_variable done;
  std::exception_ptr error;

  void work() {
    const bool outer = std::exchange(t_inside, true);
    for (std::int64_t begin; (begin = next.fetch_add(chunk)) < count;) {
      try {
        (*body)(begin, std::min(begin + chunk, count));
      } catch (...) {
        std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
        next = count;
      }
    }
    t_inside = outer;
  }
};

// Workers that sleep between jobs. They live for the whole process: created at first use, never joined, since
// at exit the operating system ends them while they sleep.
class Pool {
 public:
  static Pool& instance() {
    static Pool* pool = new Pool;
    return *pool;
  }

  void run(const std::shared_ptr<Job>& job, int helpers) {
    {
      std::lock_guard lock(mutex_);
      for (; started_ < helpers; ++started_) std::thread([this] { loop(); }).detach();
      for (int i = 0; i < helpers; ++i) queue_.push_back(job);
    }
    wake_.notify_all();
    job->work();
    {  // what no helper has picked up is not needed any more
      std::lock_guard lock(mutex_);
      queue_.erase(std::remove(queue_.begin(), queue_.end(), job), queue_.end());
    }
    std::unique_lock lock(job->mutex);
    job->done.wait(lock, [&] { return job->active == 0; });
    if (job->error) std::rethrow_exception(job->error);
  }

 private:
  void loop() {
    for (;;) {
      std::shared_ptr<Job> job;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return !queue_.empty(); });
        job = std::move(queue_.back());
        queue_.pop_back();
        ++job->active;
      }
      job->work();
      {
        std::lock_guard lock(job->mutex);
        --job->active;
      }
      job->done.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::shared_ptr<Job>> queue_;
  int started_ = 0;
};

}  // namespace

int thread_count() {
  const int set = g_threads.load();
  return set > 0 ? set : available_cpus();
}

void set_thread_count(int threads) {
  if (threads < 1 || threads > kMostThreads)
    fail(ErrorKind::kBadInput, "The number of threads cannot be {}; use 1 to {}.", threads, kMostThreads);
  g_threads = threads;
}

void parallel_for(std::int64_t count, std::int64_t grain,
                  const std::function<void(std::int64_t, std::int64_t)>& body) {
  if (count <= 0) return;
  grain = std::max<std::int64_t>(grain, 1);
  const int threads = static_cast<int>(std::min<std::int64_t>(thread_count(), (count + grain - 1) / grain));
  if (threads <= 1 || t_inside) {
    body(0, count);
    return;
  }
  auto job = std::make_shared<Job>();
  job->body = &body;
  job->count = count;
  job->chunk = std::max<std::int64_t>(grain, (count + threads * 4 - 1) / (threads * 4));
  Pool::instance().run(job, threads - 1);
}

}  // namespace anomalyvlm
