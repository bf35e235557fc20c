#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <string_view>

#include "core/descriptor.h"
#include "serve/http/tls.h"
#include "serve/http/wire.h"

namespace anomalyvlm::serve {
namespace {

// Milliseconds for poll(), rounded up.
int left_until(Clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 1 << 30));
}

bool wait_for(int socket, short events, Clock::time_point until) {
  pollfd poll_fd{socket, events, 0};
  for (;;) {
    const int ready = ::poll(&poll_fd, 1, left_until(until));
    if (ready > 0) return true;
    if (ready == 0 && Clock::now() >= until) return false;
    if (ready < 0 && errno != EINTR) return true;  // reading or writing will say what is wrong
  }
}

Clock::time_point end_of_writing(std::size_t size, std::chrono::milliseconds time) {
  return Clock::now() + time + std::chrono::seconds(size >> 20);
}

// What both kinds share. The socket does not block.
class SocketWire : public Wire {
 public:
  explicit SocketWire(int socket) : socket_(socket) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
  }

  bool wait_readable(Clock::time_point until) override { return wait_for(socket_.fd, POLLIN, until); }
  int descriptor() const override { return socket_.fd; }

  void close_gently() override {
    constexpr std::size_t kMostDiscarded = 1 << 20;
    ::shutdown(socket_.fd, SHUT_WR);
    const Clock::time_point until = Clock::now() + std::chrono::seconds(1);
    char rest[1 << 14];
    for (std::size_t discarded = 0; discarded < kMostDiscarded;) {
      if (!wait_for(socket_.fd, POLLIN, until)) return;
      const ssize_t n = ::recv(socket_.fd, rest, sizeof rest, 0);
      if (n <= 0) return;
      discarded += static_cast<std::size_t>(n);
    }
  }

  std::string address() const override {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(socket_.fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return {};
    char text[INET6_ADDRSTRLEN] = "";
    if (peer.ss_family == AF_INET)
      ::inet_ntop(AF_INET, &reinterpret_cast<sockaddr_in*>(&peer)->sin_addr, text, sizeof text);
    else if (peer.ss_family == AF_INET6)
      ::inet_ntop(AF_INET6, &reinterpret_cast<sockaddr_in6*>(&peer)->sin6_addr, text, sizeof text);
    return text;
  }

 protected:
  Descriptor socket_;
};

class PlainWire : public SocketWire {
 public:
  using SocketWire::SocketWire;

  bool open(Clock::time_point) override { return true; }

  std::size_t read(char* bytes, std::size_t most, Clock::time_point until) override {
    for (;;) {
      const ssize_t n = ::recv(socket_.fd, bytes, most, 0);
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return 0;
      if (!wait_readable(until)) throw TimeOut();
    }
  }

  bool write(const char* bytes, std::size_t size, std::chrono::milliseconds time) override {
    const Clock::time_point until = end_of_writing(size, time);
    while (size > 0) {
      const ssize_t n = ::send(socket_.fd, bytes, size, MSG_NOSIGNAL);
      if (n > 0) {
        bytes += n;
        size -= static_cast<std::size_t>(n);
        continue;
      }
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
      if (!wait_for(socket_.fd, POLLOUT, std::min(until, Clock::now() + time))) return false;
    }
    return true;
  }
};

class TlsWire : public SocketWire {
 public:
  TlsWire(int socket, const TlsContext& context) : SocketWire(socket), ssl_(SSL_new(context.get())) {
    if (ssl_ != nullptr) SSL_set_fd(ssl_, socket);
  }
  ~TlsWire() override { SSL_free(ssl_); }

  bool open(Clock::time_point until) override {
    if (ssl_ == nullptr) return false;
    if (repeat([&] { return SSL_accept(ssl_); }, until) == 1) return true;
    if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST) {
      constexpr std::string_view kHint =
          "HTTP/1.1 400 Refused\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nThis port speaks "
          "TLS: ask it by https.\n";
      ::send(socket_.fd, kHint.data(), kHint.size(), MSG_NOSIGNAL);
      SocketWire::close_gently();
    }
    return false;
  }

  std::size_t read(char* bytes, std::size_t most, Clock::time_point until) override {
    const int wanted = static_cast<int>(std::min<std::size_t>(most, 1 << 30));
    const int n = repeat([&] { return SSL_read(ssl_, bytes, wanted); }, until);
    if (n == kTimeOut) throw TimeOut();
    return n > 0 ? static_cast<std::size_t>(n) : 0;
  }

  bool write(const char* bytes, std::size_t size, std::chrono::milliseconds time) override {
    const Clock::time_point until = end_of_writing(size, time);
    while (size > 0) {
      const int part = static_cast<int>(std::min<std::size_t>(size, 1 << 30));
      const int n =
          repeat([&] { return SSL_write(ssl_, bytes, part); }, std::min(until, Clock::now() + time));
      if (n <= 0) return false;
      bytes += n;
      size -= static_cast<std::size_t>(n);
    }
    return true;
  }

  bool wait_readable(Clock::time_point until) override {
    return SSL_pending(ssl_) > 0 || SocketWire::wait_readable(until);
  }

  void close_gently() override {
    SSL_shutdown(ssl_);
    SocketWire::close_gently();
  }

 private:
  static constexpr int kTimeOut = -2;

  // The result of an OpenSSL call that may have to be repeated when the socket is ready.
  template <typename Call>
  int repeat(Call call, Clock::time_point until) {
    for (;;) {
      ERR_clear_error();
      const int result = call();
      if (result > 0) return result;
      const int error = SSL_get_error(ssl_, result);
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return 0;
      const short event = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
      if (!wait_for(socket_.fd, event, until)) return kTimeOut;
    }
  }

  SSL* ssl_;
};

}  // namespace

bool has_gone(int descriptor) {
  pollfd poll_fd{descriptor, POLLRDHUP, 0};
  return ::poll(&poll_fd, 1, 0) > 0 && (poll_fd.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

std::unique_ptr<Wire> plain_wire(int socket) { return std::make_unique<PlainWire>(socket); }

std::unique_ptr<Wire> tls_wire(int socket, const TlsContext& context) {
  return std::make_unique<TlsWire>(socket, context);
}

}  // namespace anomalyvlm::serve
