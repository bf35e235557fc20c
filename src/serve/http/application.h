#pragma once
// What answers requests, as the HTTP server calls it; from many threads at once.
#include <cstddef>
#include <optional>
#include <string>

#include "serve/http/message.h"
#include "serve/http/request_head.h"

namespace anomalyvlm::serve {

class Application {
 public:
  virtual ~Application() = default;

  // Called before a request's body is read. Fills in client and owner of a request that is admitted, and
  // gives the answer to one that is not. `address`: of the client.
  virtual std::optional<Response> admit(const RequestHead& head, const std::string& address,
                                        Request& request) = 0;
  // Must not throw. Called for each request that was admitted and could be read, then finished().
  virtual Response handle(Request& request) = 0;
  // What the server itself answers: malformed requests, slow ones, too many.
  virtual Response refusal(const struct HttpError& error) = 0;
  // After the answer was sent, or could not be; also for those that were not admitted. `request` is without
  // its body.
  struct Transfer {
    std::size_t received = 0, sent = 0;  // bytes
    bool client_has_gone = false;
  };
  virtual void finished(const Request& request, const Response& response, const Transfer& transfer) = 0;
};

}  // namespace anomalyvlm::serve
