#include "store/fetch/transfer.h"

#include <curl/curl.h>

#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>

#include "core/check.h"

namespace anomalyvlm::store {

namespace {

// The state of one transfer that libcurl's callbacks work on.
struct Call {
  const TransferRequest& request;
  CURL* curl;
  bool started = false;
  std::exception_ptr thrown = nullptr;

  // Returns whether to go on.
  bool take(std::span<const std::uint8_t> bytes) {
    try {
      if (!started) {
        started = true;
        curl_off_t rest = -1;
        curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &rest);
        if (rest >= 0 && request.on_size) request.on_size(request.from + static_cast<std::uint64_t>(rest));
      }
      request.on_data(bytes);
      return true;
    } catch (...) {  // must not pass through C
      thrown = std::current_exception();
      return false;
    }
  }
};

std::size_t on_bytes(const char* data, std::size_t size, std::size_t count, void* call) {
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(data), size * count);
  return static_cast<Call*>(call)->take(bytes) ? bytes.size() : CURL_WRITEFUNC_ERROR;
}

Transferred meaning_of(CURLcode code, long status) {
  switch (code) {
    case CURLE_OK:  // also if the server has nothing from there on
      return status == 416 ? Transferred::kNoResume : Transferred::kDone;
    case CURLE_RANGE_ERROR:
    case CURLE_BAD_DOWNLOAD_RESUME:
      return Transferred::kNoResume;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return Transferred::kUnreachable;
    case CURLE_HTTP_RETURNED_ERROR:
      if (status == 416) return Transferred::kNoResume;
      return status == 408 || status == 429 || status >= 500 ? Transferred::kInterrupted
                                                             : Transferred::kRefused;
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return Transferred::kInterrupted;
    default:
      return Transferred::kRefused;
  }
}

void set_protocols(CURL* curl) {
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https,file");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS | CURLPROTO_FILE);
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
}

void set_options(CURL* curl, const TransferRequest& request) {
  set_protocols(curl);
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(request.from));
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 10L);
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "anomalyvlm");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, static_cast<long>(request.connect_seconds));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(request.slowest));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.stalled_seconds));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
}

}  // namespace

Transfer transfer(const TransferRequest& request) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  AVLM_CHECK(curl != nullptr);
  char details[CURL_ERROR_SIZE] = "";
  Call call{request, curl.get()};
  set_options(curl.get(), request);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, details);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &call);
  const CURLcode code = curl_easy_perform(curl.get());
  if (call.thrown) std::rethrow_exception(call.thrown);
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  return {meaning_of(code, status), *details ? details : curl_easy_strerror(code)};
}

namespace {

// Where the host of "name:password@host/path" begins. A password with a '/', '?' or '#' that should have been
// written as %2F, %3F or %23 looks like a host and its port, but is not a number.
std::size_t start_of_host(std::string_view rest) {
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  std::size_t at = rest.substr(0, end).rfind('@');
  if (at == rest.npos && !rest.starts_with('[')) {
    const std::size_t colon = rest.find(':');
    if (colon < end && rest.substr(colon + 1, end - colon - 1).find_first_not_of("0123456789") != rest.npos)
      at = rest.rfind('@');
  }
  return at == rest.npos ? 0 : at + 1;
}

}  // namespace

std::string without_secrets(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  std::string_view rest = std::string_view(url).substr(scheme + 3);
  rest.remove_prefix(start_of_host(rest));
  const std::size_t query = rest.find('?');
  return url.substr(0, scheme + 3) + std::string(rest.substr(0, query)) + (query == rest.npos ? "" : "?...");
}

std::string as_base_url(const std::string& url_or_folder) {
  std::string url = url_or_folder;
  if (url.find("://") == std::string::npos) {
    const std::string path = std::filesystem::absolute(url).lexically_normal().string();
    url = "file://";
    for (const char c : path) {
      const bool plain = std::isalnum(static_cast<unsigned char>(c)) ||
                         std::string_view("/-._~").find(c) != std::string_view::npos;
      url += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace anomalyvlm::store
