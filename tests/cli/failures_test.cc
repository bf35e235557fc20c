// What may go wrong around the work: folders, names, disks, streams, interruptions.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "cli/detect_fixture.h"
#include "core/platform.h"

namespace anomalyvlm::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(Detect, OneNameWithTwoEndingsIsAnErrorBeforeAnyWork) {
  const Outcome run = run_program({"detect", image_file("a.png"), folder_ / "a.jpg", "--out", out_});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, AllOf(HasSubstr("a.png"), HasSubstr("a.jpg"), HasSubstr("both write"),
                             HasSubstr("a.anomaly.tiff")));
  EXPECT_FALSE(fs::exists(out_));
}

TEST_F(Detect, OneImageGivenTwiceIsAnErrorBeforeAnyWork) {
  for (const std::string& again : {folder_ / "a.png", folder_ / "./sub/../a.png", folder_.path().string()}) {
    fs::create_directories(folder_.path() / "sub");
    const Outcome run = run_program({"detect", image_file("a.png"), again, "--out", out_});
    EXPECT_EQ(run.exit, 1);
    EXPECT_THAT(run.err, HasSubstr("given twice"));
    EXPECT_FALSE(fs::exists(out_));
  }
}

TEST_F(Detect, AResultNeverReplacesAnInput) {
  const std::string input = image_file("a.png"), trap = image_file("a.input.png");
  const std::string before = read_file(trap);
  const Outcome run =
      run_program({"detect", input, trap, "--out", folder_.path().string(), "--write", "all"});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("would replace the image"));
  EXPECT_EQ(read_file(trap), before);
}

TEST_F(Detect, AFileInPlaceOfTheOutputFolderIsAnErrorBeforeAnyWork) {
  std::ofstream(out_) << "a file";
  const Outcome run = run_program({"detect", image_file("a.png"), "--out", out_});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, AllOf(HasSubstr(out_), HasSubstr("cannot be made")));
  EXPECT_EQ(read_file(out_), "a file");
  EXPECT_EQ(run_program({"detect", image_file("a.png"), "--out", out_ + "/below"}).exit, 1);
}

TEST_F(Detect, AnOutputFolderThatCannotBeWrittenIsAnErrorBeforeAnyWork) {
  const Outcome run = run_program({"detect", image_file("a.png"), "--out", "/proc/sys"});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("/proc/sys"));
  if (::geteuid() == 0) return;  // to whom nothing is read-only
  fs::create_directories(out_);
  fs::permissions(out_, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_THAT(run_program({"detect", image_file("a.png"), "--out", out_}).err, HasSubstr("is read-only"));
}

TEST_F(Detect, WhatCannotBeReadIsReportedAndPassedOver) {
  const std::string good = image_file("good.png");
  fs::create_directories(folder_.path() / "folder.png");
  fs::create_symlink("nowhere", folder_.path() / "dangling.png");
  ASSERT_EQ(::mkfifo((folder_ / "pipe.png").c_str(), 0600), 0);
  const Outcome run = run_program({"detect", folder_ / "missing.png", folder_ / "dangling.png",
                                   folder_ / "pipe.png", "/dev/null", good, "--out", out_});
  EXPECT_EQ(run.exit, 1);
  for (const char* name : {"missing.png", "dangling.png", "pipe.png", "/dev/null"})
    EXPECT_THAT(run.err, HasSubstr(name));
  EXPECT_THAT(run.err, HasSubstr("4 of 5 images could not be processed."));
  EXPECT_TRUE(fs::exists(out_ + "/good.json"));
}

