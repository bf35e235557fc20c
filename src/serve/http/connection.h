#pragma once
// One connection: reads requests, has them answered, sends the answers; in order, until either side closes
// it.
#include <memory>
#include <string>

#include "serve/http/application.h"
#include "serve/http/limits.h"
#include "serve/http/wire.h"

namespace anomalyvlm::serve {

// An answer as it is sent where the HTTP library sees nothing of the request; the connection closes after it.
std::string refusal_text(const Response& response, bool with_body = true);

class ConnectionServer {
 public:
  // Both must live as long as this.
  ConnectionServer(Application& application, const Limits& limits);
  ~ConnectionServer();

  // Returns when the connection is to be closed. Once stop() was called, after the request that has begun.
  void serve(Wire& wire);
  void stop();           // connections end after their present request
  void stop_requests();  // those too

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace anomalyvlm::serve
