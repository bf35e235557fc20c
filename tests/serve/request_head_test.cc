#include "serve/http/request_head.h"

#include <gtest/gtest.h>

#include "serve/http/message.h"

namespace anomalyvlm::serve {
namespace {

RequestHead parse(const std::string& bytes) { return parse_head(bytes, Limits()); }

int status_of(const std::string& bytes, const Limits& limits = {}) {
  try {
    parse_head(bytes, limits);
    return 200;
  } catch (const HttpError& error) {
    return error.status;
  }
}

TEST(RequestHead, IsReadInParts) {
  const RequestHead head = parse(
      "POST /v1/detect?limit=0.5 HTTP/1.1\r\nHost: a\r\nContent-Length:  12 \r\nX-Name: \xC3\xBC b\r\n\r\n");
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/v1/detect?limit=0.5");
  EXPECT_EQ(head.path(), "/v1/detect");
  EXPECT_EQ(head.content_length, 12U);
  EXPECT_EQ(head.header("x-name"), "\xC3\xBC b");
  EXPECT_EQ(head.header("x-other"), "");
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.chunked);
}

TEST(RequestHead, SaysWhetherTheConnectionStays) {
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: foo, Close\r\n\r\n").keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(RequestHead, EndsBehindAnEmptyLine) {
  EXPECT_EQ(end_of_head("GET / HTTP/1.1\r\n\r\nrest"), 18U);
  EXPECT_FALSE(end_of_head("GET / HTTP/1.1\r\n"));
}

TEST(RequestHead, RefusesWhatIsNoRequestOrCanBeTakenForTwo) {
  const std::string host = "Host: a\r\n";
  const auto get = [&](const std::string& headers) { return "GET / HTTP/1.1\r\n" + host + headers + "\r\n"; };
  for (const std::string& request : {std::string("nonsense\r\n\r\n"),
                                     std::string("GET /\r\n\r\n"),
                                     std::string("GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
                                     std::string("GET / HTTP/1.1\r\n\r\n"),  // no host
                                     std::string("G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n"),
                                     std::string("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
                                     std::string("GET /\x80 HTTP/1.1\r\nHost: a\r\n\r\n"),
                                     std::string("GET / x HTTP/1.1\r\nHost: a\r\n\r\n"),
                                     get("Host: b\r\n"),
                                     get("no colon\r\n"),
                                     get(" folded: 1\r\n"),
                                     get("Name : 1\r\n"),
                                     get("A: 1\nB: 2\r\n"),
                                     get("A: \x01\r\n"),
                                     get("Content-Length: 1\r\nContent-Length: 1\r\n"),
                                     get("Content-Length: -1\r\n"),
                                     get("Content-Length: 1x\r\n"),
                                     get("Content-Length: \r\n"),
                                     get("Content-Length: 99999999999999999999\r\n"),
                                     get("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"),
                                     get("Transfer-Encoding: gzip\r\n"),
                                     get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
                                     std::string("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n")})
    EXPECT_EQ(status_of(request), 400) << request;
}

TEST(RequestHead, RefusesWhatIsTooLong) {
  Limits limits;
  limits.target_bytes = 10;
  limits.header_count = 3;
  limits.body_bytes = 100;
  EXPECT_EQ(status_of("GET /12345678901 HTTP/1.1\r\nHost: a\r\n\r\n", limits), 414);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 1\r\nC: 1\r\n\r\n", limits), 431);
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n", limits), 413);
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n", limits), 200);
}

TEST(RequestHead, RefusesUnknownMethods) {
  EXPECT_EQ(status_of("BREW / HTTP/1.1\r\nHost: a\r\n\r\n"), 405);
  EXPECT_EQ(status_of("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"), 405);
}

}  // namespace
}  // namespace anomalyvlm::serve
