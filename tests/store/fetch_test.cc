// Fetching against a server that fails in every way it can.
#include "store/fetch/fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "anomalyvlm/error.h"
#include "apart.h"
#include "core/platform.h"
#include "core/sha256.h"
#include "store/fetch/transfer.h"
#include "store/folder.h"
#include "store/http_server.h"

namespace anomalyvlm::store {
namespace {

namespace fs = std::filesystem;
using test::HttpReply;
using test::HttpRequest;
using test::HttpServer;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr std::size_t kSize = 300'000;

std::string some_content(std::size_t size = kSize) {
  std::string content;
  for (std::size_t i = 0; i < size; ++i) content += static_cast<char>(i * i >> 7);
  return content;
}

class Fetch : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("no_proxy", "127.0.0.1", 1);
    ::unsetenv("ANOMALYVLM_MIRROR");
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  Published entry(const std::string& url) {
    url_ = url;
    return {"some", "", "some.pth", url_, content_.size(), sha256_, "MIT", "a test"};
  }

  Fetched fetch(const Published& entry) {
    FetchOptions options;
    options.tries = 3;
    options.pause = std::chrono::milliseconds(1);
    options.stalled_seconds = 1;
    options.mirror = mirror_;
    options.on_event = [this](const std::string& what) { events_.push_back(what); };
    return store::fetch(entry, folder_, options);
  }
  Fetched fetch(const HttpServer& server) { return fetch(entry(server.url("/some.pth"))); }

  // Of the Error that it ends with.
  template <typename Call>
  std::string failure(ErrorKind kind, Call&& call) {
    try {
      call();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      return error.what();
    }
    ADD_FAILURE() << "no error";
    return {};
  }

