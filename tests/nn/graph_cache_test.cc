// Compiled graphs on disk: reused by the next engine, never trusted, never an obstacle.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <set>

#include "core/threads.h"
#include "nn/exercise_entry.h"
#include "nn/graph_cache_fixture.h"
#include "source_dir.h"

namespace anomalyvlm::test {
namespace {

namespace fs = std::filesystem;
using nn::GraphCache;
using nn::GraphKey;
using ::testing::HasSubstr;

TEST_F(GraphCacheTest, ASecondStartDoesNotCompileAgain) {
  EXPECT_EQ(compile(), kCompiled);
  EXPECT_EQ(compile(), kRead);
  EXPECT_EQ(entries().size(), 1U);
}

TEST_F(GraphCacheTest, CanBeLeftAlone) {
  for (int i = 0; i < 2; ++i) {
    calls_ = 0;
    nn::make_engine("openvino", {.device = "cpu", .disk_cache = false})->compile(request_);
    EXPECT_EQ(calls_, kCompiled);
  }
  EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(GraphCacheTest, WhatMakesAnotherGraphMakesAnotherEntry) {
  const std::pair<const char*, std::function<void()>> changes[] = {
      {"model", [&] { request_.model = "other"; }},
      {"weights", [&] { request_.weights = weights_of(4); }},
      {"operations", [&] { factor_ = 2; }},
      {"taps", [&] { request_.taps = {"*"}; }},
      {"threads", [&] { set_thread_count(thread_count() + 1); }},
      {"precision", [&] { request_.precision = nn::Precision::kBF16; }},
  };
  compile();
  std::size_t expected = 1;
  for (const auto& [what, change] : changes) {
    change();
    if (!nn::make_engine("openvino")->supports(request_.precision)) break;
    EXPECT_EQ(compile(), kCompiled) << what;
    EXPECT_EQ(compile(), kRead) << what;
    EXPECT_EQ(entries().size(), ++expected) << what;
  }
  set_thread_count(available_cpus());
}

TEST_F(GraphCacheTest, AnotherShapeMakesAnotherEntry) {
  compile();
  request_.inputs = {{"x", {7, 2}}};
  calls_ = 0;
  nn::make_engine("openvino")->compile(request_);
  EXPECT_EQ(calls_, kCompiled);
  EXPECT_EQ(entries().size(), 2U);
}

std::string flipped(std::string text, std::size_t at) {
  text[at] = static_cast<char>(text[at] ^ 4);
  return text;
}

TEST_F(GraphCacheTest, DamagedEntriesAreIgnoredAndRewritten) {
  ASSERT_EQ(compile(), kCompiled);
  const fs::path path = entries().at(0);
  const std::string whole = read_file(path);
  const std::pair<const char*, std::string> damages[] = {
      {"empty", ""},
      {"something else", "{\"a\": 1}"},
      {"only the beginning of the magic", whole.substr(0, 5)},
      {"cut in the header", whole.substr(0, 40)},
      {"cut in the graph", whole.substr(0, whole.size() / 2)},
      {"the last byte is gone", whole.substr(0, whole.size() - 1)},
      {"a byte more", whole + "x"},
      {"a flipped bit of the magic", flipped(whole, 2)},
      {"a flipped bit of the header's length", flipped(whole, 13)},
      {"a flipped bit of the header", flipped(whole, 30)},
      {"a flipped bit in the middle", flipped(whole, whole.size() / 2)},
      {"a flipped bit at the end", flipped(whole, whole.size() - 1)},
      {"a header without an end", whole.substr(0, 10) + std::string("\xff\xff\xff\xff") + whole.substr(14)},
  };
  for (const auto& [what, content] : damages) {
    overwrite(path, content);
    EXPECT_EQ(compile(), kCompiled) << what;
    EXPECT_NE(read_file(path), content) << what;
    EXPECT_EQ(compile(), kRead) << what;
  }
}

TEST_F(GraphCacheTest, AnotherGraphUnderThisNameIsIgnored) {
  compile();
  const fs::path own = entries().at(0);
  request_.model = "other";
  compile();
  const std::vector<fs::path> both = entries();
  const fs::path other = both[0] == own ? both[1] : both[0];
  fs::copy_file(own, other, fs::copy_options::overwrite_existing);
  EXPECT_EQ(compile(), kCompiled);
  EXPECT_EQ(compile(), kRead);
}

// A sound entry around what OpenVINO never wrote.
TEST_F(GraphCacheTest, AGraphThatOpenVinoDoesNotReadIsCompiledAnew) {
  compile();
  const fs::path path = entries().at(0);
  const std::vector<float> proof = read(path).proof;
  for (const std::string& blob : {std::string(), std::string("rubbish"), std::string(5000, '\0'),
                                  std::string(100000, '<'), read_file(path).substr(200)}) {
    overwrite(path, nn::write_entry(path.filename().string(), proof, blob));
    EXPECT_EQ(compile(), kCompiled) << blob.size();
    EXPECT_EQ(compile(), kRead);
  }
}

TEST_F(GraphCacheTest, AFolderThatCannotBeWrittenIsHarmless) {
  std::ofstream(folder_.string()) << "a file where the folder should be";
  EXPECT_EQ(compile(), kCompiled);
  fs::remove(folder_);
  setenv("ANOMALYVLM_CACHE", "/proc/nothing", 1);
  EXPECT_EQ(compile(), kCompiled);
}

TEST_F(GraphCacheTest, AFolderInPlaceOfAnEntryIsHarmless) {
  compile();
  const fs::path path = entries().at(0);
  fs::remove(path);
  fs::create_directories(path / "inside");
  EXPECT_EQ(compile(), kCompiled);
}

TEST_F(GraphCacheTest, AnEntryComesBackAsItWasStored) {
  const GraphCache cache(folder_ / "graphs");
  GraphKey key, other;
  key.add("one");
  other.add("two");
  EXPECT_NE(key.file_name(), other.file_name());
  EXPECT_FALSE(cache.load(key));
  const std::string blob("graph\0\n\xff", 8);
  const std::vector<float> proof = {1.5F, -2};
  cache.store(key, proof, blob);
  const auto entry = cache.load(key);
  ASSERT_TRUE(entry);
  EXPECT_EQ(std::string(entry->blob.begin(), entry->blob.end()), blob);
  EXPECT_EQ(entry->proof, proof);
  EXPECT_FALSE(cache.load(other));
  EXPECT_EQ(cache.usage().entries, 1);
  EXPECT_EQ(cache.usage().bytes, fs::file_size(folder_ / "graphs" / key.file_name()));
}

// ---- whose folder it is

TEST_F(GraphCacheTest, WhatIsMadeIsForThisUserAlone) {
  compile();
  struct stat status;
  for (const fs::path& path : {folder_, folder_ / "graphs", entries().at(0)}) {
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 077, 0U) << path;
  }
}

TEST_F(GraphCacheTest, WhereOthersCanWriteNothingIsReadOrWritten) {
  const fs::path graphs = folder_ / "graphs";
  compile();
  const std::string entry = read_file(entries().at(0));
  for (const fs::path& open : {folder_, graphs, folder_.parent_path()}) {
    fs::permissions(open, fs::perms::all);
    const GraphCache cache = GraphCache::of_user();
    EXPECT_THAT(cache.why_unused(), HasSubstr("could be tampered with")) << open;
    EXPECT_EQ(compile(), kCompiled) << open;
    EXPECT_THROW(cache.clear(), Error) << open;
    fs::permissions(open, fs::perms::owner_all);
    EXPECT_EQ(compile(), kRead) << open;
  }
  fs::permissions(entries().at(0), fs::perms::all);
  EXPECT_EQ(compile(), kCompiled) << "an entry that others can write";
}

TEST_F(GraphCacheTest, SymbolicLinksAreNotFollowed) {
  const fs::path entry = only_entry(), elsewhere = place_.path() / "elsewhere";
  fs::rename(entry, elsewhere);
  fs::create_symlink(elsewhere, entry);
  EXPECT_EQ(compile(), kCompiled);
  EXPECT_FALSE(fs::is_symlink(entry)) << "replaced";
  fs::rename(folder_, elsewhere.string() + " too");
  fs::create_directory_symlink(elsewhere.string() + " too", folder_);
  EXPECT_THAT(GraphCache::of_user().why_unused(), HasSubstr("symbolic link"));
  EXPECT_EQ(compile(), kCompiled);
}

TEST_F(GraphCacheTest, WithoutAHomeThereIsNone) {
  const std::string home = std::getenv("HOME") ? std::getenv("HOME") : "";
  const std::string cache = std::getenv("XDG_CACHE_HOME") ? std::getenv("XDG_CACHE_HOME") : "";
  unsetenv("ANOMALYVLM_CACHE");
  for (const char* relative : {"", "relative/folder"}) {
    setenv("HOME", relative, 1);
    setenv("XDG_CACHE_HOME", relative, 1);
    EXPECT_EQ(GraphCache::of_user().folder(), "");
    EXPECT_THAT(GraphCache::of_user().why_unused(), HasSubstr("neither XDG_CACHE_HOME nor HOME"));
    EXPECT_EQ(compile(), kCompiled);
    EXPECT_EQ(compile(), kCompiled);
    EXPECT_FALSE(fs::exists("relative"));
  }
  setenv("HOME", home.c_str(), 1);
  cache.empty() ? unsetenv("XDG_CACHE_HOME") : setenv("XDG_CACHE_HOME", cache.c_str(), 1);
}

// ---- what killed writers leave

TEST_F(GraphCacheTest, HalfWrittenEntriesAreCountedAndRemoved) {
  compile();
  const fs::path entry = entries().at(0);
  const fs::path left = entry.string() + ".1-0.part", busy = entry.string() + ".1-1.part";
  overwrite(left, std::string(1000, 'x'));
  overwrite(busy, std::string(1000, 'x'));
  const int writer = ::open(busy.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(::flock(writer, LOCK_EX), 0);
  const GraphCache cache = GraphCache::of_user();
  EXPECT_EQ(cache.usage().unfinished, 2);
  EXPECT_EQ(cache.usage().bytes, fs::file_size(entry) + 2000);
  request_.model = "other";
  compile();  // and store
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(busy)) << "its writer is alive";
  const GraphCache::Usage cleared = cache.clear();
  EXPECT_EQ(cleared.entries, 2);
  EXPECT_EQ(entries(), std::vector<fs::path>{busy});
  ::close(writer);
  EXPECT_EQ(cache.clear().unfinished, 1);
  EXPECT_TRUE(entries().empty());
}

// The corpus that the fuzz target starts from does no harm in any build.
TEST(GraphEntries, OfAnyBytes) {
  int files = 0;
  for (const auto& file : fs::directory_iterator(source_dir() / "tests/nn/corpus")) {
    const std::string bytes = read_file(file.path());
    exercise_entry({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    ++files;
  }
  EXPECT_GT(files, 5);
}

TEST(GraphKeys, DifferInEveryFieldAndItsPlace) {
  const auto name = [](const std::vector<std::string>& fields) {
    GraphKey key;
    for (const std::string& field : fields) key.add(field);
    return key.file_name();
  };
  EXPECT_EQ(name({"a", "b"}), name({"a", "b"}));
  const std::vector<std::vector<std::string>> others = {{},
                                                        {"a"},
                                                        {"a", ""},
                                                        {"", "a"},
                                                        {"a", "b"},
                                                        {"b", "a"},
                                                        {"ab"},
                                                        {"a", "b", ""},
                                                        {std::string(64, 'x')},
                                                        {std::string(65, 'x')}};
  std::set<std::string> names;
  for (const auto& fields : others) EXPECT_TRUE(names.insert(name(fields)).second) << fields.size();
}

}  // namespace
}  // namespace anomalyvlm::test
