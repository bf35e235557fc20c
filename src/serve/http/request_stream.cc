#include "serve/http/request_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace anomalyvlm::serve {
namespace {

constexpr std::size_t kPart = 1 << 14;

std::string head_for_library(const RequestHead& head) {
  std::string text = fmt::format("{} {} HTTP/1.{}\r\n", head.method, head.target, head.minor_version);
  for (const auto& [name, value] : head.headers) {
    // Answers are always whole, and not compressed: that takes longer than sending them from the same
    // machine.
    if (name == "range" || name == "accept-encoding" || name == "connection" || name == "content-length")
      continue;
    text += fmt::format("{}: {}\r\n", name, value);
  }
  text += head.keep_alive ? "Connection: Keep-Alive\r\n" : "Connection: close\r\n";
  // Without a length the library would wait for the end of the connection.
  if (!head.chunked) text += fmt::format("Content-Length: {}\r\n", head.content_length.value_or(0));
  return text + "\r\n";
}

std::size_t most_bytes(const RequestHead& head, const Limits& limits) {
  if (!head.chunked) return head.content_length.value_or(0);
  constexpr std::size_t kForLengths = 4096;  // of chunks; of small ones they are a part of it
  return limits.body_bytes + limits.body_bytes / 8 + kForLengths;
}

}  // namespace

std::string& Incoming::bytes() {
  drop_used();
  return bytes_;
}

bool Incoming::fill(Clock::time_point until) {
  char part[kPart];
  const std::size_t n = wire_.read(part, sizeof part, until);
  bytes_.append(part, n);
  return n > 0;
}

std::size_t Incoming::take(char* to, std::size_t most, Clock::time_point until) {
  if (most == 0) return 0;
  if (bytes_.empty() && most >= kPart) return wire_.read(to, most, until);
  if (begin_ == bytes_.size()) {
    drop_used();
    if (!fill(until)) return 0;
  }
  const std::size_t n = std::min(most, bytes_.size() - begin_);
  std::copy_n(bytes_.data() + begin_, n, to);
  begin_ += n;
  if (begin_ == bytes_.size()) drop_used();
  return n;
}

void Incoming::drop_used() { drop(std::exchange(begin_, 0)); }

RequestStream::RequestStream(Wire& wire, Incoming& incoming, const RequestHead& head, const Limits& limits)
    : wire_(wire),
      incoming_(incoming),
      write_time_(limits.write_time),
      head_(head_for_library(head)),
      left_(most_bytes(head, limits)),
      chunked_(head.chunked),
      until_(Clock::now() + limits.body_time + std::chrono::seconds(left_ >> 20)) {}

ssize_t RequestStream::read(char* to, std::size_t most) {
  if (head_read_ < head_.size()) {
    const std::size_t n = std::min(most, head_.size() - head_read_);
    std::copy_n(head_.data() + head_read_, n, to);
    head_read_ += n;
    return static_cast<ssize_t>(n);
  }
  try {
    const std::size_t n = incoming_.take(to, std::min(most, left_), until_);
    left_ -= n;
    received_ += n;
    return static_cast<ssize_t>(n);
  } catch (const Wire::TimeOut&) {
    timed_out_ = true;
    return -1;
  }
}

ssize_t RequestStream::write(const char* bytes, std::size_t size) {
  if (!wire_.write(bytes, size, write_time_)) {
    failed_ = true;
    return -1;
  }
  sent_ += size;
  return static_cast<ssize_t>(size);
}

}  // namespace anomalyvlm::serve
