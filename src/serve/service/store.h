#pragma once
// Things that clients left here for a while, by names that cannot be guessed. The least recently used go when
// there is no room, and those that were not used for some time.
#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "serve/http/message.h"

namespace anomalyvlm::serve {

std::string random_id();  // 32 hexadecimal digits of the system's random numbers

template <typename Thing>
class Store {
  struct Entry {
    std::string id, owner;
    std::shared_ptr<Thing> thing;
    std::size_t bytes;
    Clock::time_point used;
  };
  using Place = typename std::list<Entry>::iterator;

 public:
  Store(std::size_t most_bytes, std::chrono::seconds unused_for)
      : most_bytes_(most_bytes), unused_for_(unused_for) {}

  // Its name. `owner`: who alone can find it; empty: everyone who knows the name.
  std::string add(std::shared_ptr<Thing> thing, std::size_t bytes, std::string owner) {
    const std::lock_guard lock(mutex_);
    entries_.push_front({random_id(), std::move(owner), std::move(thing), bytes, Clock::now()});
    bytes_ += bytes;
    drop_oldest();
    return entries_.front().id;
  }

  // nullptr: there is none, or it is another's. It lives on while it is held, also when the store drops it.
  std::shared_ptr<Thing> find(const std::string& id, const std::string& owner) {
    const std::lock_guard lock(mutex_);
    const auto entry = place_of(id, owner);
    if (entry == entries_.end()) return nullptr;
    entry->used = Clock::now();
    entries_.splice(entries_.begin(), entries_, entry);
    return entry->thing;
  }

  // For a thing that was used, and has grown or shrunk.
  void set_bytes(const std::string& id, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    for (Place entry = entries_.begin(); entry != entries_.end(); ++entry) {
      if (entry->id != id) continue;
      bytes_ += bytes - entry->bytes;
      entry->bytes = bytes;
      entries_.splice(entries_.begin(), entries_, entry);
      return drop_oldest();
    }
  }

  bool remove(const std::string& id, const std::string& owner) {
    const std::lock_guard lock(mutex_);
    const auto entry = place_of(id, owner);
    if (entry == entries_.end()) return false;
    drop(entry);
    return true;
  }

  void drop_expired() {
    const std::lock_guard lock(mutex_);
    while (!entries_.empty() && Clock::now() - entries_.back().used >= unused_for_)
      drop(std::prev(entries_.end()));
  }

  std::size_t most_bytes() const { return most_bytes_; }
  std::chrono::seconds unused_for() const { return unused_for_; }
  std::size_t bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }

 private:
  Place place_of(const std::string& id, const std::string& owner) {
    for (Place entry = entries_.begin(); entry != entries_.end(); ++entry)
      if (entry->id == id && entry->owner == owner) return entry;
    return entries_.end();
  }

  void drop(Place entry) {
    bytes_ -= entry->bytes;
    entries_.erase(entry);
  }

  void drop_oldest() {  // the newest stays: it is in use
    while (bytes_ > most_bytes_ && entries_.size() > 1) drop(std::prev(entries_.end()));
  }

  const std::size_t most_bytes_;
  const std::chrono::seconds unused_for_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // the last used first
  std::size_t bytes_ = 0;
};

}  // namespace anomalyvlm::serve
