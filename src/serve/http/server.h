#pragma once
// The server: listens on an address, and gives each connection a thread. The POSIX form is server_posix.cc.
#include <chrono>
#include <memory>
#include <string>

#include "serve/http/application.h"
#include "serve/http/limits.h"
#include "serve/http/tls.h"

namespace anomalyvlm::serve {

class HttpServer {
 public:
  struct Endpoint {
    std::string host = "127.0.0.1";  // a name or an address; "0.0.0.0" and "::" are all of this machine
    int port = 8080;                 // 0: any that is free
    std::shared_ptr<const TlsContext> tls;  // none: plain HTTP
  };

  // Listens, and answers nothing yet. Throws Error(kIo) if it cannot. The application must live as long as
  // this.
  HttpServer(Application& application, const Endpoint& endpoint, const Limits& limits);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const;
  // Serves until stop() was called, and all requests that were accepted by then have been answered. Those
  // that take longer than `grace` are cancelled.
  void run(std::chrono::milliseconds grace);
  void stop();                                      // from any thread
  void use(std::shared_ptr<const TlsContext> tls);  // for new connections, from any thread

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Whether only programs of this machine can reach this address: "localhost", "127.0.0.1", "::1".
bool is_loopback(const std::string& host);
bool is_address(const std::string& text);  // an IP address, of version 4 or 6

}  // namespace anomalyvlm::serve
