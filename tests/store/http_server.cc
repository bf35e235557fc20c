#include "store/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace anomalyvlm::test {
namespace {

// A socket on the loopback device, on a port that the system chooses.
int bound_socket(int& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (fd < 0 || ::bind(fd, generic, size) != 0 || ::getsockname(fd, generic, &size) != 0)
    throw std::runtime_error("no socket on the loopback device");
  port = ntohs(address.sin_port);
  return fd;
}

std::optional<HttpRequest> read_request(int connection) {
  std::string text;
  char buffer[4096];
  while (text.find("\r\n\r\n") == std::string::npos) {
    const ssize_t n = ::recv(connection, buffer, sizeof buffer, 0);
    if (n <= 0) return std::nullopt;
    text.append(buffer, static_cast<std::size_t>(n));
  }
  HttpRequest request;
  const std::size_t start = text.find(' ') + 1;
  request.target = text.substr(start, text.find(' ', start) - start);
  const std::string kRange = "Range: bytes=";
  if (const std::size_t range = text.find(kRange); range != std::string::npos)
    request.from = std::stoull(text.substr(range + kRange.size()));
  return request;
}

bool send_all(int connection, const std::string& text) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t n = ::send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

void pause(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

}  // namespace

HttpReply file_reply(const HttpRequest& request, const std::string& content) {
  HttpReply reply;
  if (!request.from) {
    reply.body = content;
  } else if (*request.from >= content.size()) {
    reply.status = 416;
  } else {
    reply.status = 206;
    reply.body = content.substr(*request.from);
    reply.headers = {"Content-Range: bytes " + std::to_string(*request.from) + "-" +
                     std::to_string(content.size() - 1) + "/" + std::to_string(content.size())};
  }
  return reply;
}

HttpServer::HttpServer(Handler handler) : handler_(std::move(handler)), listener_(bound_socket(port_)) {
  if (::listen(listener_, 16) != 0) throw std::runtime_error("cannot listen");
  accepting_ = std::thread([this] { accept_all(); });
}

HttpServer::~HttpServer() {
  ending_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  accepting_.join();
  for (std::thread& thread : answering_) thread.join();
  ::close(listener_);
}

std::string HttpServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<HttpRequest> HttpServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void HttpServer::accept_all() {
  while (!ending_) {
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0) continue;
    answering_.emplace_back([this, connection] {
      answer(connection);
      ::shutdown(connection, SHUT_RDWR);
      ::close(connection);
    });
  }
}

void HttpServer::answer(int connection) {
  const std::optional<HttpRequest> request = read_request(connection);
  if (!request) return;
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(*request);
  }
  const HttpReply reply = handler_(*request);
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " As told\r\nConnection: close\r\n";
  if (reply.length) head += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
  for (const std::string& header : reply.headers) head += header + "\r\n";
  if (!send_all(connection, head + "\r\n")) return;
  const std::size_t end =
      std::min(reply.body.size(), std::min(reply.breaks_after.value_or(reply.body.size()),
                                           reply.hangs_after.value_or(reply.body.size())));
  const std::size_t piece = end / static_cast<std::size_t>(reply.pieces) + 1;
  for (std::size_t at = 0; at < end; at += piece) {
    if (at > 0) pause(reply.pause_ms);
    if (!send_all(connection, reply.body.substr(at, std::min(piece, end - at)))) return;
  }
  while (reply.hangs_after && !ending_) pause(10);
}

std::string dead_url() {
  int port = 0;
  ::close(bound_socket(port));
  return "http://127.0.0.1:" + std::to_string(port);
}

}  // namespace anomalyvlm::test
