#pragma once
// What a client may ask of the server. Each has a test in tests/serve.
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace anomalyvlm::serve {

struct Limits {
  std::size_t head_bytes = 16 << 10;  // of the request line and all headers together
  int header_count = 100;
  std::size_t target_bytes = 4096;              // of the path and the query
  std::size_t body_bytes = 64 << 20;            // also once it is decompressed
  std::uint64_t pixels = 100'000'000;           // of an image
  int json_depth = 16;                          // of arrays and objects in each other
  int parts = 16;                               // of a multipart body
  int connections = 64;                         // of all clients
  int client_connections = 32;                  // of one
  int client_requests = 16;                     // of one client at once
  std::chrono::milliseconds head_time{10'000};  // from a request's first byte to the end of its headers
  std::chrono::milliseconds body_time{30'000};  // for the body, and a second more for each megabyte
  std::chrono::milliseconds idle_time{30'000};  // of a connection between two requests
  std::chrono::milliseconds write_time{
      30'000};  // for a client to take an answer, and a second more for each megabyte
};

}  // namespace anomalyvlm::serve
