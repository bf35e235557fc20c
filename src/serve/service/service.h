#pragma once
// The application behind the HTTP server: who may ask, which route answers, and what is logged and counted.
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "serve/http/application.h"
#include "serve/service/inspector.h"
#include "serve/service/metrics.h"
#include "serve/service/request_log.h"
#include "serve/service/router.h"
#include "serve/service/tokens.h"

namespace anomalyvlm::serve {

struct ServiceSettings {
  std::vector<std::filesystem::path> samples;  // images that the page offers
  std::string command = "anomalyvlm detect";   // that detects as this server does
  std::string prompt_text;                     // the default prompt in sentences, for the page; may be empty
  const Tokens* tokens = nullptr;              // none: everybody who can reach the server may use it
  bool loopback = true;       // only for programs of this machine: pages of other hosts are kept out
  bool behind_proxy = false;  // X-Forwarded-For says who the client is
  std::vector<std::string> allowed_origins;  // of other pages whose scripts may use the server
};

class Service : public Application {
 public:
  // All that is referred to must live as long as this.
  Service(Inspector& inspector, ServiceSettings settings, RequestLog& log, Metrics& metrics,
          const Limits& limits);

  std::optional<Response> admit(const RequestHead& head, const std::string& address,
                                Request& request) override;
  Response handle(Request& request) override;
  Response refusal(const HttpError& error) override;
  void finished(const Request& request, const Response& response, const Transfer& transfer) override;

  void stop() { stopping_ = true; }  // from then on /readyz says no
  const Router& router() const { return router_; }

 private:
  void check_host(const RequestHead& head) const;
  void check_origin(const RequestHead& head) const;
  void check_token(const RequestHead& head, Request& request) const;
  void take_turn(Request& request);
  Response answer(Request& request);
  void add_safety_headers(const Request& request, Response& response) const;
  const Route* route_of(const Request& request) const;
  Response preflight(const Request& request, const std::string& allowed) const;

  Inspector& inspector_;
  const ServiceSettings settings_;
  RequestLog& log_;
  Metrics& metrics_;
  const Limits limits_;
  Router router_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;                  // of this:
  std::map<std::string, int> turns_;  // requests of each client that are being answered
};

}  // namespace anomalyvlm::serve
