#include "serve/http/request_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "serve/http/message.h"

namespace anomalyvlm::serve {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

[[noreturn]] void malformed(const std::string& sentence) {
  throw HttpError(400, "malformed_request", sentence);
}

bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_visible(char c) { return c > ' ' && c < '\x7F'; }

// RFC 9110, 5.5: visible characters, blanks and tabs, and bytes of other encodings.
bool is_value_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= ' ' && byte != 0x7F);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes one line off the bytes, which end with one.
std::string_view take_line(std::string_view& bytes) {
  const std::size_t end = bytes.find(kLineEnd);
  const std::string_view line = bytes.substr(0, end);
  bytes.remove_prefix(end + kLineEnd.size());
  if (line.find('\n') != std::string_view::npos || line.find('\r') != std::string_view::npos)
    malformed("A line of the request's head does not end in CR LF.");
  return line;
}

void read_request_line(std::string_view line, const Limits& limits, RequestHead& head) {
  const std::size_t first = line.find(' '), second = line.rfind(' ');
  if (first == std::string_view::npos || first == second)
    malformed("The request line is not METHOD TARGET HTTP/1.1.");
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, second - first - 1);
  const std::string_view version = line.substr(second + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    malformed("The request is not of HTTP/1.0 or HTTP/1.1.");
  head.minor_version = version.back() - '0';
  if (!is_token(head.method)) malformed("The request's method has unusable characters.");
  if (head.target.size() > limits.target_bytes)
    throw HttpError(414, "target_too_long",
                    fmt::format("The path and query have {} bytes; at most {} are allowed.",
                                head.target.size(), limits.target_bytes));
  if (head.target.empty() || head.target.front() != '/' ||
      !std::all_of(head.target.begin(), head.target.end(), is_visible))
    malformed("The request's target is not a path that begins with '/', percent-encoded.");
  constexpr std::array<std::string_view, 7> kMethods = {"GET",   "HEAD",   "POST",   "PUT",
                                                        "PATCH", "DELETE", "OPTIONS"};
  if (std::find(kMethods.begin(), kMethods.end(), head.method) == kMethods.end()) {
    HttpError error(405, "method_not_allowed", "This method is not known here.");
    error.headers.emplace_back("Allow", "GET, HEAD, POST, DELETE, OPTIONS");
    throw error;
  }
}

void read_header(std::string_view line, RequestHead& head) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    malformed("A header is not NAME: VALUE, or is continued on a second line.");
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!std::all_of(value.begin(), value.end(), is_value_character))
    malformed("A header has control characters.");
  head.headers.emplace_back(lower(line.substr(0, colon)), value);
}

// The only header of this name; none: there is none.
std::optional<std::string_view> single_header(const RequestHead& head, std::string_view name) {
  std::optional<std::string_view> value;
  for (const auto& [other, text] : head.headers) {
    if (other != name) continue;
    if (value) malformed(fmt::format("The header {} is given twice.", name));
    value = text;
  }
  return value;
}

void read_length(const Limits& limits, RequestHead& head) {
  if (const auto encoding = single_header(head, "transfer-encoding")) {
    if (lower(*encoding) != "chunked" || head.minor_version == 0)
      malformed("Of transfer encodings only \"chunked\" is known, in HTTP/1.1.");
    head.chunked = true;
  }
  const auto length = single_header(head, "content-length");
  if (!length) return;
  if (head.chunked) malformed("Content-Length and Transfer-Encoding exclude each other.");
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(length->data(), length->data() + length->size(), value);
  if (error != std::errc() || end != length->data() + length->size() || length->empty())
    malformed("Content-Length is not a number of bytes.");
  if (value > limits.body_bytes)
    throw HttpError(413, "body_too_large",
                    fmt::format("The body has {} bytes; at most {} are allowed.", value, limits.body_bytes));
  head.content_length = value;
}

void check_encoding(const RequestHead& head) {
  const auto encoding = single_header(head, "content-encoding");
  if (!encoding) return;
  const std::string name = lower(*encoding);
  if (name != "gzip" && name != "deflate" && name != "br" && name != "identity")
    throw HttpError(415, "unknown_encoding", "Bodies can be compressed by gzip, deflate or br.");
}

// Connection is a list of words in any case.
bool names_option(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (lower(trimmed(list.substr(0, comma))) == word) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

std::string_view RequestHead::header(std::string_view name) const {
  for (const auto& [other, value] : headers)
    if (other == name) return value;
  return {};
}

std::string_view RequestHead::path() const {
  return std::string_view(target).substr(0, target.find_first_of("?#"));
}

std::optional<std::size_t> end_of_head(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  return end + 4;
}

RequestHead parse_head(std::string_view bytes, const Limits& limits) {
  RequestHead head;
  read_request_line(take_line(bytes), limits, head);
  for (std::string_view line = take_line(bytes); !line.empty(); line = take_line(bytes)) {
    read_header(line, head);
    if (head.headers.size() > static_cast<std::size_t>(limits.header_count))
      throw HttpError(431, "head_too_large",
                      fmt::format("The request has more than {} headers.", limits.header_count));
  }
  if (!single_header(head, "host") && head.minor_version == 1) malformed("The header Host is missing.");
  read_length(limits, head);
  check_encoding(head);
  const std::string_view connection = head.header("connection");
  head.keep_alive =
      head.minor_version == 1 ? !names_option(connection, "close") : names_option(connection, "keep-alive");
  return head;
}

}  // namespace anomalyvlm::serve
