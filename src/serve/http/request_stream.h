#pragma once
// What the HTTP library reads of a connection, and where it writes. For connection.cc.
#include <httplib.h>

#include <chrono>
#include <cstddef>
#include <string>

#include "serve/http/limits.h"
#include "serve/http/request_head.h"
#include "serve/http/wire.h"

namespace anomalyvlm::serve {

// Bytes that were read from the client and not used yet.
class Incoming {
 public:
  explicit Incoming(Wire& wire) : wire_(wire) {}

  std::string& bytes();  // of the next requests
  void drop(std::size_t n) { bytes_.erase(0, n); }
  bool fill(Clock::time_point until);  // reads more; false: there is no more. Throws Wire::TimeOut
  // Up to `most` bytes; 0: there are no more. Throws Wire::TimeOut.
  std::size_t take(char* to, std::size_t most, Clock::time_point until);

 private:
  void drop_used();

  Wire& wire_;
  std::string bytes_;
  std::size_t begin_ = 0;  // of what take() has not given yet
};

// A request: a head of our making, so that the library sees nothing ambiguous, then the body.
class RequestStream : public httplib::Stream {
 public:
  RequestStream(Wire& wire, Incoming& incoming, const RequestHead& head, const Limits& limits);

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, std::size_t most) override;
  ssize_t write(const char* bytes, std::size_t size) override;
  using httplib::Stream::write;
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return 0; }  // the library compares it with FD_SETSIZE, no more

  bool timed_out() const { return timed_out_; }  // the body took too long
  bool failed() const { return failed_; }        // the client does not take the answer
  bool length_was_read() const { return !chunked_ && left_ == 0; }
  std::size_t received() const { return received_; }
  std::size_t sent() const { return sent_; }

 private:
  Wire& wire_;
  Incoming& incoming_;
  const std::chrono::milliseconds write_time_;
  const std::string head_;
  std::size_t head_read_ = 0;
  std::size_t left_;  // bytes of the body, at most
  const bool chunked_;
  const Clock::time_point until_;
  bool timed_out_ = false, failed_ = false;
  std::size_t received_ = 0, sent_ = 0;
};

}  // namespace anomalyvlm::serve
