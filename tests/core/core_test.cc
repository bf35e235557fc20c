#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>
#include <thread>

#include "core/files.h"
#include "core/platform.h"
#include "core/sha256.h"
#include "core/tensor.h"
#include "core/threads.h"
#include "core/timings.h"
#include "errors.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using ::testing::HasSubstr;

class Folder : public ::testing::Test {
 protected:
  const test::TemporaryFolder folder_;
  const fs::path& path_ = folder_.path();
};

using Files = Folder;

TEST_F(Files, AreWrittenWhole) {
  write_file_atomically(path_ / "a", std::string("one"));
  write_file_atomically(path_ / "a", std::string("two"));
  EXPECT_EQ(read_file(path_ / "a"), "two");
  EXPECT_EQ(std::distance(fs::directory_iterator(path_), fs::directory_iterator()), 1);
}

TEST_F(Files, ThatCannotBeWrittenLeaveNothing) {
  EXPECT_THAT(error_of([&] { write_file_atomically(path_ / "no/such/folder", std::string("x")); }),
              HasSubstr("no/such"));
  EXPECT_TRUE(fs::is_empty(path_));
}

TEST_F(Files, TakeThePlaceOfFilesAndLinksOnly) {
  ASSERT_EQ(::mkfifo((path_ / "pipe").c_str(), 0600), 0);
  fs::create_directory(path_ / "folder");
  fs::create_symlink("/dev/null", path_ / "device");
  for (const char* name : {"pipe", "folder", "device"})
    EXPECT_THAT(error_of(ErrorKind::kIo, [&] { write_file_atomically(path_ / name, std::string("x")); }),
                HasSubstr(name));
  EXPECT_TRUE(fs::is_fifo(path_ / "pipe") && fs::is_symlink(path_ / "device"));
  write_file_atomically(path_ / "file", std::string("theirs"));
  fs::create_symlink("file", path_ / "link");
  write_file_atomically(path_ / "link", std::string("ours"));
  EXPECT_FALSE(fs::is_symlink(path_ / "link"));
  EXPECT_EQ(read_file(path_ / "file"), "theirs");
}

TEST_F(Files, ThatGrowHaveOneNameOnly) {
  write_file_atomically(path_ / "a", std::string("theirs"));
  fs::create_hard_link(path_ / "a", path_ / "b");
  EXPECT_THAT(error_of(ErrorKind::kIo, [&] { GrowingFile{path_ / "b"}; }), HasSubstr("hard link"));
  EXPECT_EQ(read_file(path_ / "a"), "theirs");
}