  void expect_whole() const { EXPECT_EQ(read_file(folder_ / "some.pth"), content_); }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    std::error_code none;
    for (const auto& file : fs::directory_iterator(folder_, none)) names.push_back(file.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
  void put(const std::string& name, const std::string& content) const {
    fs::create_directories(folder_);
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }

  const std::string content_ = some_content();
  const std::string sha256_ =
      sha256_hex({reinterpret_cast<const std::uint8_t*>(content_.data()), content_.size()});
  const fs::path folder_ =
      fs::temp_directory_path() / ("anomalyvlm-fetch-" + std::to_string(process_id())) / "models";
  std::string url_, mirror_;
  std::vector<std::string> events_;
};

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
  for (const bool told : {true, false}) {
    const HttpServer server([&](const HttpRequest& r) {
      HttpReply reply = file_reply(r, content_);
      reply.length = told;
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

// ---- what cannot be had

TEST_F(Fetch, NotThere) {
  const HttpServer server([](const HttpRequest&) { return HttpReply{404, {}, "<html>not here</html>"}; });
  const std::string text = failure(ErrorKind::kIo, [&] { fetch(server); });
  EXPECT_THAT(text, AllOf(StartsWith("some.pth could not be fetched from " + server.url("/some.pth")),
                          HasSubstr("404"),
                          HasSubstr("Without a network, put the file some.pth (300000 bytes) from " +
                                    server.url("/some.pth") + " into '" + folder_.string() + "'")));
  EXPECT_EQ(server.requests().size(), 1U);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Fetch, NoNetwork) {
  for (const std::string& url : {test::dead_url(), std::string("http://host.invalid")}) {
    const std::string text = failure(ErrorKind::kIo, [&] { fetch(entry(url + "/some.pth")); });
    EXPECT_THAT(text, AllOf(HasSubstr("could not be fetched"),
                            HasSubstr("Without a network, put the file some.pth")));
    EXPECT_THAT(names(), IsEmpty());
  }
  EXPECT_THAT(events_, IsEmpty()) << "no use in trying again";
}

TEST_F(Fetch, NoUrl) {
  Published none = entry("");
  none.note = "it lies in a drawer";
  EXPECT_THAT(failure(ErrorKind::kIo, [&] { fetch(none); }),
              AllOf(HasSubstr("cannot be fetched by itself"), HasSubstr("it lies in a drawer")));
}

TEST_F(Fetch, RedirectionsWithoutEndOrToTheDisk) {
  put("secret", content_);
  for (const std::string& to : {std::string("/some.pth"), "file://" + (folder_ / "secret").string()}) {
    const HttpServer server([&](const HttpRequest&) { return HttpReply{302, {"Location: " + to}, ""}; });
    failure(ErrorKind::kIo, [&] { fetch(server); });
    EXPECT_THAT(names(), ElementsAre("secret"));
  }
}

TEST_F(Fetch, AnotherFile) {
  std::string other = content_;
  other[kSize / 2] ^= 1;
  const HttpServer server([&](const HttpRequest& r) { return file_reply(r, other); });
  EXPECT_THAT(
      failure(ErrorKind::kBadModel, [&] { fetch(server); }),
      AllOf(HasSubstr("is not the file that it should be"), HasSubstr("its SHA-256 is not " + sha256_)));
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Fetch, AnotherSize) {
  put("some.pth.part", content_.substr(0, 1000));
  for (const std::string& other : {std::string("<html>Please sign in</html>"), content_ + "x"}) {
    const HttpServer server([&](const HttpRequest&) { return HttpReply{200, {}, other}; });
    EXPECT_THAT(failure(ErrorKind::kBadModel, [&] { fetch(server); }),
                HasSubstr("it has " + std::to_string(other.size()) + " bytes instead of 300000"));
    EXPECT_EQ(read_file(folder_ / "some.pth.part"), content_.substr(0, 1000)) << "may still be right";
  }
}

TEST_F(Fetch, AnotherSizeThatIsNotToldBefore) {
  for (const std::string& other : {std::string("short"), content_ + "x"}) {
    const HttpServer server([&](const HttpRequest&) {
      HttpReply reply{200, {}, other};
      reply.length = false;
      return reply;
    });
    EXPECT_THAT(failure(ErrorKind::kBadModel, [&] { fetch(server); }),
                HasSubstr(other.size() > kSize ? "it has more than 300000 bytes" : "it ends after 5 bytes"));
    EXPECT_THAT(names(), IsEmpty());
  }
}

TEST_F(Fetch, TheBeginningOfAnotherFile) {
  const HttpServer server([&](const HttpRequest& r) { return file_reply(r, content_); });
  for (const std::size_t size : {std::size_t{1000}, kSize, kSize + 1000}) {
    put("some.pth.part", std::string(size, 'x'));
    fetch(server);
    expect_whole();
    EXPECT_THAT(names(), ElementsAre("some.pth"));
    fs::remove(folder_ / "some.pth");
  }
  EXPECT_THAT(events_, Contains(HasSubstr("belong to another file")).Times(2));
}

TEST_F(Fetch, ADamagedFileIsReplacedOnlyByAWholeOne) {
  put("some.pth", "damaged");
  const HttpServer none([](const HttpRequest&) { return HttpReply{404}; });
  failure(ErrorKind::kIo, [&] { fetch(none); });
  EXPECT_EQ(read_file(folder_ / "some.pth"), "damaged");
  const HttpServer server([&](const HttpRequest& r) { return file_reply(r, content_); });
  fetch(server);
  expect_whole();
}

// ---- the disk

TEST_F(Fetch, AFullDisk) {
  const HttpServer server([&](const HttpRequest& r) { return file_reply(r, content_); });
  const Published published = entry(server.url("/some.pth"));
  const test::Outcome outcome = test::run_apart([&] {
    ::signal(SIGXFSZ, SIG_IGN);  // writing fails then, as on a full disk
    const rlimit limit{50'000, 50'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    fetch(published);
  });
  EXPECT_THAT(outcome.text, AllOf(StartsWith("cannot write '"), HasSubstr("some.pth.part': File too large")));
  EXPECT_THAT(names(), ElementsAre("some.pth.part"));
  EXPECT_EQ(fetch(published).resumed_from, 50'000U);
  expect_whole();
}

TEST_F(Fetch, NotEnoughRoom) {
  const HttpServer server([](const HttpRequest&) {
    HttpReply reply;
    reply.length = false;
    reply.headers = {"Content-Length: 4000000000000000000"};
    reply.body = "x";
    return reply;
  });
  Published huge = entry(server.url("/some.pth"));
  huge.bytes = 4'000'000'000'000'000'000;
  EXPECT_THAT(failure(ErrorKind::kIo, [&] { fetch(huge); }),
              AllOf(HasSubstr("needs 4000000000000000000 more bytes"),
                    HasSubstr("make room, or set ANOMALYVLM_MODELS")));
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Fetch, AFolderThatCannotBeMade) {
  const HttpServer server([&](const HttpRequest& r) { return file_reply(r, content_); });
  fs::create_directories(folder_.parent_path());
  std::ofstream(folder_) << "a file";
  EXPECT_THAT(failure(ErrorKind::kIo, [&] { fetch(server); }), HasSubstr(folder_.string()));
  fs::remove(folder_);
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
