#include "serve/http/request_watch.h"

#include <algorithm>

#include "serve/http/wire.h"

namespace anomalyvlm::serve {
namespace {

// A client that has gone stops its work within 0.2 s: this, and what a stage of a model takes.
constexpr std::chrono::milliseconds kInterval(50);

}  // namespace

RequestWatch::RequestWatch() : thread_([this](const std::stop_token& stop) { watch(stop); }) {}

RequestWatch::~RequestWatch() = default;

void RequestWatch::watch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const Clock::time_point next = look();
    deadline_was_set_ = false;
    sooner_.wait_until(lock, stop, next, [&] { return deadline_was_set_; });
  }
}

Clock::time_point RequestWatch::look() {
  const Clock::time_point now = Clock::now();
  Clock::time_point next = now + kInterval;
  for (Entry* entry : entries_) {
    if (entry->source_.stop_requested()) continue;
    if (entry->descriptor_ >= 0 && has_gone(entry->descriptor_)) entry->gone_ = true;
    if (entry->gone_ || now >= entry->deadline_) entry->source_.request_stop();
    next = std::min(next, entry->deadline_);
  }
  return next;
}

void RequestWatch::stop_all() {
  const std::lock_guard lock(mutex_);
  for (Entry* entry : entries_) entry->source_.request_stop();
}

RequestWatch::Entry::Entry(RequestWatch& watch, int descriptor, Clock::time_point deadline)
    : watch_(watch), descriptor_(descriptor), deadline_(deadline) {
  const std::lock_guard lock(watch.mutex_);
  place_ = watch.entries_.insert(watch.entries_.end(), this);
}

RequestWatch::Entry::~Entry() {
  const std::lock_guard lock(watch_.mutex_);
  watch_.entries_.erase(place_);
}

void RequestWatch::Entry::set_deadline(Clock::time_point deadline) {
  const std::lock_guard lock(watch_.mutex_);
  deadline_ = deadline;
  watch_.deadline_was_set_ = true;
  watch_.sooner_.notify_all();
}

}  // namespace anomalyvlm::serve
