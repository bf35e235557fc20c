#include "serve/serve.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/check.h"
#include "core/printable.h"

namespace anomalyvlm::serve {
namespace {

std::shared_ptr<const TlsContext> tls_of(const ServerSettings& settings) {
  if (settings.tls_certificate.empty()) return nullptr;
  return std::make_shared<const TlsContext>(settings.tls_certificate, settings.tls_key);
}

std::optional<Tokens> tokens_of(const ServerSettings& settings) {
  if (settings.token_file.empty()) return std::nullopt;
  return std::optional<Tokens>(std::in_place, settings.token_file);
}

ServiceSettings service_settings(const ServerSettings& settings, const std::optional<Tokens>& tokens) {
  ServiceSettings service = settings.service;
  service.tokens = tokens ? &*tokens : nullptr;
  service.loopback = is_loopback(settings.host) && !service.behind_proxy;
  return service;
}

}  // namespace

void check_safety(const ServerSettings& settings) {
  if (settings.tls_certificate.empty() != settings.tls_key.empty())
    fail(ErrorKind::kBadInput, "TLS needs both a certificate and its key: give --tls-cert and --tls-key.");
  if (settings.service.behind_proxy && settings.token_file.empty())
    fail(ErrorKind::kBadInput,
         "Other machines can reach the server through a proxy: give --token-file, so that not everybody can "
         "use it.");
  if (is_loopback(settings.host)) return;
  if (settings.token_file.empty())
    fail(ErrorKind::kBadInput,
         "Other machines can reach '{}': give --token-file, so that not everybody can use the server.",
         printable(settings.host));
  if (settings.tls_certificate.empty() && !settings.service.behind_proxy)
    fail(ErrorKind::kBadInput,
         "Other machines can reach '{}', and would send tokens and images unencrypted: give --tls-cert and "
         "--tls-key, or --behind-proxy if a "
         "proxy in front of the server has TLS.",
         printable(settings.host));
}

// All clients of a proxy share its connections.
ServerSettings completed(ServerSettings settings) {
  if (settings.service.behind_proxy) settings.limits.client_connections = settings.limits.connections;
  return settings;
}

struct AnomalyServer::Impl {
  const ServerSettings settings;
  RequestLog log;
  std::optional<Tokens> tokens;
  Metrics metrics;
  Inspector inspector;
  Service service;
  HttpServer http;
  std::jthread housekeeping;

  Impl(const Detector& detector, ServerSettings s)
      : settings(completed(std::move(s))),
        log(settings.log_file, settings.log_level),
        tokens(tokens_of(settings)),
        inspector(detector, settings.inspector, settings.limits),
        service(inspector, service_settings(settings, tokens), log, metrics, settings.limits),
        http(service, {settings.host, settings.port, tls_of(settings)}, settings.limits),
        housekeeping([this](std::stop_token stop) { keep_house(stop); }) {}

  void keep_house(const std::stop_token& stop) {
    constexpr std::chrono::seconds kInterval(1);
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, stop, kInterval, [&] { return stop.stop_requested(); }))
      inspector.drop_expired();
  }

  // What cannot be read anew stays as it was.
  template <typename Work>
  bool try_anew(const char* what, Work&& work) {
    try {
      work();
      return true;
    } catch (const std::exception& error) {
      log.write(Severity::kError, {{"event", "not reloaded"}, {"what", what}, {"error", error.what()}});
      return false;
    }
  }
};

AnomalyServer::AnomalyServer(const Detector& detector, ServerSettings settings) {
  check_safety(settings);
  impl_ = std::make_unique<Impl>(detector, std::move(settings));
}
AnomalyServer::~AnomalyServer() = default;

int AnomalyServer::port() const { return impl_->http.port(); }
bool AnomalyServer::is_encrypted() const { return !impl_->settings.tls_certificate.empty(); }
void AnomalyServer::run() {
  impl_->log.write(Severity::kInfo, {{"event", "started"},
                                     {"host", impl_->settings.host},
                                     {"port", port()},
                                     {"version", version()},
                                     {"models", impl_->inspector.detector().models()}});
  impl_->http.run(impl_->settings.grace);
  impl_->log.write(Severity::kInfo, {{"event", "stopped"}});
}

void AnomalyServer::stop() {
  impl_->service.stop();
  impl_->http.stop();
}

void AnomalyServer::reload() {
  bool whole = impl_->try_anew("log file", [&] { impl_->log.reopen(); });
  whole &= impl_->try_anew("tokens", [&] {
    if (impl_->tokens) impl_->tokens->reload();
  });
  whole &= impl_->try_anew("certificate", [&] {
    if (auto tls = tls_of(impl_->settings)) impl_->http.use(std::move(tls));
  });
  if (whole) impl_->log.write(Severity::kInfo, {{"event", "reloaded"}});
}

}  // namespace anomalyvlm::serve