TEST_F(Detect, AFolderIsDoneInTheOrderOfItsNames) {
  for (const char* name : {"c.png", "a.png", "b.PNG", "d.png"}) image_file(name);
  std::ofstream(folder_ / "notes.txt") << "not an image";
  std::ofstream(folder_ / ".hidden.png") << "not an image";
  const Outcome run = run_program({"detect", folder_.path().string(), "--out", out_, "--write", "json"});
  ASSERT_EQ(run.exit, 0) << run.err;
  std::vector<std::size_t> places;
  for (const char* name : {"a.png ", "b.PNG ", "c.png ", "d.png "}) places.push_back(run.out.find(name));
  EXPECT_TRUE(std::is_sorted(places.begin(), places.end())) << run.out;
  EXPECT_THAT(names_in(out_), ElementsAre("a.json", "b.json", "c.json", "d.json"));
}

TEST_F(Detect, AFolderWithoutImagesIsAnError) {
  fs::create_directories(out_);
  const Outcome run = run_program({"detect", out_, "--out", out_});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("holds no images"));
}

TEST_F(Detect, NamesMayHoldAnything) {
  const std::string names[] = {"with blanks", "gr\xc3\xbc\xc3\x9f\x65 \xe7\x95\xab",
                               "line\nbreak", "not \xff utf-8",
                               "-dash",       "a.b.c",
                               "quote'\"$x",  std::string(200, 'x')};
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    const Outcome run =
        run_program({"detect", "--out", out_, "--write", "json", "--", image_file(name + ".png")});
    EXPECT_EQ(run.exit, 0) << run.err;
    EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 1);
    EXPECT_TRUE(fs::exists(fs::path(out_) / (name + ".json")));
  }
}

TEST_F(Detect, AFullDiskLeavesNothingHalfWritten) {
  const Surroundings small_files{{}, [] {
                                   const rlimit limit{30000, 30000};  // writing fails, as on a full disk
                                   ::setrlimit(RLIMIT_FSIZE, &limit);
                                 }};
  const Outcome run = run_program(
      {"detect", image_file("a.png"), image_file("b.png"), "--out", out_, "--no-cache"}, small_files);
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err,
              AllOf(HasSubstr("a.anomaly.tiff"), HasSubstr("b.anomaly.tiff"), HasSubstr("File too large")));
  EXPECT_THAT(names_in(out_), ElementsAre());
}

TEST_F(Detect, ClosedStreamsDoNotLandInResults) {
  const Surroundings closed{{}, [] {
                              for (const int stream : {0, 1, 2}) ::close(stream);
                            }};
  std::ofstream(folder_ / "bad.png") << "not an image";
  const Outcome run = run_program(
      {"detect", image_file("a.png"), folder_ / "bad.png", "--out", out_, "--write", "all"}, closed);
  EXPECT_EQ(run.exit, 1);
  EXPECT_EQ(read_image(out_ + "/a.input.png").rgb, read_image(folder_ / "a.png").rgb);
  EXPECT_THAT(read_file(out_ + "/a.json"), StartsWith("{"));
}

TEST_F(Detect, OutputThatCannotBePrintedIsAFailure) {
  const Surroundings full{{}, [] { ::dup2(::open("/dev/full", O_WRONLY), 1); }};
  const Outcome run = run_program({"detect", image_file("a.png"), "--out", out_}, full);
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("could not be printed"));
  EXPECT_TRUE(fs::exists(out_ + "/a.json"));
}

// Results and exit code are what they would be with somebody listening.
TEST_F(Detect, MessagesThatCannotBePrintedDoNotEndTheWork) {
  std::ofstream(folder_ / "bad.png") << "not an image";
  const std::vector<std::string> arguments = {
      "detect", image_file("a.png"), folder_ / "bad.png", image_file("c.png"), "--out", out_, "--write",
      "json"};
  const auto full = [](int stream) { ::dup2(::open("/dev/full", O_WRONLY), stream); };
  const std::function<void()> streams[] = {[&] { full(2); }, [&] { full(1), full(2); }, [] { ::close(2); },
                                           [] {
                                             int ends[2];
                                             if (::pipe(ends) != 0) ::_exit(126);
                                             ::close(ends[0]);  // nobody reads
                                             ::dup2(ends[1], 1);
                                             ::dup2(ends[1], 2);
                                           }};
  for (const auto& prepare : streams) {
    fs::remove_all(out_);
    EXPECT_EQ(run_program(arguments, {{}, prepare}).exit, 1);
    EXPECT_THAT(names_in(out_), ElementsAre("a.json", "c.json"));
  }
}

