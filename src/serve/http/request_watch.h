#pragma once
// Stops the work of requests whose client has gone, or whose time is up.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "serve/http/message.h"

namespace anomalyvlm::serve {

class RequestWatch {
 public:
  RequestWatch();
  ~RequestWatch();
  RequestWatch(const RequestWatch&) = delete;
  RequestWatch& operator=(const RequestWatch&) = delete;

  // One request; watched as long as it exists.
  class Entry {
   public:
    Entry(RequestWatch& watch, int descriptor, Clock::time_point deadline);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    std::stop_token token() const { return source_.get_token(); }
    void set_deadline(Clock::time_point deadline);  // earlier or later
    bool client_has_gone() const { return gone_; }

   private:
    friend class RequestWatch;
    RequestWatch& watch_;
    const int descriptor_;        // -1: no socket
    Clock::time_point deadline_;  // this and `gone_` under RequestWatch::mutex_
    std::stop_source source_;
    std::atomic<bool> gone_ = false;
    std::list<Entry*>::iterator place_;
  };

  void stop_all();

 private:
  void watch(const std::stop_token& stop);
  Clock::time_point look();  // when to look again

  std::mutex mutex_;
  std::condition_variable_any sooner_;
  bool deadline_was_set_ = false;
  std::list<Entry*> entries_;
  std::jthread thread_;
};

}  // namespace anomalyvlm::serve
