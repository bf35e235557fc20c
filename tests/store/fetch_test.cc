// Fetching: from where, what a broken transfer leaves, several processes at once.
#include "store/fetch/fetch.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>

#include "store/fetch/transfer.h"
#include "store/fetch_fixture.h"

namespace anomalyvlm::store {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// ---- what goes well

TEST_F(Fetch, TakesAFileWhole) {
  const HttpServer server([&](const HttpRequest& r) { return file_reply(r, content_); });
  const Fetched fetched = fetch(server);
  EXPECT_EQ(fetched.file, folder_ / "some.pth");
  EXPECT_FALSE(fetched.was_there);
  expect_whole();
  EXPECT_THAT(names(), ElementsAre("some.pth"));
  EXPECT_THAT(events_, IsEmpty());
  EXPECT_TRUE(fetch(server).was_there);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(Fetch, TellsHowFarItIs) {
  const HttpServer server([&](const HttpRequest& r) { return file_reply(r, content_); });
  std::uint64_t last = 0;
  FetchOptions options;
  options.on_progress = [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_GT(done, last);
    EXPECT_EQ(total, content_.size());
    last = done;
  };
  store::fetch(entry(server.url("/some.pth")), folder_, options);
  EXPECT_EQ(last, content_.size());
}

TEST_F(Fetch, OfUnknownSize) {
  for (const bool known : {true, false}) {
    const HttpServer server([&](const HttpRequest& r) {
      HttpReply reply = file_reply(r, content_);
      reply.length = known;
      return reply;
    });
    Published unknown = entry(server.url("/some.pth"));
    unknown.bytes = 0;
    put("some.pth.part", content_.substr(0, 1000));
    fetch(unknown);
    expect_whole();
    put("some.pth.part", content_);  // nothing is left to ask for
    fs::remove(folder_ / "some.pth");
    fetch(unknown);
    expect_whole();
    fs::remove_all(folder_);
  }
}

TEST_F(Fetch, FollowsRedirections) {
  const HttpServer other([&](const HttpRequest& r) { return file_reply(r, content_); });
  const HttpServer server([&](const HttpRequest& r) {
    if (r.target == "/some.pth") return HttpReply{302, {"Location: /second"}, "moved"};
    return HttpReply{307, {"Location: " + other.url("/third")}, "moved"};
  });
  put("some.pth.part", content_.substr(0, 777));
  EXPECT_EQ(fetch(server).resumed_from, 777U);
  expect_whole();
  ASSERT_EQ(other.requests().size(), 1U);
  EXPECT_EQ(other.requests()[0].target, "/third");
  EXPECT_EQ(other.requests()[0].from, 777U);
}

TEST_F(Fetch, FromAMirror) {
  const HttpServer server([&](const HttpRequest& r) { return file_reply(r, content_); });
  const Published published = entry("http://host.invalid/elsewhere/name");
  mirror_ = server.url("/weights/");
  fetch(published);
  expect_whole();
  EXPECT_EQ(server.requests()[0].target, "/weights/some.pth");
  fs::remove_all(folder_);
  mirror_.clear();
  ::setenv("ANOMALYVLM_MIRROR", server.url().c_str(), 1);
  fetch(published);
  expect_whole();
}

TEST_F(Fetch, FromAFolder) {
  const fs::path mirror = folder_.parent_path() / "with blanks, 100% & \xc3\xbc";
  fs::create_directories(mirror);
  std::ofstream(mirror / "some.pth", std::ios::binary) << content_;
  for (const std::string& as : {mirror.string(), as_base_url(mirror.string()), mirror.string() + "/"}) {
    mirror_ = as;
    put("some.pth.part", content_.substr(0, 5));
    EXPECT_EQ(fetch(entry("")).resumed_from, 5U) << as;
    expect_whole();
    fs::remove_all(folder_);
  }
  fs::remove_all(mirror);
  EXPECT_THAT(failure(ErrorKind::kIo, [&] { fetch(entry("")); }),
              HasSubstr("some.pth could not be fetched from file://"));
}

TEST_F(Fetch, ByAProxy) {
  const HttpServer proxy([&](const HttpRequest& r) { return file_reply(r, content_); });
  ::setenv("http_proxy", proxy.url().c_str(), 1);
  fetch(entry("http://host.invalid/some.pth"));
  ::unsetenv("http_proxy");
  expect_whole();
  EXPECT_EQ(proxy.requests()[0].target, "http://host.invalid/some.pth");
}

// ---- transfers that break

TEST_F(Fetch, GoesOnWhereItBroke) {
  const HttpServer server([&](const HttpRequest& r) {
    HttpReply reply = file_reply(r, content_);
    reply.breaks_after = 60'000;  // five times
    return reply;
  });
  fetch(server);
  expect_whole();
  std::vector<std::uint64_t> from;
  for (const HttpRequest& request : server.requests()) from.push_back(request.from.value_or(0));
  EXPECT_THAT(from, ElementsAre(0, 60'000, 120'000, 180'000, 240'000));
  EXPECT_THAT(events_, Contains(HasSubstr("trying again")).Times(4));
}

TEST_F(Fetch, GoesOnWhenNothingComesAnyMore) {
  const HttpServer server([&](const HttpRequest& r) {
    HttpReply reply = file_reply(r, content_);
    if (!r.from) reply.hangs_after = 1000;
    return reply;
  });
  fetch(server);
  expect_whole();
}

TEST_F(Fetch, KeepsWhatCameForTheNextTime) {
  bool broken = true;
  const HttpServer server([&](const HttpRequest& r) {
    HttpReply reply = file_reply(r, content_);
    if (broken) reply.breaks_after = r.from ? 0 : 1234;
    return reply;
  });
  EXPECT_THAT(failure(ErrorKind::kIo, [&] { fetch(server); }),
              AllOf(HasSubstr("The 1234 bytes that came are kept"),
                    HasSubstr("put the file some.pth (300000 bytes)")));
  EXPECT_EQ(server.requests().size(), 4U);  // one that brought something, three that did not
  EXPECT_THAT(names(), ElementsAre("some.pth.part"));
  broken = false;
  EXPECT_EQ(fetch(server).resumed_from, 1234U);
  expect_whole();
  EXPECT_THAT(names(), ElementsAre("some.pth"));
}

TEST_F(Fetch, BeginsAnewWhereAServerCannotGoOn) {
  const HttpServer server([&](const HttpRequest&) { return HttpReply{200, {}, content_}; });
  put("some.pth.part", content_.substr(0, 1000));
  fetch(server);
  expect_whole();
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(Fetch, TriesAgainWhenAServerIsBusy) {
  std::atomic<int> count{0};
  const HttpServer server([&](const HttpRequest& r) {
    return count++ < 2 ? HttpReply{count == 1 ? 503 : 429, {}, "busy"} : file_reply(r, content_);
  });
  fetch(server);
  expect_whole();
  EXPECT_EQ(count, 3);
}

// ---- several at once

TEST_F(Fetch, OfSeveralProcessesOneFetches) {
  const HttpServer server([&](const HttpRequest& r) {
    HttpReply reply = file_reply(r, content_);
    reply.pieces = 10;
    reply.pause_ms = 30;
    return reply;
  });
  const Published published = entry(server.url("/some.pth"));
  std::vector<pid_t> children;
  for (int i = 0; i < 3; ++i) {
    children.push_back(::fork());
    if (children.back() != 0) continue;
    int status = 1;
    try {
      fetch(published);
      status = read_file(folder_ / "some.pth") == content_ ? 0 : 2;
    } catch (const std::exception&) {
    }
    ::_exit(status);
  }
  std::thread here([&] { fetch(published); });
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  here.join();
  expect_whole();
  EXPECT_THAT(names(), ElementsAre("some.pth"));
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(Fetch, AProcessThatWaitedTakesOverFromOneThatDied) {
  const HttpServer server([&](const HttpRequest& r) {
    HttpReply reply = file_reply(r, content_);
    if (!r.from) reply.hangs_after = 100'000;
    return reply;
  });
  const Published published = entry(server.url("/some.pth"));
  const pid_t child = ::fork();
  if (child == 0) {
    FetchOptions patient;
    store::fetch(published, folder_, patient);
    ::_exit(0);
  }
  std::error_code none;
  for (int i = 0; i < 1000 && fs::file_size(folder_ / "some.pth.part", none) != 100'000; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  std::thread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  });
  EXPECT_EQ(fetch(published).resumed_from, 100'000U);
  killer.join();
  expect_whole();
  EXPECT_THAT(events_, ElementsAre("some.pth: another process fetches it; waiting"));
}

}  // namespace
}  // namespace anomalyvlm::store
