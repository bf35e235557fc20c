// Programs whose process is prepared.
#include "process/process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "core/check.h"
#include "core/platform.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;

TEST(MappedFiles, ThatAreCutShortEndTheProgramWithASentence) {
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / "file";
  std::ofstream(path) << std::string(100'000, 'x');
  const auto work = [&] {
    prepare_process();
    const auto mapped = MappedFile::open(path);
    fs::resize_file(path, 1);
    std::exit(mapped->bytes()[90'000] == 'x' ? 2 : 3);
  };
  EXPECT_EXIT(work(), ::testing::ExitedWithCode(1), "anomalyvlm: A file was cut short");
}

TEST(OtherPrograms, TellHowTheyEnded) {
  EXPECT_EQ(run_and_wait("/bin/sh", {"-c", "exit 7"}), 7);
  EXPECT_EQ(run_and_wait("/bin/sh", {"-c", "kill -9 $$"}), 128 + SIGKILL);
  EXPECT_THROW(run_and_wait("/there/is/no/such/program", {}), Error);
}

TEST(OtherPrograms, EndWithThisOne) {
  const test::TemporaryFolder folder;
  const fs::path started = folder.path() / "started", went_on = folder.path() / "went_on";
  const pid_t child = ::fork();
  if (child == 0) {
    run_and_wait("/bin/sh", {"-c", "touch " + started.string() + "; sleep 1; touch " + went_on.string()});
    ::_exit(0);
  }
  for (int i = 0; i < 500 && !fs::exists(started); ++i) ::usleep(10'000);
  ASSERT_TRUE(fs::exists(started));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::usleep(1'500'000);
  EXPECT_FALSE(fs::exists(went_on));
}

// Whichever thread gets them: libraries start threads that know nothing of these signals.
TEST(ServerSignalsTest, ReachWhoWaitsForThemAndThenEndTheProcess) {
  const auto work = [] {
    prepare_process();
    std::thread([] { ::pause(); }).detach();
    ServerSignals signals;
    for (int i = 0; i < 20; ++i) {
      ::kill(::getpid(), i % 2 == 0 ? SIGHUP : SIGTERM);
      if (signals.next() != (i % 2 == 0 ? ServerSignal::kReload : ServerSignal::kStop)) std::exit(1);
    }
    signals.release();
    ::raise(SIGTERM);
    std::exit(2);
  };
  EXPECT_EXIT(work(), ::testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace anomalyvlm
