#pragma once
// The head of a request - its first line and headers - read strictly before anything else sees it: what two
// programs in a row could take for different requests is refused (RFC 9112, sections 3, 5, 6 and 11.2).
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "serve/http/limits.h"

namespace anomalyvlm::serve {

struct RequestHead {
  std::string method, target;                                // "/v1/detect?limit=0.5"
  int minor_version = 1;                                     // of HTTP/1.x
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, values trimmed
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = true;  // the client wants the connection to stay open

  std::string_view header(std::string_view lower_case_name) const;  // the first of that name; else empty
  std::string_view path() const;                                    // of the target, not decoded
};

// Where the head in these bytes ends, behind its empty line; none: it is not whole yet.
std::optional<std::size_t> end_of_head(std::string_view bytes);

// `bytes`: up to end_of_head(). Throws HttpError: 400 for what is no HTTP/1.x request or an ambiguous one,
// 405 for unknown methods, 414 and 431 for what is too long, 413 for a body that is.
RequestHead parse_head(std::string_view bytes, const Limits& limits);

}  // namespace anomalyvlm::serve