TEST_F(Files, CanBeAddedTo) {
  for (const char* line : {"one ", "two"}) {
    std::FILE* const file = open_to_append(path_ / "log");
    std::fputs(line, file);
    std::fclose(file);
  }
  EXPECT_EQ(read_file(path_ / "log"), "one two");
  EXPECT_EQ(read_start(path_ / "log", 5), "one t");
  EXPECT_EQ(read_start(path_ / "log", 50), "one two");
  ASSERT_EQ(::mkfifo((path_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(error_of(ErrorKind::kIo, [&] { open_to_append(path_ / "pipe"); }), HasSubstr("nobody reads"));
  EXPECT_THAT(error_of(ErrorKind::kIo, [&] { read_start(path_ / "pipe", 5); }), HasSubstr("ordinary"));
  EXPECT_THAT(error_of(ErrorKind::kIo, [&] { open_to_append(path_ / "no/log"); }), HasSubstr("no/log"));
}

TEST_F(Files, InPiecesAreThereOnceTheyAreFinished) {
  const auto bytes = [](const std::string& text) {
    return std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  };
  {
    AtomicFile file(path_ / "a");
    file.write(bytes("one two"));
    file.overwrite(4, bytes("2"));
    file.overwrite(5, bytes("..."));
    file.write(bytes(" three"));
    EXPECT_FALSE(fs::exists(path_ / "a"));
    file.finish();
    AtomicFile given_up(path_ / "a");
    given_up.write(bytes("four"));
  }
  EXPECT_EQ(read_file(path_ / "a"), "one 2... three");
  EXPECT_EQ(std::distance(fs::directory_iterator(path_), fs::directory_iterator()), 1);
}

TEST_F(Files, ThatGrowGoOnWhereTheyWere) {
  const auto bytes = std::span(reinterpret_cast<const std::uint8_t*>("12345"), 5);
  {
    GrowingFile file(path_ / "a.part");
    EXPECT_EQ(file.size(), 0U);
    file.append(bytes);
  }
  {
    GrowingFile file(path_ / "a.part");
    EXPECT_EQ(file.size(), 5U);
    file.shorten(0);
    file.append(bytes.first(2));
    file.append(bytes.last(1));
    EXPECT_EQ(file.size(), 3U);
    file.become(path_ / "a");
  }
  EXPECT_EQ(read_file(path_ / "a"), "125");
  EXPECT_FALSE(fs::exists(path_ / "a.part"));
  GrowingFile(path_ / "b").remove();
  EXPECT_FALSE(fs::exists(path_ / "b"));
  EXPECT_THAT(error_of([&] { GrowingFile(path_ / "no/such/folder"); }), HasSubstr("no/such"));
}

// Each of many threads adds one number, alone; who finds the file finished begins a new one.
TEST_F(Files, ThatGrowBelongToOneAtATime) {
  std::atomic<int> inside{0}, waited{0}, finished{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      GrowingFile file(path_ / "a.part", [&] { ++waited; });
      EXPECT_EQ(inside++, 0);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      const std::uint8_t byte = 'x';
      file.append({&byte, 1});
      --inside;
      if (file.size() == 4) file.become(path_ / std::to_string(finished++));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(waited, 0);
  EXPECT_EQ(read_file(path_ / "0"), "xxxx");
  EXPECT_EQ(read_file(path_ / "1"), "xxxx");
}

TEST(Sha256, OfPiecesIsThatOfTheWhole) {
  const auto bytes = std::span(reinterpret_cast<const std::uint8_t*>("abc"), 3);
  Sha256 sum;
  sum.add(bytes.first(1));
  sum.add({});
  sum.add(bytes.last(2));
  EXPECT_EQ(sum.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(bytes), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(Files, AreReadUpToALimit) {
  std::ofstream(path_ / "a") << "12345";
  EXPECT_EQ(read_file(path_ / "a", 5), "12345");
  EXPECT_THAT(error_of([&] { read_file(path_ / "a", 4); }), HasSubstr("5 bytes"));
  EXPECT_THAT(error_of([&] { read_file(path_); }), HasSubstr("folder"));
  EXPECT_THAT(error_of([&] { read_file("/dev/zero"); }), HasSubstr("ordinary"));
}

TEST_F(Files, AreMapped) {
  std::ofstream(path_ / "a") << "abc";
  std::ofstream(path_ / "empty");
  EXPECT_EQ(MappedFile::open(path_ / "a")->bytes().size(), 3U);
  EXPECT_TRUE(MappedFile::open(path_ / "empty")->bytes().empty());
  EXPECT_THAT(error_of([&] { MappedFile::open(path_ / "none"); }), HasSubstr("none"));
}

TEST(Sha256, OfKnownText) {
  const std::string text = "abc";
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  EXPECT_EQ(sha256_hex(bytes), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// Every half keeps its bits on the way to float and back.
TEST(Halves, GoThereAndBack) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = f16_to_f32(half);
    if (!std::isnan(value)) {
      ASSERT_EQ(f32_to_f16(value), half) << bits;
    }
    const float wide = bf16_to_f32(half);
    if (!std::isnan(wide)) {
      ASSERT_EQ(f32_to_bf16(wide), half) << bits;
    }
  }
}

TEST(Halves, RoundToTheNearestEven) {
  EXPECT_EQ(f32_to_f16(1.0F + 0x1p-11F), 0x3C00);
  EXPECT_EQ(f32_to_f16(1.0F + 0x1.8p-10F), 0x3C02);
  EXPECT_EQ(f32_to_f16(65520.0F), 0x7C00);
  EXPECT_EQ(f32_to_f16(65519.0F), 0x7BFF);
  EXPECT_EQ(f32_to_bf16(1.0F + 0x1p-8F), 0x3F80);
  EXPECT_EQ(f32_to_bf16(1.0F + 0x1.8p-7F), 0x3F82);
  EXPECT_TRUE(std::isnan(f16_to_f32(f32_to_f16(std::numeric_limits<float>::quiet_NaN()))));
}

TEST(Tensors, ShareMemoryAndConvert) {
  const Tensor t = Tensor::from<std::int64_t>({2, 2}, {1, -2, 3, 4});
  const Tensor flat = t.reshaped({4});
  EXPECT_EQ(flat.raw(), t.raw());
  EXPECT_THAT(flat.to_f32().floats(), ::testing::ElementsAre(1, -2, 3, 4));
  EXPECT_EQ(t.bytes(), 32U);
}

TEST(ParallelFor, TouchesEveryIndexOnce) {
  for (const int threads : {1, 2, 5}) {
    set_thread_count(threads);
    for (const std::int64_t count : {0, 1, 7, 1000}) {
      std::vector<std::atomic<int>> seen(static_cast<std::size_t>(count));
      parallel_for(count, 3, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) ++seen[static_cast<std::size_t>(i)];
      });
      EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](const auto& n) { return n == 1; }))
          << threads << " " << count;
    }
  }
  set_thread_count(available_cpus());
}

TEST(ParallelFor, PassesExceptionsOnAndGoesOn) {
  const auto work = [] {
    parallel_for(100, 1, [](std::int64_t begin, std::int64_t) {
      if (begin == 0) fail(ErrorKind::kInternal, "broken piece");
    });
  };
  EXPECT_EQ(error_of(work), "broken piece");
  EXPECT_EQ(error_of(work), "broken piece");
}

TEST(ThreadCount, IsAtLeastOne) { EXPECT_THROW(set_thread_count(0), Error); }

TEST(TimingsTest, SumPerStageInOrder) {
  Timings timings;
  timings.add("b", 1);
  timings.add("a", 2);
  timings.add("b", 3);
  EXPECT_THAT(timings.stages(), ::testing::ElementsAre(std::pair<std::string, double>{"b", 4},
                                                       std::pair<std::string, double>{"a", 2}));
  EXPECT_EQ(timings.total(), 6);
}

}  // namespace
}  // namespace anomalyvlm
