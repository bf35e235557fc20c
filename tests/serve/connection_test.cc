// The HTTP server with an application that says what it got: what clients may send, and what becomes of the
// connection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <atomic>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <thread>

#include "serve/http/server.h"
#include "serve/raw_client.h"
#include "temporary_folder.h"

namespace anomalyvlm::serve {
namespace {

using std::chrono::milliseconds;
using test::ask;
using test::get;
using test::post;
using test::RawAnswer;
using test::RawClient;
using testing::HasSubstr;

// Answers with what it got; "/slow" waits until it is told to stop, "/big" is large.
class Echo : public Application {
 public:
  std::optional<Response> admit(const RequestHead& head, const std::string& address,
                                Request& request) override {
    request.client = address;
    if (head.path() == "/forbidden") return refusal(HttpError(403, "forbidden", "no"));
    return std::nullopt;
  }

  Response handle(Request& request) override {
    if (request.path == "/slow") {
      ++slow_begun;
      std::mutex mutex;
      std::unique_lock lock(mutex);
      const bool stopped = !std::condition_variable_any().wait_for(lock, request.stop, slow_time, [] {
        return false;
      }) && request.stop.stop_requested();
      if (stopped) ++slow_stopped;
      return {.body = stopped ? "stopped" : "done"};
    }
    if (request.path == "/big")
      return {.content_type = "application/octet-stream", .body = std::string(big_bytes, 'x')};
    std::string text = request.method + " " + request.path;
    for (const auto& [name, value] : request.query) text += " " + name + "=" + value;
    for (const Part& part : request.parts)
      text += " [" + part.name + "," + part.file_name + "," + part.bytes + "]";
    return {.content_type = "text/plain", .body = text + " " + request.body};
  }

  Response refusal(const HttpError& error) override {
    return {.status = error.status,
            .content_type = "application/json",
            .body = error.what(),
            .headers = error.headers};
  }

  void finished(const Request&, const Response& response, const Transfer& transfer) override {
    last_status = response.status;
    if (transfer.client_has_gone) ++gone;
  }

