#pragma once
// A web server on the loopback device that behaves as a test says.
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace anomalyvlm::test {

struct HttpRequest {
  std::string target;                 // "/file", or a whole URL for a proxy
  std::optional<std::uint64_t> from;  // of "Range: bytes=FROM-"
};

struct HttpReply {
  int status = 200;
  std::vector<std::string> headers = {};  // "Location: /other"
  std::string body = {};
  bool length = true;                            // whether the body's length is told before
  std::optional<std::size_t> breaks_after = {};  // bytes of the body, then the connection is closed
  std::optional<std::size_t> hangs_after = {};   // bytes of the body, then nothing comes until the end
  int pieces = 1, pause_ms = 0;                  // the body comes in so many, with pauses between
};

// What a server says of a file that can be read from the middle.
HttpReply file_reply(const HttpRequest& request, const std::string& content);

class HttpServer {
 public:
  using Handler = std::function<HttpReply(const HttpRequest& request)>;  // called from several threads
  explicit HttpServer(Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string url(const std::string& path = "") const;  // "http://127.0.0.1:PORT" and the path
  std::vector<HttpRequest> requests() const;            // so far, in their order

 private:
  void accept_all();
  void answer(int connection);

  Handler handler_;
  int port_ = 0;
  int listener_ = -1;
  std::atomic<bool> ending_{false};
  mutable std::mutex mutex_;
  std::vector<HttpRequest> requests_;
  std::vector<std::thread> answering_;
  std::thread accepting_;
};

// An address of this machine where nobody listens.
std::string dead_url();

}  // namespace anomalyvlm::test
