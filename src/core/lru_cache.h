#pragma once
// A least-recently-used (LRU) cache, by name.
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace anomalyvlm {

// Not thread-safe.
template <typename T>
class LruCache {
 public:
  explicit LruCache(std::size_t most) : most_(most) {}

  // nullptr if it is not cached.
  std::shared_ptr<const T> find(std::string_view name) {
    for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
      if (entry->first != name) continue;
      entries_.splice(entries_.begin(), entries_, entry);
      return entry->second;
    }
    return nullptr;
  }

  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [name, thing] : entries_) visit(*thing);
  }

  // Evicts the least recently used entry when there are too many.
  void add(std::string name, std::shared_ptr<const T> thing) {
    entries_.emplace_front(std::move(name), std::move(thing));
    if (entries_.size() > most_) entries_.pop_back();
  }

 private:
  std::size_t most_;
  std::list<std::pair<std::string, std::shared_ptr<const T>>> entries_;
};

}  // namespace anomalyvlm
