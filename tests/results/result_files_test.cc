// Whether results may replace existing files, and where results go.
#include "results/result_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "anomalyvlm/codec.h"
#include "anomalyvlm/results.h"
#include "core/platform.h"
#include "errors.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using test::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ResultFiles : public ::testing::Test {
 protected:
  ResultFiles() {
    image_ = {8, 6, std::vector<std::uint8_t>(8 * 6 * 3, 50)};
    found_.width = 8;
    found_.height = 6;
    found_.anomaly = {8, 6, std::vector<float>(8 * 6)};
    found_.objects = {InspectedObject::whole_image(8, 6)};
    options_.dir = folder_.path();
    options_.stem = "a";
    options_.files = parse_result_files("all");
  }
  void write() const { write_results(found_, image_, generic_prompt(), options_); }
  fs::path at(const std::string& name) const { return folder_.path() / name; }
  void put(const std::string& name, const std::string& text) const { std::ofstream(at(name)) << text; }

  TemporaryFolder folder_;
  Image image_;
  Detection found_;
  ResultOptions options_;
};

TEST_F(ResultFiles, AreKnownAndReplaced) {
  write();
  for (const fs::path& path : result_paths(options_)) EXPECT_TRUE(is_result_file(path)) << path;
  image_.rgb.assign(image_.rgb.size(), 200);
  write();
  EXPECT_EQ(read_image(at("a.input.png")).rgb, image_.rgb);
}

TEST_F(ResultFiles, ReplaceNothingElse) {
  write_png(at("theirs.png"), image_);
  const std::string png = read_file(at("theirs.png"));
  const std::pair<std::string, std::string> theirs[] = {
      {"a.json", "{\n  \"version\": \"5.0.1\",\n  \"shapes\": []}"},
      {"a.json", ""},
      {"a.json", "[{\"format\": \"anomalyvlm.detection\"}]"},
      {"a.mask.png", png},
      {"a.anomaly.tiff", "II*"},
      {"a.overlay.png", "no image"}};
  for (const auto& [name, content] : theirs) {
    SCOPED_TRACE(name);
    put(name, content);
    EXPECT_FALSE(is_result_file(at(name)));
    const fs::path input = at("a.png");
    EXPECT_THAT(error_of(ErrorKind::kBadInput,
                         [&] {
                           plan_outputs({&input, 1}, options_);
                         }),
                HasSubstr("not a result of an earlier call"));
    EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { write(); }), HasSubstr(name));
    EXPECT_EQ(read_file(at(name)), content);
    fs::remove(at(name));
    EXPECT_FALSE(fs::exists(at("a.input.png"))) << "nothing was written at all";
  }
  put("a.json", "mine");
  options_.overwrite = true;
  write();
  EXPECT_TRUE(is_result_file(at("a.json")));
}

TEST_F(ResultFiles, NeverFollowALink) {
  write_png(at("precious.png"), image_);
  const std::string before = read_file(at("precious.png"));
  fs::create_symlink("precious.png", at("a.mask.png"));
  EXPECT_THAT(error_of([&] { write(); }), HasSubstr("a.mask.png"));
  options_.overwrite = true;
  write();
  EXPECT_EQ(read_file(at("precious.png")), before);
  EXPECT_FALSE(fs::is_symlink(at("a.mask.png")));
  fs::remove(at("a.mask.png"));
  fs::create_symlink("nowhere", at("a.mask.png"));
  options_.overwrite = false;
  EXPECT_THAT(error_of([&] { write(); }), HasSubstr("a.mask.png"));
  fs::remove(at("a.mask.png"));
  fs::create_directories(at("a.mask.png"));
  for (const bool overwrite : {false, true}) {
    options_.overwrite = overwrite;
    EXPECT_THAT(error_of([&] { write(); }), HasSubstr("a folder"));
  }
}

TEST_F(ResultFiles, NeverReplaceAPipeOrAFolder) {
  options_.overwrite = true;
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  fs::create_directories(at("folder"));
  for (const char* meant : {"pipe", "folder", "/dev/null"}) {
    fs::create_symlink(meant, at("a.json"));
    EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { write(); }), HasSubstr("a.json"));
    EXPECT_FALSE(fs::exists(at("a.mask.png"))) << "nothing was written at all";
    fs::remove(at("a.json"));
  }
  ASSERT_EQ(::mkfifo(at("a.json").c_str(), 0600), 0);
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { write(); }), HasSubstr("a pipe or a device"));
  EXPECT_TRUE(fs::is_fifo(at("a.json")));
}

TEST_F(ResultFiles, HavePlainNames) {
  for (const std::string stem : {"", ".", "..", "../x", "a/b", "/tmp/x"}) {
    options_.stem = stem;
    EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { write(); }), HasSubstr("ResultOptions::stem")) << stem;
  }
}

TEST_F(ResultFiles, MirrorFolders) {
  const std::vector<fs::path> inputs = {"in/x.png", "in/b/x.png"}, folders = {"", "b"};
  EXPECT_THAT(plan_outputs(inputs, options_, folders), ElementsAre("x", "x"));
  EXPECT_THAT(error_of([&] { plan_outputs(inputs, options_); }), HasSubstr("would both write"));
  EXPECT_THAT(
      error_of(ErrorKind::kBadInput, [&] { plan_outputs(inputs, options_, std::span(folders).first(1)); }),
      HasSubstr("one for each"));
  fs::create_directories(at("b"));
  put("b/x.json", "mine");
  EXPECT_THAT(error_of([&] { plan_outputs(inputs, options_, folders); }), HasSubstr("b/x.json"));
}

}  // namespace
}  // namespace anomalyvlm
