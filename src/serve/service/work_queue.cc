#include "serve/service/work_queue.h"

#include "anomalyvlm/detector.h"
#include "serve/http/message.h"

namespace anomalyvlm::serve {

WorkQueue::Place::~Place() {
  if (queue_ == nullptr) return;
  const std::lock_guard lock(queue_->mutex_);
  --queue_->running_;
  queue_->changed_.notify_all();
}

WorkQueue::Place WorkQueue::enter(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (stop.stop_requested()) throw Cancelled("The request was cancelled before it began.");
  const bool free = running_ < jobs_ && waiting_.empty();
  if (!free && waiting_.size() >= static_cast<std::size_t>(most_waiting_)) {
    HttpError error(503, "busy", "Too many requests are waiting; try again later.");
    error.headers.emplace_back("Retry-After", "1");
    throw error;
  }
  const std::uint64_t number = next_++;
  waiting_.insert(number);
  const bool entered =
      changed_.wait(lock, stop, [&] { return running_ < jobs_ && *waiting_.begin() == number; });
  waiting_.erase(number);
  changed_.notify_all();  // another may be the first now
  if (!entered || stop.stop_requested()) throw Cancelled("The request was cancelled while it waited.");
  ++running_;
  return Place(*this);
}

int WorkQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(waiting_.size());
}

int WorkQueue::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

}  // namespace anomalyvlm::serve
