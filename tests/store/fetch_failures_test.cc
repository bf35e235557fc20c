// What cannot be fetched, and what must not be taken for it.
#include <signal.h>
#include <sys/resource.h>

#include "apart.h"
#include "store/fetch_fixture.h"

namespace anomalyvlm::store {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

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
  EXPECT_THAT(
      failure(ErrorKind::kIo, [&] { fetch(entry(test::dead_url() + "/some.pth")); }),
      AllOf(HasSubstr("could not be fetched"), HasSubstr("Without a network, put the file some.pth")));
  EXPECT_THAT(names(), IsEmpty());
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

}  // namespace
}  // namespace anomalyvlm::store
