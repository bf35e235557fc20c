#include "serve/raw_client.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <stdexcept>

namespace anomalyvlm::test {

RawClient::RawClient(int port, int receive_buffer)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer > 0)
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot connect");
}

RawClient::~RawClient() { close(); }

void RawClient::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

bool RawClient::fill() {
  pollfd waited{socket_, POLLIN, 0};
  char part[1 << 16];
  if (::poll(&waited, 1, 10'000) <= 0) return false;
  const ssize_t n = ::recv(socket_, part, sizeof part, 0);
  if (n <= 0) return false;
  received_.append(part, static_cast<std::size_t>(n));
  return true;
}

RawAnswer RawClient::read_answer(bool has_body) {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos)
    if (!fill()) return {};
  RawAnswer answer;
  answer.status = std::atoi(received_.substr(received_.find(' ') + 1, 3).c_str());
  for (std::size_t begin = received_.find("\r\n") + 2; begin < end;) {
    const std::size_t line_end = received_.find("\r\n", begin), colon = received_.find(": ", begin);
    std::string name = received_.substr(begin, colon - begin);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    answer.headers[name] = received_.substr(colon + 2, line_end - colon - 2);
    begin = line_end + 2;
  }
  received_.erase(0, end + 4);
  const std::size_t size = has_body ? std::strtoul(answer.headers["content-length"].c_str(), nullptr, 10) : 0;
  while (received_.size() < size && fill()) {
  }
  answer.body = received_.substr(0, size);
  received_.erase(0, size);
  return answer;
}

void RawClient::take(std::size_t most) {
  std::string bytes(most, '\0');
  [[maybe_unused]] const ssize_t taken = ::recv(socket_, bytes.data(), most, MSG_DONTWAIT);
}

bool RawClient::is_closed() {
  if (!received_.empty()) return false;
  pollfd waited{socket_, POLLIN, 0};
  char byte;
  return ::poll(&waited, 1, 10'000) > 0 && ::recv(socket_, &byte, 1, 0) <= 0;
}

std::string post(const std::string& path, const std::string& body, const std::string& headers) {
  return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string get(const std::string& path, const std::string& headers) {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
}

RawAnswer ask(int port, const std::string& request) {
  RawClient client(port);
  client.send(request);
  return client.read_answer();
}

}  // namespace anomalyvlm::test
