// anomalyvlm cache, and what the program does where it may keep little, or nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <fstream>

#include "cli/detect_fixture.h"

namespace anomalyvlm::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Cache : public Detect {
 protected:
  Outcome run(const std::vector<std::string>& arguments, const std::function<void()>& prepare = {}) const {
    return run_program(arguments, {"ANOMALYVLM_CACHE=" + cache_, prepare});
  }
  Outcome detect() { return run({"detect", image_file("a.png"), "--out", out_, "--resize", "64"}); }

  const std::string cache_ = folder_ / "cache";
};

TEST_F(Cache, IsShownAndCleared) {
  EXPECT_THAT(run({"cache", "info"}).out, HasSubstr("graphs      0\n"));
  EXPECT_FALSE(fs::exists(cache_)) << "looking makes no folder";
  EXPECT_THAT(run({"cache", "clear"}).out, HasSubstr("Removed 0 files"));
  ASSERT_EQ(detect().exit, 0);
  std::ofstream(fs::path(cache_) / "graphs" / "x.graph.1-1.part") << "half-written";
  EXPECT_THAT(run({"cache", "info"}).out,
              AllOf(HasSubstr(cache_), HasSubstr("of at most 2147.5 MB"), HasSubstr("unfinished  1")));
  EXPECT_THAT(run({"info"}).out, HasSubstr(cache_));
  EXPECT_THAT(run({"cache", "clear"}).out, StartsWith("Removed "));
  EXPECT_TRUE(fs::is_empty(cache_ + "/graphs"));
  EXPECT_EQ(run({"cache"}).exit, 2);
}

TEST_F(Cache, IsNotUsedWhereOthersCanWrite) {
  fs::create_directories(cache_);
  fs::permissions(cache_, fs::perms::all);
  EXPECT_EQ(detect().exit, 0);
  EXPECT_TRUE(fs::is_empty(cache_));
  EXPECT_THAT(run({"info"}).out, HasSubstr("could be tampered with"));
  const Outcome cleared = run({"cache", "clear"});
  EXPECT_EQ(cleared.exit, 1);
  EXPECT_THAT(cleared.err, HasSubstr("could be tampered with"));
}

TEST_F(Cache, IsNoneWithoutAHome) {
  const Surroundings homeless{
      "HOME= XDG_CACHE_HOME=here XDG_DATA_HOME=here ANOMALYVLM_CACHE= ANOMALYVLM_MODELS=", {}};
  const Outcome found =
      run_program({"detect", image_file("a.png"), "--out", out_, "--resize", "64"}, homeless);
  EXPECT_EQ(found.exit, 0) << found.err;
  EXPECT_THAT(run_program({"cache", "info"}, homeless).out, HasSubstr("not kept on disk"));
  EXPECT_THAT(run_program({"models", "list"}, homeless).out, HasSubstr("set ANOMALYVLM_MODELS"));
  EXPECT_THAT(run_program({"models", "fetch", "mobile-sam"}, homeless).err,
              HasSubstr("set ANOMALYVLM_MODELS"));
  EXPECT_FALSE(fs::exists("here"));
}

#if !defined(__SANITIZE_ADDRESS__)
TEST_F(Cache, TooLittleMemoryEndsInASentence) {
  const std::string image = image_file("a.png");
  for (const std::size_t megabytes : {300, 400, 500, 700}) {
    const auto limited = [=] {
      const rlim_t bytes = megabytes << 20;
      const rlimit limit{bytes, bytes};
      ::setrlimit(RLIMIT_AS, &limit);
    };
    // What the libraries do before main() is not ours: libtorch's need more than OpenVINO's.
    if (run_program({"--version"}, {"", limited}).exit != 0) continue;
    const Outcome run = run_program({"detect", image, "--out", out_, "--no-cache"}, {"", limited});
    EXPECT_TRUE(run.exit == 1 || run.exit == 2) << megabytes << " " << run.exit;
    EXPECT_THAT(run.err, AnyOf(HasSubstr("not enough memory"), HasSubstr("Cannot allocate memory")))
        << megabytes;
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
  }
}
#endif

}  // namespace
}  // namespace anomalyvlm::test
