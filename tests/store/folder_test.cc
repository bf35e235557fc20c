// The folder of weights, and what lies in it.
#include "store/folder.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "core/sha256.h"
#include "models/sam/architecture.h"
#include "store/temporary_folder.h"
#include "weights/fixtures.h"
#include "weights/safetensors_writer.h"

namespace anomalyvlm::store {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kContent = "some content";

const std::string kSum =
    sha256_hex({reinterpret_cast<const std::uint8_t*>(kContent.data()), kContent.size()});

// A row with that content.
Published small(std::uint64_t bytes = kContent.size()) {
  return {.name = "small",
          .role = catalog::Role::kMaskRefiner,
          .architecture = &sam::kVitB,
          .file = "small.pth",
          .url = "http://host.invalid/small.pth",
          .bytes = bytes,
          .sha256 = kSum,
          .licence = "MIT",
          .summary = "a test"};
}

class ModelsFolder : public InFolder {
 protected:
  void put_converted(const std::string& name, const std::string& source_sha256) const {
    SafetensorsWriter writer(folder_ / name, {{"a", DType::kF32, {1}}}, {{"source_sha256", source_sha256}},
                             true);
    writer.add(Tensor::from<float>({1}, {1}));
    writer.finish();
  }
};

TEST_F(ModelsFolder, IsWhereTheEnvironmentSays) {
  const std::string home = std::getenv("HOME") ? std::getenv("HOME") : "";
  ::unsetenv("ANOMALYVLM_MODELS");
  ::unsetenv("XDG_DATA_HOME");
  ::setenv("HOME", "/home/someone", 1);
  EXPECT_EQ(models_folder(), "/home/someone/.local/share/anomalyvlm/models");
  ::setenv("XDG_DATA_HOME", "/data", 1);
  EXPECT_EQ(models_folder(), "/data/anomalyvlm/models");
  ::setenv("ANOMALYVLM_MODELS", "/srv/models", 1);
  EXPECT_EQ(models_folder(), "/srv/models");
  ::unsetenv("ANOMALYVLM_MODELS");
  ::unsetenv("XDG_DATA_HOME");
  ::setenv("HOME", home.c_str(), 1);
}

TEST_F(ModelsFolder, KnowsWhatIsThere) {
  const Published entry = small();
  EXPECT_FALSE(stock_of(entry, folder_).there);
  EXPECT_FALSE(stock_of(entry, folder_ / "nowhere").there);
  put("small.pth.part", "some");
  EXPECT_EQ(stock_of(entry, folder_).fetched, 4U);
  put("small.pth", "short");
  EXPECT_FALSE(stock_of(entry, folder_).there);
  EXPECT_EQ(stock_of(entry, folder_).bytes, 5U);
  EXPECT_TRUE(stock_of(small(0), folder_).there) << "of unknown size";
  put("small.pth", kContent);
  EXPECT_TRUE(stock_of(entry, folder_).there);
  put("small.bf16.safetensors", "x");
  EXPECT_EQ(stock_of(entry, folder_).bf16, folder_ / "small.bf16.safetensors");
  EXPECT_TRUE(stock_of(entry, folder_).f32.empty());
}

TEST_F(ModelsFolder, PrefersWhatLoadsFastestWithoutLosingPrecision) {
  const Published entry = small();
  put_converted("small.bf16.safetensors", kSum);
  EXPECT_EQ(locate(entry, folder_), folder_ / "small.bf16.safetensors");
  put("small.pth", kContent);
  EXPECT_EQ(locate(entry, folder_), folder_ / "small.pth");
  put_converted("small.safetensors", kSum);
  EXPECT_EQ(locate(entry, folder_), folder_ / "small.safetensors");
}

TEST_F(ModelsFolder, PrefersNothingThatWasNotMadeFromThePublishedFile) {
  const Published entry = small();
  const fs::path published = put("small.pth", kContent), converted = folder_ / "small.safetensors";
  put_converted("small.safetensors", std::string(64, '0'));
  EXPECT_EQ(locate(entry, folder_), published) << "of another file";
  put("small.safetensors", "x");
  EXPECT_EQ(locate(entry, folder_), published) << "rubbish";
  put_converted("small.safetensors", kSum);
  std::string damaged = read_file(converted);
  damaged.back() ^= 1;
  put("small.safetensors", damaged);
  EXPECT_EQ(locate(entry, folder_), published) << "damaged";
  fs::remove(published);
  put_converted("small.safetensors", std::string(64, '0'));
  EXPECT_EQ(locate(entry, folder_), converted) << "there is nothing else";
  for (const char* name : {"small.safetensors", "small.bf16.safetensors"}) {
    fs::remove(converted);
    for (const std::string& source : {std::string(kSum), std::string(64, '0')}) {
      put_converted(name, source);
      damaged = read_file(folder_ / name);
      damaged.back() ^= 1;
      put(name, damaged);
      EXPECT_THAT(error_of([&] { locate(entry, folder_); }), HasSubstr("is damaged")) << name;
    }
  }
}

TEST_F(ModelsFolder, IsNotTrustedWhereOthersCanWrite) {
  const Published entry = small();
  const fs::path file = put("small.pth", kContent);
  const auto refused = AllOf(HasSubstr("could have been replaced"), HasSubstr("others than its owner"));
  for (const fs::path& open : {folder_, file}) {
    fs::permissions(open, fs::perms::others_write, fs::perm_options::add);
    EXPECT_THAT(error_of([&] { locate(entry, folder_); }), AllOf(refused, HasSubstr(open.string())));
    fs::permissions(open, fs::perms::others_write, fs::perm_options::remove);
    EXPECT_EQ(locate(entry, folder_), file);
  }
  const fs::path link = folder_.string() + "-link";
  fs::create_directory_symlink(folder_, link);
  EXPECT_EQ(locate(entry, link), link / "small.pth") << "a link of one's own";
  fs::remove(link);
}

TEST_F(ModelsFolder, IsNoneWithoutAHome) {
  const std::string home = std::getenv("HOME") ? std::getenv("HOME") : "";
  const fs::path here = fs::current_path();
  fs::current_path(folder_);
  put("small.pth", kContent);
  ::unsetenv("ANOMALYVLM_MODELS");
  for (const char* relative : {"", "relative"}) {
    ::setenv("HOME", relative, 1);
    ::setenv("XDG_DATA_HOME", relative, 1);
    EXPECT_EQ(models_folder(), "");
    EXPECT_FALSE(stock_of(small(), models_folder()).there) << "not from where the program was started";
    EXPECT_THAT(error_of([] { locate(small()); }), HasSubstr("set ANOMALYVLM_MODELS"));
  }
  ::unsetenv("XDG_DATA_HOME");
  ::setenv("HOME", home.c_str(), 1);
  fs::current_path(here);
}

TEST_F(ModelsFolder, NamesAllThatIsMissing) {
  const std::vector<std::string> names = {"mobile-sam", "bert-vocabulary"};
  EXPECT_THAT(error_of([&] { fail_without(names, "/m"); }),
              AllOf(HasSubstr("The weights mobile-sam, bert-vocabulary are not there"),
                    HasSubstr("'anomalyvlm models fetch mobile-sam bert-vocabulary'"),
                    HasSubstr("put the file mobile_sam.pt (40728226 bytes) from https://github.com/"),
                    HasSubstr(" as bert-base-uncased-vocab.txt into '/m'.")));
}

TEST_F(ModelsFolder, TellsHowToGetWhatIsNotThere) {
  const Published entry = small();
  EXPECT_THAT(error_of([&] { locate(entry, folder_); }),
              AllOf(HasSubstr("'anomalyvlm models fetch small'"),
                    HasSubstr("put the file small.pth (12 bytes) from http://host.invalid/small.pth into '" +
                              folder_.string() + "'")));
  put("small.pth", "short");
  EXPECT_THAT(error_of([&] { locate(entry, folder_); }), HasSubstr("has 5 bytes instead of 12"));
  const Published& words = catalog::published_named("bert-vocabulary");
  EXPECT_THAT(by_hand(words, "/m"),
              HasSubstr("vocab.txt (231508 bytes) as bert-base-uncased-vocab.txt into '/m'"));
}

TEST_F(ModelsFolder, VerifiesPublishedFiles) {
  const Published entry = small();
  const fs::path file = put("small.pth", kContent);
  verify_published(entry, file);
  put("small.pth", "some c0ntent");
  EXPECT_THAT(error_of([&] { verify_published(entry, file); }),
              AllOf(HasSubstr("has the SHA-256"), HasSubstr(kSum)));
  put("small.pth", "some");
  EXPECT_THAT(error_of([&] { verify_published(entry, file); }),
              HasSubstr("has 4 bytes, but small.pth has 12"));
  EXPECT_THAT(error_of([&] { verify_published(entry, folder_ / "none"); }), HasSubstr("No such file"));
}

TEST_F(ModelsFolder, VerifiesConvertedFiles) {
  const fs::path file = folder_ / "w.safetensors";
  const auto write = [&](bool sealed) {
    SafetensorsWriter writer(file, {{"a", DType::kF32, {3}}}, {{"k", "\"file_sha256\":\"0"}}, sealed);
    writer.add(Tensor::from<float>({3}, {1, 2, 3}));
    writer.finish();
  };
  write(false);
  EXPECT_THAT(error_of([&] { verify_converted(file); }), HasSubstr("carries no SHA-256"));
  write(true);
  verify_converted(file);
  std::string content = read_file(file);
  content.back() ^= 1;
  put("w.safetensors", content);
  EXPECT_THAT(error_of([&] { verify_converted(file); }), HasSubstr("is damaged"));
  put("w.safetensors", content.substr(0, content.size() - 1));
  EXPECT_THAT(error_of([&] { verify_converted(file); }), HasSubstr("was the download cut short?"));
}

}  // namespace
}  // namespace anomalyvlm::store
