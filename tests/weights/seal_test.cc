// Seals: any change of a sealed file shows.
#include "weights/seal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "core/sha256.h"
#include "temporary_folder.h"
#include "weights/safetensors.h"
#include "weights/safetensors_writer.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Seal : public ::testing::Test {
 protected:
  void write(bool sealed, const WeightFile::Strings& metadata = {{"made", "by hand"}}) const {
    const WeightFile::Tensors tensors = {{"first", Tensor::from<float>({2}, {1, 2})},
                                         {"other", Tensor::from<float>({2}, {3, 4})}};
    write_safetensors(path_, tensors, metadata, sealed);
  }
  std::string content() const { return read_file(path_); }
  static std::string complaint_about(const std::string& content) {
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(content.data()), content.size());
    try {
      require_seal(bytes, *parse_weights(bytes, nullptr, "some file"));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kBadModel);
      return error.what();
    }
    return kFine;
  }
  static std::string replaced(std::string text, const std::string& what, const std::string& by) {
    return text.replace(text.find(what), what.size(), by);
  }

  static constexpr const char* kFine = "fine";
  const test::TemporaryFolder folder_;
  const fs::path path_ = folder_.path() / "w.safetensors";
};

TEST_F(Seal, IsTheSumOfTheFileWithZerosInItsPlace) {
  write(true);
  std::string text = content();
  const std::string seal = load_weights(path_)->metadata().at(std::string(kSeal));
  EXPECT_EQ(complaint_about(text), kFine);
  text = replaced(text, seal, std::string(64, '0'));
  EXPECT_EQ(sha256_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}), seal);
}

// Metadata that look like the seal do not mislead it.
TEST_F(Seal, StandsAmongAnyMetadata) {
  write(true, {{"a", "\"file_sha256\":\"" + std::string(64, '0')}, {"z", "file_sha256"}});
  EXPECT_EQ(complaint_about(content()), kFine);
  EXPECT_EQ(load_weights(path_)->metadata().at("z"), "file_sha256");
}

TEST_F(Seal, ShowsEveryChange) {
  write(true);
  const std::string text = content();
  const std::string exchanged =
      replaced(replaced(replaced(text, "first", "tmp_1"), "other", "first"), "tmp_1", "other");
  std::string data = text;
  data.back() = static_cast<char>(data.back() ^ 1);
  for (const std::string& changed : {exchanged, data, replaced(text, "by hand", "by Hand")})
    EXPECT_THAT(complaint_about(changed), HasSubstr("is damaged"));
  const std::string seal = load_weights(path_)->metadata().at(std::string(kSeal));
  EXPECT_THAT(complaint_about(replaced(text, seal, std::string(64, '0'))), HasSubstr("is damaged"));
}

TEST_F(Seal, IsMissedWhereThereIsNone) {
  write(false);
  EXPECT_THAT(complaint_about(content()), HasSubstr("carries no SHA-256"));
  write(false, {{"data_sha256", std::string(64, '0')}});
  EXPECT_THAT(complaint_about(content()), HasSubstr("by an earlier version"));
}

TEST_F(Seal, IsAddedToAFileThatIsThere) {
  write(false);
  const auto before = load_weights(path_);
  for (int i = 0; i < 2; ++i) {
    seal_file(path_);
    EXPECT_EQ(complaint_about(content()), kFine);
  }
  const auto after = load_weights(path_);
  EXPECT_EQ(after->names(), before->names());
  for (const std::string& name : before->names())
    EXPECT_EQ(std::memcmp(after->at(name).raw(), before->at(name).raw(), after->at(name).bytes()), 0) << name;
  EXPECT_EQ(after->metadata().at("made"), "by hand");
}

}  // namespace
}  // namespace anomalyvlm
