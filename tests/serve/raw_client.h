#pragma once
// A client that sends what it likes, and sees what comes back: for what no proper client would do.
#include <chrono>
#include <map>
#include <string>
#include <string_view>

namespace anomalyvlm::test {

struct RawAnswer {
  int status = 0;                              // 0: the connection was closed without an answer
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

class RawClient {
 public:
  explicit RawClient(
      int port, int receive_buffer = 0);  // connects to 127.0.0.1; bytes of the system's buffer, 0: the usual
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void send(std::string_view bytes);            // as far as the server takes it
  RawAnswer read_answer(bool has_body = true);  // the next one; waits for 10 s at most
  bool is_closed();             // the server closes the connection, within 10 s, and sends nothing more
  void take(std::size_t most);  // takes up to so many bytes of an answer, and forgets them
  void close();

 private:
  bool fill();

  int socket_;
  std::string received_;
};

// "POST /path HTTP/1.1", Host, Content-Length, and the body.
std::string post(const std::string& path, const std::string& body, const std::string& headers = "");
std::string get(const std::string& path, const std::string& headers = "");

RawAnswer ask(int port, const std::string& request);  // on a connection of its own

}  // namespace anomalyvlm::test
