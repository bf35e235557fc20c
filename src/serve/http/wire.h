#pragma once
// Bytes from and to one client, plain or by TLS, with time limits. The POSIX form is wire_posix.cc.
#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "serve/http/message.h"

namespace anomalyvlm::serve {

class Wire {
 public:
  virtual ~Wire() = default;

  // The handshake, if there is one. False: it failed, or took too long.
  virtual bool open(Clock::time_point until) = 0;
  // At least one byte, or 0: the client closed its side, or the connection failed. Throws TimeOut.
  virtual std::size_t read(char* bytes, std::size_t most, Clock::time_point until) = 0;
  // All of them; false: the connection failed, or the client took nothing for `time`, or needed more than
  // that in all and a second for each megabyte.
  virtual bool write(const char* bytes, std::size_t size, std::chrono::milliseconds time) = 0;
  // Waits for bytes that can be read (or the end). False: time is up.
  virtual bool wait_readable(Clock::time_point until) = 0;
  // Tells the client that nothing more comes, and takes what it still sends for a moment: else what it was
  // told could be lost on the way.
  virtual void close_gently() = 0;
  virtual int descriptor() const = 0;       // -1: none
  virtual std::string address() const = 0;  // of the client, without the port

  struct TimeOut {};
};

// Whether the client of a socket has closed its side, or the connection has failed.
bool has_gone(int descriptor);

class TlsContext;

// Take over the socket, which they close.
std::unique_ptr<Wire> plain_wire(int socket);
std::unique_ptr<Wire> tls_wire(int socket, const TlsContext& context);

}  // namespace anomalyvlm::serve
