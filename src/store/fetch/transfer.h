#pragma once
// One request for a file by its URL, with libcurl: http, https and file. Proxies are those that the
// environment names (http_proxy, https_proxy, all_proxy, no_proxy).
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace anomalyvlm::store {

enum class Transferred {
  kDone,
  kInterrupted,  // the connection failed or broke: another try may help
  kUnreachable,  // there is no such host, or no way to it
  kNoResume,     // the server cannot go on at `from`
  kRefused,      // the server does not have it, or not for us
};

struct Transfer {
  Transferred result;
  std::string why;  // for a person, unless it is done
};

struct TransferRequest {
  std::string url;
  std::uint64_t from = 0;  // the first byte that is wanted
  // Called once before the first bytes if the size of the whole file is known. What it or `on_data` throws
  // ends the transfer and passes through.
  std::function<void(std::uint64_t bytes)> on_size;
  std::function<void(std::span<const std::uint8_t> bytes)> on_data;
  int connect_seconds = 30;  // to wait for a connection
  int slowest = 1;           // bytes a second; a connection that is slower
  int stalled_seconds = 60;  // for so long counts as broken
};

Transfer transfer(const TransferRequest& request);

// A URL for messages: without a name and a password before the host, and without what a query asks for.
std::string without_secrets(const std::string& url);

// "/srv/some models" -> "file:///srv/some%20models"; a URL stays one, without slashes at its end.
std::string as_base_url(const std::string& url_or_folder);

}  // namespace anomalyvlm::store
