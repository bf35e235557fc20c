#pragma once
// The server as a whole: `anomalyvlm serve`.
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "anomalyvlm/detector.h"
#include "serve/http/limits.h"
#include "serve/http/server.h"
#include "serve/service/inspector.h"
#include "serve/service/request_log.h"
#include "serve/service/service.h"

namespace anomalyvlm::serve {

struct ServerSettings {
  std::string host = "127.0.0.1";
  int port = 8080;                                             // 0: any that is free
  std::filesystem::path token_file, tls_certificate, tls_key;  // empty: none
  std::filesystem::path log_file;                              // empty: standard error
  Severity log_level = Severity::kInfo;
  std::chrono::milliseconds grace{30'000};  // for requests that were accepted before stop()
  Limits limits;
  InspectorSettings inspector;
  ServiceSettings service;  // without tokens and loopback, which follow from the above
};

// Throws Error(kBadInput) for settings that would be unsafe: an address that other machines can reach needs
// tokens, and either TLS or a proxy that has it.
void check_safety(const ServerSettings& settings);

class AnomalyServer {
 public:
  // Listens, and answers nothing yet. The detector must live as long as this. Throws Error as check_safety(),
  // and for addresses and files that are unusable.
  AnomalyServer(const Detector& detector, ServerSettings settings);
  ~AnomalyServer();

  int port() const;
  bool is_encrypted() const;
  void run();   // until stop() was called, and what was accepted by then is answered
  void stop();  // from any thread
  // Reads the tokens, the certificate and the key anew, and opens the log file anew; from any thread. What
  // cannot be read stays as it was, and the log says so.
  void reload();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace anomalyvlm::serve
