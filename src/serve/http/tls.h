#pragma once
// The server's side of TLS, by OpenSSL.
#include <filesystem>
#include <memory>

struct ssl_ctx_st;

namespace anomalyvlm::serve {

// A certificate (with the chain to its authority) and its key, both PEM. TLS 1.2 and newer.
class TlsContext {
 public:
  // Throws Error(kBadInput) for files that are unusable or do not belong together.
  TlsContext(const std::filesystem::path& certificate, const std::filesystem::path& key);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  ssl_ctx_st* get() const { return context_; }

 private:
  ssl_ctx_st* context_;
};

}  // namespace anomalyvlm::serve
