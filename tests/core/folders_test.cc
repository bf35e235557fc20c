// The user's own folders, files that killed writers leave, and locales.
#include "core/folders.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <fstream>
#include <locale>

#include "core/files.h"
#include "core/locale.h"
#include "core/platform.h"
#include "errors.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using ::testing::HasSubstr;

class OwnFolder : public ::testing::Test {
 protected:
  static unsigned mode_of(const fs::path& path) {
    struct stat status;
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
  }
  const test::TemporaryFolder place_;
  const fs::path folder_ = place_.path() / "a" / "b";
};

TEST_F(OwnFolder, IsMadeForItsUserAlone) {
  make_own_folder(folder_);
  make_own_folder(folder_);
  EXPECT_EQ(mode_of(folder_), 0700U);
  EXPECT_EQ(mode_of(folder_.parent_path()), 0700U);
  EXPECT_EQ(why_not_private(folder_), "");
  std::ofstream(place_.path() / "file") << "x";
  EXPECT_THAT(error_of([&] { make_own_folder(place_.path() / "file"); }),
              HasSubstr("cannot make the folder"));
  EXPECT_THAT(error_of([&] { make_own_folder(place_.path() / "file" / "below"); }), HasSubstr("cannot make"));
}

TEST_F(OwnFolder, IsPrivateUnlessOthersCanWrite) {
  make_own_folder(folder_);
  for (const mode_t fine : {0700, 0755, 0500}) {
    ::chmod(folder_.c_str(), fine);
    EXPECT_EQ(why_not_private(folder_), "") << fine;
  }
  for (const mode_t open : {0702, 0777, 01777}) {
    ::chmod(folder_.c_str(), open);
    EXPECT_THAT(why_not_private(folder_), HasSubstr("others than its owner can write")) << open;
    EXPECT_NE(why_not_trusted(folder_, Owner::kAnybody), "") << open;
  }
  ::chmod(folder_.c_str(), 0700);
  ::chmod(folder_.parent_path().c_str(), 0777);
  EXPECT_THAT(why_not_private(folder_), HasSubstr("everybody can write into '"));
  ::chmod(folder_.parent_path().c_str(), 01777);
  EXPECT_EQ(why_not_private(folder_), "") << "as in /tmp";
  EXPECT_THAT(why_not_private(folder_ / "none"), HasSubstr("No such file"));
  const fs::path link = place_.path() / "link";
  fs::create_directory_symlink(folder_, link);
  EXPECT_THAT(why_not_private(link), HasSubstr("symbolic link"));
  EXPECT_EQ(why_not_trusted(link, Owner::kUserOrRoot), "");
}

TEST_F(OwnFolder, OfAnotherUserIsNot) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give folders away";
  make_own_folder(folder_);
  ASSERT_EQ(::chown(folder_.c_str(), 12345, 12345), 0);
  EXPECT_THAT(why_not_private(folder_), HasSubstr("belongs to another user"));
  EXPECT_NE(why_not_trusted(folder_, Owner::kUserOrRoot), "");
  EXPECT_EQ(why_not_trusted(folder_, Owner::kAnybody), "");
  ::chmod(folder_.c_str(), 0770);
  EXPECT_EQ(why_not_trusted(folder_, Owner::kAnybody), "") << "the owner's own group";
  ASSERT_EQ(::chown(folder_.c_str(), 12345, 54321), 0);
  EXPECT_NE(why_not_trusted(folder_, Owner::kAnybody), "") << "another group";
}

TEST_F(OwnFolder, HoldsFilesThatNobodyElseWrote) {
  make_own_folder(folder_);
  const fs::path file = folder_ / "file";
  const std::string text = "text";
  write_file_atomically(file, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()},
                        Access::kOwnerOnly);
  EXPECT_EQ(mode_of(file), 0600U);
  EXPECT_EQ(read_own_file(file, 100), text);
  EXPECT_THAT(error_of([&] { read_own_file(file, 3); }), HasSubstr("4 bytes"));
  ::chmod(file.c_str(), 0606);
  EXPECT_THAT(error_of([&] { read_own_file(file, 100); }), HasSubstr("another user"));
  ::chmod(file.c_str(), 0600);
  fs::create_symlink(file, folder_ / "link");
  EXPECT_THAT(error_of([&] { read_own_file(folder_ / "link", 100); }), HasSubstr("cannot open"));
}

TEST_F(OwnFolder, IsRidOfWhatKilledWritersLeft) {
  make_own_folder(folder_);
  for (const char* name : {"a.1-0.part", "b.part", "kept.txt"}) std::ofstream(folder_ / name) << "x";
  fs::create_directory(folder_ / "folder.part");
  fs::create_symlink("kept.txt", folder_ / "link.part");
  AtomicFile writing(folder_ / "c");
  GrowingFile growing(folder_ / "d.part");
  EXPECT_EQ(remove_stale_parts(folder_), 2);
  EXPECT_FALSE(fs::exists(folder_ / "b.part"));
  EXPECT_TRUE(fs::exists(folder_ / "kept.txt"));
  EXPECT_TRUE(fs::exists(folder_ / "d.part"));
  writing.finish();
  EXPECT_TRUE(fs::exists(folder_ / "c"));
  EXPECT_EQ(remove_stale_parts(folder_ / "none"), 0);
}

// ---- locales

TEST(Locales, OfStreamsAreLookedAt) {
  struct Comma : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
  };
  struct Grouped : std::numpunct<char> {
    std::string do_grouping() const override { return "\3"; }
  };
  EXPECT_TRUE(streams_follow_c_locale());
  const std::locale before;
  for (const std::locale& other : {std::locale(before, new Comma), std::locale(before, new Grouped)}) {
    std::locale::global(other);
    EXPECT_FALSE(streams_follow_c_locale());
    std::locale::global(before);
  }
  EXPECT_TRUE(streams_follow_c_locale());
}

TEST(Locales, OfCAreSetForOneThread) {
  const auto half = [] {
    char text[16];
    std::snprintf(text, sizeof text, "%.1f", 0.5);
    return std::string(text);
  };
  const bool commas = std::setlocale(LC_NUMERIC, "de_DE.UTF-8") != nullptr;
  {
    const ThreadInCLocale c_locale;
    EXPECT_EQ(half(), "0.5");
    const ThreadInCLocale inner;
  }
  EXPECT_EQ(half(), commas ? "0,5" : "0.5");
  std::setlocale(LC_NUMERIC, "C");
}

TEST(Memory, ThatCannotBeHad) {
  EXPECT_TRUE(can_allocate(std::size_t{1} << 20));
  EXPECT_FALSE(can_allocate(std::size_t{1} << 60));
}

}  // namespace
}  // namespace anomalyvlm