  milliseconds slow_time{5000};
  std::size_t big_bytes = 50 << 20;
  std::atomic<int> slow_begun = 0, slow_stopped = 0, gone = 0, last_status = 0;
};

class ConnectionTest : public testing::Test {
 protected:
  void start(const Limits& limits = {}, std::shared_ptr<const TlsContext> tls = nullptr,
             milliseconds grace = milliseconds(10'000)) {
    server_ =
        std::make_unique<HttpServer>(echo_, HttpServer::Endpoint{"127.0.0.1", 0, std::move(tls)}, limits);
    thread_ = std::thread([this, grace] { server_->run(grace); });
  }
  int port() const { return server_->port(); }
  void stop() {
    if (!thread_.joinable()) return;
    server_->stop();
    thread_.join();
  }
  void TearDown() override { stop(); }

  Echo echo_;
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

bool becomes_true(const std::function<bool()>& condition, milliseconds within = milliseconds(10'000)) {
  const auto until = Clock::now() + within;
  while (!condition())
    if (Clock::now() > until)
      return false;
    else
      std::this_thread::sleep_for(milliseconds(5));
  return true;
}

TEST_F(ConnectionTest, AnswersOneRequestAfterTheOther) {
  start();
  RawClient client(port());
  for (int i = 0; i < 3; ++i) {
    client.send(post("/a%20b?x=1&y=%C3%BC", "body"));
    const RawAnswer answer = client.read_answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "POST /a b x=1 y=\xC3\xBC body");
  }
  client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.read_answer().body, "GET / ");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ConnectionTest, AnswersPipelinedRequestsInOrder) {
  start();
  RawClient client(port());
  client.send(post("/1", "one") + get("/2") + post("/3", "three"));
  EXPECT_EQ(client.read_answer().body, "POST /1 one");
  EXPECT_EQ(client.read_answer().body, "GET /2 ");
  EXPECT_EQ(client.read_answer().body, "POST /3 three");
}

TEST_F(ConnectionTest, TakesBodiesInChunks) {
  start();
  RawClient client(port());
  client.send(
      "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
      "chunked\r\n\r\n4\r\nWiki\r\n5\r\npedia\r\n0\r\n\r\n");
  EXPECT_EQ(client.read_answer().body, "POST /c Wikipedia");
  EXPECT_TRUE(client.is_closed());  // the library reads lengths of chunks less strictly than proxies may
}

TEST_F(ConnectionTest, TakesFormsAndCompressedBodies) {
  start();
  const std::string form =
      "--XX\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\nContent-Type: "
      "image/png\r\n\r\npixels\r\n"
      "--XX\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nScratch.\r\n--XX--\r\n";
  EXPECT_EQ(ask(port(), post("/f", form, "Content-Type: multipart/form-data; boundary=XX\r\n")).body,
            "POST /f [image,a.png,pixels] [prompt,,Scratch.] ");
  const std::string text(100'000, 'a');
  std::string packed(compressBound(text.size()) + 100, '\0');
  z_stream stream{};
  ASSERT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  EXPECT_EQ(ask(port(), post("/z", packed, "Content-Encoding: gzip\r\n")).body, "POST /z " + text);
  EXPECT_EQ(ask(port(), post("/z", packed, "Content-Encoding: zip\r\n")).status, 415);
}

TEST_F(ConnectionTest, DecompressesNoMoreThanTheBodyMayHave) {
  Limits limits;
  limits.body_bytes = 1 << 20;
  start(limits);
  const std::string text(64 << 20, '\0');
  uLongf size = compressBound(text.size());
  std::string packed(size, '\0');
  ASSERT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &size,
                     reinterpret_cast<const Bytef*>(text.data()), text.size()),
            Z_OK);
  packed.resize(size);
  EXPECT_EQ(ask(port(), post("/z", packed, "Content-Encoding: deflate\r\n")).status, 413);
}

TEST_F(ConnectionTest, AnswersHeadWithoutABody) {
  start();
  RawClient client(port());
  client.send("HEAD /h HTTP/1.1\r\nHost: a\r\n\r\n");
  const RawAnswer answer = client.read_answer(false);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("content-length"), "7");
  client.send(get("/next"));
  EXPECT_EQ(client.read_answer().body, "GET /next ");
}

TEST_F(ConnectionTest, AnswersOldClients) {
  start();
  RawClient client(port());
  client.send("GET /old HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.read_answer().body, "GET /old ");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ConnectionTest, TellsClientsThatWaitToSendTheBody) {
  start();
  RawClient client(port());
  client.send("POST /e HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_answer(false).status, 100);
  client.send("body");
  EXPECT_EQ(client.read_answer().body, "POST /e body");
}

TEST_F(ConnectionTest, DoesNotReadWhatItRefuses) {
  start();
  RawClient client(port());
  client.send(post("/forbidden", std::string(200'000, 'x')));
  EXPECT_EQ(client.read_answer().status, 403);
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ConnectionTest, IgnoresRangesAndWishesForCompression) {
  start();
  const RawAnswer answer = ask(port(), get("/r", "Range: bytes=0-1\r\nAccept-Encoding: gzip, br\r\n"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "GET /r ");
  EXPECT_EQ(ask(port(), get("/r", "Range: nonsense\r\n")).status, 200);
}

TEST_F(ConnectionTest, ClosesAfterABodyThatNobodyAskedFor) {
  start();
  RawClient client(port());
  client.send("GET /g HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\nGET /hidden HTTP/1.1");
  const RawAnswer answer = client.read_answer();
  EXPECT_EQ(answer.body, "GET /g ");
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ConnectionTest, SurvivesBrokenClients) {
  Limits limits;
  limits.body_time = milliseconds(300);
  start(limits);
  for (const std::string& half :
       {std::string(), std::string("GET"), post("/h", "whole").substr(0, 40),
        std::string("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"),
        std::string("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx"),
        std::string("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)}) {
    RawClient client(port());
    client.send(half);
    client.close();
  }
  EXPECT_EQ(ask(port(), "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").status,
            400);
  EXPECT_EQ(ask(port(), post("/f", "no form", "Content-Type: multipart/form-data; boundary=XX\r\n")).status,
            400);
  EXPECT_EQ(ask(port(), post("/f", "no form", "Content-Type: multipart/form-data\r\n")).status, 400);
  EXPECT_EQ(ask(port(), "nonsense\r\n\r\n").status, 400);
  EXPECT_EQ(ask(port(), get("/still/there")).status, 200);
}

TEST_F(ConnectionTest, GivesUpSlowHeadersAndBodies) {
  Limits limits;
  limits.head_time = limits.body_time = milliseconds(300);
  start(limits);
  RawClient head(port()), body(port());
  head.send("GET / HTTP/1.1\r\nHo");
  body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  // One byte now and then does not help.
  std::thread drip([&] {
    for (int i = 0; i < 20; ++i) {
      std::this_thread::sleep_for(milliseconds(50));
      head.send("x");
    }
  });
  EXPECT_EQ(head.read_answer().status, 408);
  EXPECT_EQ(body.read_answer().status, 408);
  drip.join();
}

TEST_F(ConnectionTest, ClosesIdleConnections) {
  Limits limits;
  limits.idle_time = milliseconds(200);
  start(limits);
  RawClient client(port());
  client.send(get("/"));
  client.read_answer();
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ConnectionTest, LimitsHeadsBodiesAndParts) {
  Limits limits;
  limits.head_bytes = 1000;
  limits.body_bytes = 1000;
  limits.parts = 2;
  start(limits);
  EXPECT_EQ(ask(port(), get("/", "X: " + std::string(2000, 'x') + "\r\n")).status, 431);
  EXPECT_EQ(ask(port(), "GET /" + std::string(5000, 'x')).status, 431);
  EXPECT_EQ(ask(port(), post("/", std::string(1001, 'x'))).status, 413);
  EXPECT_EQ(ask(port(), "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" +
                            std::string(2000, 'x') + "\r\n0\r\n\r\n")
                .status,
            413);
  std::string form;
  for (int i = 0; i < 3; ++i) form += "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n";
  EXPECT_EQ(
      ask(port(), post("/", form + "--X--\r\n", "Content-Type: multipart/form-data; boundary=X\r\n")).status,
      413);
}

TEST_F(ConnectionTest, LimitsConnections) {
  Limits limits;
  limits.connections = 3;
  limits.client_connections = 2;
  start(limits);
  RawClient a(port()), b(port());
  for (RawClient* client : {&a, &b}) {
    client->send(get("/"));
    EXPECT_EQ(client->read_answer().status, 200);
  }
  const RawAnswer refused = ask(port(), get("/"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.at("retry-after"), "1");
  EXPECT_THAT(refused.body, HasSubstr("This client"));
  a.close();
  EXPECT_TRUE(becomes_true([&] { return ask(port(), get("/")).status == 200; }));
}

TEST_F(ConnectionTest, StopsTheWorkOfAClientThatHasGone) {
  start();
  RawClient client(port());
  client.send(get("/slow"));
  ASSERT_TRUE(becomes_true([&] { return echo_.slow_begun == 1; }));
  const auto begin = Clock::now();
  client.close();
  ASSERT_TRUE(becomes_true([&] { return echo_.slow_stopped == 1; }));
  EXPECT_LT(Clock::now() - begin, milliseconds(1000));  // usually 0.05 s: docs/RESULTS.md
  EXPECT_TRUE(becomes_true([&] { return echo_.gone == 1; }));
}

TEST_F(ConnectionTest, GivesUpOnAClientThatTakesNoAnswer) {
  Limits limits;
  limits.write_time = milliseconds(300);
  start(limits);
  RawClient client(port());
  client.send(get("/big"));
  EXPECT_TRUE(becomes_true([&] { return echo_.gone == 1; }));
}

TEST_F(ConnectionTest, GivesUpOnAClientThatTakesItByTheDrop) {
  Limits limits;
  limits.write_time = milliseconds(500);
  start(limits);
  echo_.big_bytes = 6 << 20;
  RawClient client(port(), 4096);
  client.send(get("/big"));
  const auto begin = Clock::now();
  while (echo_.gone == 0 && Clock::now() - begin < std::chrono::seconds(20)) {
    client.take(1000);
    std::this_thread::sleep_for(milliseconds(50));
  }
  EXPECT_EQ(echo_.gone, 1);
}

TEST_F(ConnectionTest, FinishesWhatWasAcceptedBeforeItStops) {
  echo_.slow_time = milliseconds(400);
  start();
  RawClient slow(port()), idle(port()), waiting(port());
  slow.send(get("/slow"));
  idle.send(get("/"));
  EXPECT_EQ(idle.read_answer().status, 200);
  ASSERT_TRUE(becomes_true([&] { return echo_.slow_begun == 1; }));
  waiting.send(get("/waiting"));
  std::thread stopping([&] { stop(); });
  EXPECT_EQ(slow.read_answer().body, "done");
  const RawAnswer answer = waiting.read_answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(idle.is_closed());
  stopping.join();
  EXPECT_THROW(RawClient{port()}, std::runtime_error);
}

TEST_F(ConnectionTest, AnswersConnectionsThatTheSystemHadAcceptedWhenItStops) {
  Echo& echo = echo_;
  server_ = std::make_unique<HttpServer>(echo, HttpServer::Endpoint{"127.0.0.1", 0, nullptr}, Limits());
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(std::make_unique<RawClient>(server_->port()));
    clients.back()->send(get("/waiting"));
  }
  server_->stop();  // before any of them was looked at
  server_->run(std::chrono::seconds(10));
  for (const auto& client : clients) EXPECT_EQ(client->read_answer().status, 200);
}

TEST_F(ConnectionTest, CancelsWhatTakesTooLongWhenItStops) {
  echo_.slow_time = milliseconds(60'000);
  start({}, nullptr, milliseconds(100));
  RawClient slow(port());
  slow.send(get("/slow"));
  ASSERT_TRUE(becomes_true([&] { return echo_.slow_begun == 1; }));
  stop();
  EXPECT_EQ(echo_.slow_stopped, 1);
}

TEST_F(ConnectionTest, ManyClientsAtOnceGetTheirOwnAnswers) {
  start();
  std::vector<std::thread> clients;
  std::atomic<int> right = 0;
  for (int c = 0; c < 8; ++c)
    clients.emplace_back([&, c] {
      RawClient client(port());
      for (int i = 0; i < 50; ++i) {
        const std::string body = std::to_string(c) + "/" + std::to_string(i);
        client.send(post("/m", body));
        right += client.read_answer().body == "POST /m " + body;
      }
    });
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(right, 400);
}

}  // namespace
}  // namespace anomalyvlm::serve