TEST_F(Detect, ALogHoldsTheMessages) {
  const std::string log = folder_ / "log.txt", image = image_file("a.png");
  for (int i = 0; i < 2; ++i) {
    const Outcome run = run_program(
        {"detect", image, "--out", out_, "--standard", "Blorf.", "--write", "json", "-q", "--log", log});
    EXPECT_EQ(run.exit, 0);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.err, "");
  }
  const std::string text = read_file(log);
  EXPECT_THAT(text, AllOf(HasSubstr("Z anomalyvlm: note: "), HasSubstr("a.png  score ")));
  EXPECT_THAT(text.substr(text.find('\n') + 1), HasSubstr("note: ")) << "added to";
  const std::string before = read_file(image);
  EXPECT_EQ(run_program({"info", "--log", image}).exit, 1);
  EXPECT_EQ(read_file(image), before);
  EXPECT_EQ(run_program({"detect", image, "--out", out_, "--write", "json", "--log", "/dev/full"}).exit, 1);
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(run_program({"info", "--log", folder_ / "pipe"}).err, HasSubstr("nobody reads"));
}

TEST_F(Detect, NothingThatATerminalObeysIsPrinted) {
  const std::string name = "a\x1b[31m\xc2\x9b\xe2\x80\xae\xff\nanomalyvlm: fine";
  for (const std::string& file : {image_file(name + ".png"), folder_ / (name + " missing.png")}) {
    const Outcome run = run_program(
        {"detect", file, "--out", out_, "--write", "json", "--standard", "Bl\xc2\x9bor\x1b[31mf"});
    for (const std::string& shown : {run.out, run.err})
      for (const char* bad : {"\x1b", "\xc2\x9b", "\xe2\x80\xae", "\xff", "\nanomalyvlm: fine"})
        EXPECT_THAT(shown, Not(HasSubstr(bad)));
  }
}

TEST_F(Detect, AnInterruptionLeavesNothingHalfWritten) {
  for (int i = 0; i < 12; ++i) image_file("p" + std::to_string(i) + ".png", 3, 640, 480);
  for (const int signal : {SIGINT, SIGTERM}) {
    fs::remove_all(out_);
    const TemporaryFolder streams;
    const pid_t process =
        start_program({"detect", folder_.path().string(), "--out", out_, "--write", "all"}, streams.path());
    for (int waited = 0; waited < 3000 && names_in(out_).size() < 4; ++waited)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ::kill(process, signal);
    EXPECT_EQ(finish_program(process, streams.path()).exit, 128 + signal);
    const std::vector<std::string> names = names_in(out_);
    EXPECT_THAT(names, Not(Contains(EndsWith(".part"))));
    EXPECT_FALSE(names.empty());
    for (const std::string& name : names) {
      if (name.ends_with(".png")) {
        EXPECT_FALSE(read_image(fs::path(out_) / name).empty());
      }
      if (name.ends_with(".tiff")) {
        EXPECT_EQ(read_tiff_f32(fs::path(out_) / name).width, 640);
      }
    }
  }
}

TEST_F(Detect, ProgressIsShownOnATerminalOnly) {
  const std::vector<std::string> arguments = {"detect", image_file("a.png"), image_file("b.png"), "--out",
                                              out_};
  const Outcome seen = run_on_terminal(arguments);
  EXPECT_EQ(seen.exit, 0);
  EXPECT_THAT(seen.out, AllOf(HasSubstr("1/2"), HasSubstr("b.png  score")));
  EXPECT_THAT(run_program(arguments).err, "");
  EXPECT_THAT(run_on_terminal({"detect", image_file("a.png"), "--out", out_}).out, Not(HasSubstr("0/1")));
}

}  // namespace
}  // namespace anomalyvlm::test
