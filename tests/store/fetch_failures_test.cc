// What cannot be fetched, and what must not be taken for it.
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "store/fetch/transfer.h"
#include "store/fetch_fixture.h"
#include "subprocess.h"

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

// ---- servers that lead nowhere

TEST_F(Fetch, NothingFromThereOn) {
  // A server that has nothing where an earlier download ended, but the whole file from the beginning.
  const HttpServer server(
      [&](const HttpRequest& r) { return r.from ? HttpReply{416} : file_reply(r, content_); });
  put("some.pth.part", content_.substr(0, 1000));
  fetch(server);
  expect_whole();
  // One that has nothing at all: what came before is kept.
  const HttpServer none([&](const HttpRequest&) { return HttpReply{416}; });
  fs::remove(folder_ / "some.pth");
  put("some.pth.part", content_.substr(0, 1000));
  failure(ErrorKind::kIo, [&] { fetch(none); });
  EXPECT_EQ(read_file(folder_ / "some.pth.part"), content_.substr(0, 1000));
}

TEST_F(Fetch, AServerThatAlwaysCuts) {
  for (const std::size_t cut : {std::size_t{1}, std::size_t{500}}) {
    const HttpServer server([&](const HttpRequest& r) {
      HttpReply reply = file_reply(r, content_);
      reply.breaks_after = cut;
      return reply;
    });
    EXPECT_THAT(failure(ErrorKind::kIo, [&] { fetch(server); }), HasSubstr("are kept"));
    EXPECT_LT(server.requests().size(), 10U);
    fs::remove_all(folder_);
  }
}

TEST_F(Fetch, AServerThatAlwaysCutsAndCannotGoOn) {
  const HttpServer server([&](const HttpRequest&) {
    HttpReply reply{200, {}, content_};
    reply.breaks_after = 100'000;
    return reply;
  });
  failure(ErrorKind::kIo, [&] { fetch(server); });
  EXPECT_LT(server.requests().size(), 20U);
}

TEST_F(Fetch, ManyTriesThatEachBringALittle) {
  most_tries_ = 7;
  const HttpServer server([&](const HttpRequest& r) {
    HttpReply reply = file_reply(r, content_);
    reply.breaks_after = 2'000;
    return reply;
  });
  EXPECT_THAT(failure(ErrorKind::kIo, [&] { fetch(server); }),
              HasSubstr("The 14000 bytes that came are kept"));
  EXPECT_EQ(server.requests().size(), 7U);
}

TEST_F(Fetch, ABodyWithoutEndOfAFileOfUnknownSize) {
  most_bytes_ = kSize;
  for (const bool known : {true, false}) {
    const HttpServer server([&](const HttpRequest&) {
      HttpReply reply{200, {}, content_ + content_};
      reply.length = known;
      return reply;
    });
    Published unknown = entry(server.url("/some.pth"));
    unknown.bytes = 0;
    EXPECT_THAT(failure(ErrorKind::kBadModel, [&] { fetch(unknown); }),
                HasSubstr(known ? "it has 600000 bytes" : "it has more than 300000 bytes"));
    EXPECT_THAT(names(), IsEmpty());
  }
}

TEST_F(Fetch, AServerThatIsHardlyThere) {
  const HttpServer server([&](const HttpRequest& r) {
    HttpReply reply = file_reply(r, content_);
    reply.pieces = static_cast<int>(kSize);
    reply.pause_ms = 100;  // 10 bytes a second
    return reply;
  });
  EXPECT_THAT(failure(ErrorKind::kIo, [&] { fetch(server); }), HasSubstr("Operation too slow"));
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(Fetch, AMirrorsPasswordIsNotTold) {
  const HttpServer server([](const HttpRequest&) { return HttpReply{404}; });
  std::string with_password = server.url();
  mirror_ = with_password.replace(with_password.find("127"), 0, "someone:s3cret@");
  const std::string text = failure(ErrorKind::kIo, [&] { fetch(entry("http://host.invalid/some.pth")); });
  EXPECT_THAT(text, AllOf(HasSubstr(server.url("/some.pth")), ::testing::Not(HasSubstr("s3cret"))));
  for (const auto& [url, shown] : {std::pair{"http://a:b@host/c@d", "http://host/c@d"},
                                   std::pair{"https://a:p@ss@host:80?x", "https://host:80?..."},
                                   std::pair{"https://host/f?token=s3cret", "https://host/f?..."},
                                   std::pair{"http://a:p/s?s#@host:80/f", "http://host:80/f"},
                                   std::pair{"http://host:80/c@d", "http://host:80/c@d"},
                                   std::pair{"http://[::1]:80/c@d", "http://[::1]:80/c@d"},
                                   std::pair{"http://host/c@d", "http://host/c@d"},
                                   std::pair{"file:///a@b", "file:///a@b"}, std::pair{"no url", "no url"}})
    EXPECT_EQ(without_secrets(url), shown);
}

// ---- the disk

TEST_F(Fetch, WhatIsNoFileInThePlaceOfTheUnfinishedOne) {
  const HttpServer server([&](const HttpRequest& r) { return file_reply(r, content_); });
  put("other", "precious");
  const fs::path part = folder_ / "some.pth.part";
  ASSERT_EQ(::mkfifo(part.c_str(), 0600), 0);
  EXPECT_THAT(failure(ErrorKind::kIo, [&] { fetch(server); }), HasSubstr("not an ordinary file"))
      << "no waiting";
  fs::remove(part);
  for (const char* meant : {"other", "/dev/null", "nowhere"}) {
    fs::create_symlink(meant, part);
    EXPECT_THAT(failure(ErrorKind::kIo, [&] { fetch(server); }), HasSubstr("some.pth.part"));
    fs::remove(part);
  }
  EXPECT_EQ(read_file(folder_ / "other"), "precious");
  fetch(server);
  expect_whole();
}

TEST_F(Fetch, AFullDisk) {
  const HttpServer server([&](const HttpRequest& r) { return file_reply(r, content_); });
  const Published published = entry(server.url("/some.pth"));
  const test::Outcome outcome = test::run_in_subprocess([&] {
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

TEST_F(Fetch, AFolderIntoWhichOthersCanWrite) {
  const HttpServer server([&](const HttpRequest& r) { return file_reply(r, content_); });
  fs::create_directories(folder_);
  fs::permissions(folder_, fs::perms::others_write, fs::perm_options::add);
  EXPECT_THAT(failure(ErrorKind::kIo, [&] { fetch(server); }), HasSubstr("could have been replaced"));
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_THAT(server.requests(), IsEmpty()) << "said before anything is fetched";
}

TEST_F(Fetch, NobodyElseCanWriteWhatCame) {
  const HttpServer server([&](const HttpRequest& r) { return file_reply(r, content_); });
  const mode_t before = ::umask(0);
  fetch(server);
  ::umask(before);
  constexpr fs::perms kOthers = fs::perms::group_write | fs::perms::others_write;
  for (const fs::path& path : {folder_, folder_ / "some.pth"})
    EXPECT_EQ(fs::status(path).permissions() & kOthers, fs::perms::none) << path;
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
