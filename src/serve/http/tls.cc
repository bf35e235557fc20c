#include "serve/http/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509err.h>

#include "core/check.h"
#include "core/files.h"

namespace anomalyvlm::serve {
namespace {

std::string last_reason() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const int library = ERR_GET_LIB(code), reason = ERR_GET_REASON(code);
  if (library == ERR_LIB_X509 && reason == X509_R_KEY_VALUES_MISMATCH)
    return "the key does not belong to the certificate";
  if (library == ERR_LIB_PEM) return "it is not in PEM format, or has a password";
  const char* text = ERR_reason_error_string(code);
  return text == nullptr ? "for an unknown reason" : text;
}

// What OpenSSL says of a file that it cannot open helps nobody.
const std::filesystem::path& readable(const std::filesystem::path& file) {
  read_start(file, 1);
  return file;
}

}  // namespace

TlsContext::TlsContext(const std::filesystem::path& certificate, const std::filesystem::path& key)
    : context_((readable(certificate), readable(key), SSL_CTX_new(TLS_server_method()))) {
  AVLM_CHECK(context_ != nullptr);
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_options(context_,
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // A key with a password would stop the server to ask for it.
  SSL_CTX_set_default_passwd_cb(context_, [](char*, int, int, void*) { return 0; });
  const auto refuse = [&](const char* what, const std::filesystem::path& file) {
    SSL_CTX_free(context_);
    fail(ErrorKind::kBadInput, "cannot use '{}' as {}: {}", file.string(), what, last_reason());
  };
  if (SSL_CTX_use_certificate_chain_file(context_, certificate.c_str()) != 1)
    refuse("a TLS certificate (PEM)", certificate);
  if (SSL_CTX_use_PrivateKey_file(context_, key.c_str(), SSL_FILETYPE_PEM) != 1)
    refuse("a TLS key (PEM, without a password)", key);
  if (SSL_CTX_check_private_key(context_) != 1) refuse("the key of that certificate", key);
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

}  // namespace anomalyvlm::serve
