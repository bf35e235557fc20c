#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "core/descriptor.h"
#include "core/printable.h"
#include "serve/http/connection.h"
#include "serve/http/server.h"

namespace anomalyvlm::serve {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

std::unique_ptr<addrinfo, FreeAddresses> addresses_of(const std::string& host, int port) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) fail(ErrorKind::kIo, "cannot listen on '{}': {}", printable(host), ::gai_strerror(error));
  return std::unique_ptr<addrinfo, FreeAddresses>(found);
}

int listen_on(const std::string& host, int port) {
  constexpr int kWaiting = 128;  // connections that the system keeps until they are accepted
  const auto addresses = addresses_of(host, port);
  int error = 0;
  for (const addrinfo* address = addresses.get(); address != nullptr; address = address->ai_next) {
    const int socket = ::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket < 0) {
      error = errno;
      continue;
    }
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(socket, address->ai_addr, address->ai_addrlen) == 0 && ::listen(socket, kWaiting) == 0)
      return socket;
    error = errno;
    ::close(socket);
  }
  if (error == EADDRINUSE)
    fail(ErrorKind::kIo,
         "cannot listen on '{}', port {}: another program does; give --port another number, or 0 for any "
         "that is free",
         printable(host), port);
  fail(ErrorKind::kIo, "cannot listen on '{}', port {}: {}", printable(host), port, std::strerror(error));
}

int port_of(int socket) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size) != 0) return 0;
  return ntohs(own.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&own)->sin6_port
                                         : reinterpret_cast<sockaddr_in*>(&own)->sin_port);
}

}  // namespace

struct HttpServer::Impl {
  Application& application;
  const Limits limits;
  ConnectionServer connections;
  Descriptor listening, wake;
  const int port;
  std::atomic<bool> stopping = false;

  std::mutex mutex;  // of all below
  std::condition_variable ended;
  std::shared_ptr<const TlsContext> tls;
  std::uint64_t next_connection = 0;
  std::map<std::uint64_t, int> sockets;  // of open connections
  std::map<std::string, int> clients;    // how many each has
  std::size_t threads = 0;               // of connections; the last to end

  Impl(Application& a, const Endpoint& endpoint, const Limits& l)
      : application(a),
        limits(l),
        connections(a, limits),
        listening(listen_on(endpoint.host, endpoint.port)),
        wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        port(port_of(listening.fd)),
        tls(endpoint.tls) {}

  void run(std::chrono::milliseconds grace) {
    while (!stopping) {
      pollfd waited[] = {{listening.fd, POLLIN, 0}, {wake.fd, POLLIN, 0}};
      ::poll(waited, 2, -1);
      accept_waiting();
    }
    connections.stop();
    accept_waiting();  // the system has accepted them already: their clients wait for an answer
    ::shutdown(listening.fd, SHUT_RDWR);
    std::unique_lock lock(mutex);
    const auto none_left = [&] { return threads == 0; };
    if (ended.wait_for(lock, grace, none_left)) return;
    connections.stop_requests();
    if (ended.wait_for(lock, std::chrono::seconds(2), none_left)) return;
    for (const auto& [connection, socket] : sockets) ::shutdown(socket, SHUT_RDWR);
    ended.wait(lock, none_left);
  }

  void accept_waiting() {
    for (;;) {
      const int socket = ::accept4(listening.fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (socket >= 0) {
        start(make_wire(socket));
        continue;
      }
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // until a connection ends
      if (errno != EINTR && errno != ECONNABORTED) return;
    }
  }

  // What is too much is refused before it costs a thread or a handshake.
  void start(std::unique_ptr<Wire> wire) {
    const std::string address = wire->address();
    std::uint64_t connection = 0;
    if (const char* reason = enter(address, wire->descriptor(), connection))
      return refuse(std::move(wire), reason);
    // A thread's function is copied.
    const std::shared_ptr<Wire> shared = std::move(wire);
    try {
      std::thread([this, connection, address, shared]() mutable {
        serve(connection, address, std::move(shared));
      }).detach();
    } catch (const std::system_error&) {  // no more threads
      forget(connection, address);
      leave();
    }
  }

  void serve(std::uint64_t connection, const std::string& address, std::shared_ptr<Wire> wire) {
    try {
      if (wire->open(Clock::now() + limits.head_time)) connections.serve(*wire);
    } catch (const std::exception&) {  // there is no memory for the request
    }
    wire->close_gently();
    forget(connection, address);  // before the socket's number can be another's
    wire.reset();
    leave();
  }

  // Why there are too many connections; nullptr: there are not, and this one counts.
  const char* enter(const std::string& address, int socket, std::uint64_t& connection) {
    const std::lock_guard lock(mutex);
    if (sockets.size() >= static_cast<std::size_t>(limits.connections))
      return "The server has too many connections; try again later.";
    int& of_client = clients[address];
    if (of_client >= limits.client_connections) return "This client has too many connections; close some.";
    ++of_client;
    connection = next_connection++;
    sockets.emplace(connection, socket);
    ++threads;
    return nullptr;
  }

  void forget(std::uint64_t connection, const std::string& address) {
    const std::lock_guard lock(mutex);
    sockets.erase(connection);
    if (--clients[address] == 0) clients.erase(address);
  }

  void leave() {
    const std::lock_guard lock(mutex);
    --threads;
    ended.notify_all();
  }

  // Without waiting: this is the thread that accepts. Of TLS the client only sees that the connection is
  // closed.
  void refuse(std::unique_ptr<Wire> wire, const char* reason) {
    HttpError error(503, "too_many_connections", reason);
    error.headers.emplace_back("Retry-After", "1");
    Request request;
    request.client = wire->address();
    const Response response = application.refusal(error);
    const std::string text = refusal_text(response);
    const bool sent = !encrypted() && wire->write(text.data(), text.size(), std::chrono::milliseconds(0));
    application.finished(request, response, {0, sent ? text.size() : 0, false});
    ::shutdown(wire->descriptor(), SHUT_WR);
  }

  bool encrypted() {
    const std::lock_guard lock(mutex);
    return tls != nullptr;
  }

  std::unique_ptr<Wire> make_wire(int socket) {
    const std::lock_guard lock(mutex);
    return tls ? tls_wire(socket, *tls) : plain_wire(socket);
  }
};

HttpServer::HttpServer(Application& application, const Endpoint& endpoint, const Limits& limits)
    : impl_(std::make_unique<Impl>(application, endpoint, limits)) {}
HttpServer::~HttpServer() = default;

int HttpServer::port() const { return impl_->port; }
void HttpServer::run(std::chrono::milliseconds grace) { impl_->run(grace); }

void HttpServer::stop() {
  impl_->stopping = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(impl_->wake.fd, &one, sizeof one);
}

void HttpServer::use(std::shared_ptr<const TlsContext> tls) {
  const std::lock_guard lock(impl_->mutex);
  impl_->tls = std::move(tls);
}

bool is_loopback(const std::string& host) {
  if (host == "localhost" || host == "::1") return true;
  in_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

bool is_address(const std::string& text) {
  in6_addr address{};
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

}  // namespace anomalyvlm::serve
