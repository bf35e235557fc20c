#pragma once
// Lets a few requests compute at once, the others wait in the order in which they came, and refuses when too
// many wait.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <set>
#include <stop_token>
#include <utility>

namespace anomalyvlm::serve {

class WorkQueue {
 public:
  WorkQueue(int jobs, int most_waiting) : jobs_(jobs), most_waiting_(most_waiting) {}

  // A place among those that compute; given back at its end.
  class Place {
   public:
    explicit Place(WorkQueue& queue) : queue_(&queue) {}
    ~Place();
    Place(Place&& other) noexcept : queue_(std::exchange(other.queue_, nullptr)) {}
    Place& operator=(Place&&) = delete;

   private:
    WorkQueue* queue_;
  };

  // Waits for a place. Throws HttpError(503) when too many wait, Cancelled after a stop request.
  Place enter(const std::stop_token& stop);

  int waiting() const;
  int running() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  const int jobs_, most_waiting_;
  int running_ = 0;
  std::uint64_t next_ = 0;           // number of the next to come
  std::set<std::uint64_t> waiting_;  // the numbers of those that wait
};

}  // namespace anomalyvlm::serve
