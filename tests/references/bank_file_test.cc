// Banks as files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/files.h"
#include "errors.h"
#include "references/bank.h"
#include "references/small_banks.h"
#include "source_dir.h"
#include "temporary_folder.h"
#include "weights/safetensors.h"
#include "weights/seal.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;
using test::error_of;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr float kNotANumber = std::numeric_limits<float>::quiet_NaN();

bool same_tensors(const Tensor& a, const Tensor& b) {
  if (!a.defined() || !b.defined()) return a.defined() == b.defined();
  return a.dtype() == b.dtype() && a.shape() == b.shape() && std::memcmp(a.raw(), b.raw(), a.bytes()) == 0;
}

void expect_same_banks(const Bank& a, const Bank& b) {
  EXPECT_EQ(a.date(), b.date());
  EXPECT_EQ(a.origin().describer, b.origin().describer);
  EXPECT_EQ(a.origin().method, b.origin().method);
  EXPECT_EQ(a.origin().model, b.origin().model);
  EXPECT_EQ(a.origin().resize, b.origin().resize);
  EXPECT_EQ(a.origin().tile, b.origin().tile);
  EXPECT_EQ(a.origin().tile_overlap, b.origin().tile_overlap);
  EXPECT_EQ(a.origin().options.rotations, b.origin().options.rotations);
  EXPECT_EQ(a.origin().options.variations, b.origin().options.variations);
  EXPECT_EQ(a.origin().options.nearby, b.origin().options.nearby);
  EXPECT_EQ(a.origin().options.mutual, b.origin().options.mutual);
  EXPECT_EQ(a.calibration().prompt, b.calibration().prompt);
  EXPECT_EQ(a.calibration().detector, b.calibration().detector);
  EXPECT_EQ(a.calibration().scores, b.calibration().scores);
  ASSERT_EQ(a.images().size(), b.images().size());
  for (std::size_t i = 0; i < a.images().size(); ++i) {
    const BankImage &x = a.images()[i], &y = b.images()[i];
    EXPECT_EQ(x.name, y.name);
    EXPECT_EQ(x.sha256, y.sha256);
    EXPECT_EQ(x.width, y.width);
    EXPECT_EQ(x.height, y.height);
    EXPECT_EQ(x.thumbnail.width, y.thumbnail.width);
    EXPECT_EQ(x.thumbnail.rgb, y.thumbnail.rgb);
    ASSERT_EQ(x.part.has_value(), y.part.has_value());
    if (x.part) {
      EXPECT_EQ(x.part->x0, y.part->x0);
      EXPECT_EQ(x.part->y1, y.part->y1);
    }
  }
  ASSERT_EQ(a.rows().size(), b.rows().size());
  for (std::size_t s = 0; s < a.rows().size(); ++s) {
    const BankRows &x = a.rows()[s], &y = b.rows()[s];
    EXPECT_TRUE(same_tensors(x.vectors, y.vectors) && same_tensors(x.images, y.images) &&
                same_tensors(x.places, y.places) && same_tensors(x.alarms, y.alarms));
    EXPECT_EQ(x.distances.usual, y.distances.usual);
    EXPECT_EQ(x.distances.high, y.distances.high);
  }
}

class BankFile : public ::testing::Test {
 protected:
  std::shared_ptr<const Bank> written(int images = 2) const {
    auto bank = test::small_bank(images);
    write_bank(path_, *bank);
    return bank;
  }

  std::string error() const {
    return error_of(ErrorKind::kBadModel, [&] { read_bank(path_); });
  }

  // The complaint about a file with a valid seal that was changed so.
  std::string error_after(const std::function<void(WeightFile::Tensors&, ordered_json&)>& change) const {
    written();
    const auto file = load_weights(path_);
    WeightFile::Tensors tensors = file->tensors();
    ordered_json json = ordered_json::parse(file->metadata().at("references"));
    change(tensors, json);
    write_safetensors(path_, tensors, {{"references", json.dump()}}, true);
    return error();
  }
  std::string error_after(const std::function<void(ordered_json&)>& change) const {
    return error_after([&](WeightFile::Tensors&, ordered_json& json) { change(json); });
  }

  static constexpr const char* kNothing = "nothing was thrown";
  const test::TemporaryFolder folder_;
  const fs::path path_ = folder_.path() / "part.avref";
};

TEST_F(BankFile, IsReadAsItWasWritten) {
  BankOrigin origin = test::some_origin();
  origin.resize = 96;
  origin.tile = 64;
  origin.tile_overlap = 8;
  origin.options.rotations = 5;
  origin.options.variations = true;
  BankBuilder builder(origin, test::kAllRows);
  builder.add(test::image_named("a \"name\" of\nmore"), test::random_parts(1));
  BankImage part = test::image_named("b");
  part.part = Box{1.5F, 2.25F, 40, 30};
  part.thumbnail = {};
  builder.add(part, test::random_parts(2));
  const Bank bank =
      builder.finish()->with({"anomalyvlm on nano, profile nano", "phrases = [\"x\"]", {0.1, 1.0 / 3, 0}});
  write_bank(path_, bank);
  EXPECT_TRUE(is_bank(path_));
  const auto read = read_bank(path_);
  expect_same_banks(*read, bank);
  const std::string bytes = read_file(path_);
  write_bank(path_, *read);
  EXPECT_EQ(read_file(path_), bytes);
}

TEST_F(BankFile, OfAnEarlierVersionHasNeitherVariationsNorMutualImages) {
  EXPECT_EQ(error_after([](ordered_json& json) {
              json.erase("variations");
              json.erase("mutual");
            }),
            kNothing);
  const ReferenceOptions read = read_bank(path_)->origin().options;
  EXPECT_FALSE(read.variations);
  EXPECT_FALSE(read.mutual);
}

TEST_F(BankFile, KeepsWhatANearbyBankComparesWith) {
  BankOrigin origin = test::some_origin();
  origin.options.nearby = 0.15;
  const auto bank = test::small_bank(2, origin);
  write_bank(path_, *bank);
  const std::vector<DescribedPart> seen = test::random_parts(9);
  const auto a = bank->compare(seen[0].grids), b = read_bank(path_)->compare(seen[0].grids);
  for (std::size_t s = 0; s < 2; ++s) {
    EXPECT_EQ(a[s].nearest, b[s].nearest);
    EXPECT_EQ(a[s].rows, b[s].rows);
  }
}

TEST_F(BankFile, WithoutAlarms) {
  std::vector<DescribedPart> parts = test::random_parts(1);
  for (DescriptorGrid& grid : parts[0].grids) grid.alarms.clear();
  BankBuilder builder(test::some_origin(), test::kAllRows);
  builder.add(test::image_named("a"), parts);
  const auto bank = builder.finish();
  write_bank(path_, *bank);
  expect_same_banks(*read_bank(path_), *bank);
}

TEST_F(BankFile, EveryByteCounts) {
  written(1);
  const std::string text = read_file(path_);
  const std::size_t step = std::max<std::size_t>(1, text.size() / 400);
  for (std::size_t i = 0; i < text.size(); i += i < 600 ? 7 : step) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 4);
    write_file_atomically(path_, changed);
    EXPECT_NE(error(), kNothing) << "byte " << i;
  }
  write_file_atomically(path_, text);
  EXPECT_EQ(error(), kNothing);
}

TEST_F(BankFile, ATruncatedFile) {
  written(1);
  const std::string text = read_file(path_);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{7}, std::size_t{500}, text.size() / 2, text.size() - 1}) {
    write_file_atomically(path_, text.substr(0, size));
    EXPECT_THAT(error(), AllOf(HasSubstr("part.avref' is no bank of references"),
                               HasSubstr("'anomalyvlm reference build' makes one")))
        << size;
  }
  write_file_atomically(path_, text + "more");
  EXPECT_NE(error(), kNothing);
}

TEST_F(BankFile, FilesThatAreNone) {
  EXPECT_THAT(error_of(ErrorKind::kIo, [&] { read_bank(path_); }), HasSubstr("part.avref"));
  EXPECT_THAT(error_of(ErrorKind::kIo, [&] { read_bank(folder_.path()); }), HasSubstr("anomalyvlm-test"));
  EXPECT_FALSE(is_bank(path_));
  write_file_atomically(path_, std::string("a text"));
  EXPECT_THAT(error(), HasSubstr("is no bank of references"));
  EXPECT_FALSE(is_bank(path_));
  write_safetensors(path_, {{"vectors.0", Tensor::zeros({2, 2})}}, {{"other", "text"}}, true);
  EXPECT_THAT(error(), HasSubstr("it holds no references"));
  EXPECT_FALSE(is_bank(path_));
  write_safetensors(path_, {{"vectors.0", Tensor::zeros({2, 2})}}, {{"references", "{"}}, true);
  EXPECT_THAT(error(), HasSubstr("its text is damaged"));
}

TEST_F(BankFile, WithoutASeal) {
  written();
  const auto file = load_weights(path_);
  write_safetensors(path_, file->tensors(), {{"references", file->metadata().at("references")}});
  EXPECT_THAT(error(), HasSubstr("SHA-256"));
}

TEST_F(BankFile, OfALaterVersion) {
  EXPECT_THAT(error_after([](ordered_json& json) { json["format"] = "anomalyvlm.references 2"; }),
              HasSubstr("it is of another version"));
}

TEST_F(BankFile, TextsThatDoNotFit) {
  const std::function<void(ordered_json&)> changes[] = {
      [](ordered_json& json) { json = ordered_json::array(); },
      [](ordered_json& json) { json["format"] = 1; },
      [](ordered_json& json) { json["images"] = ordered_json::array(); },
      [](ordered_json& json) { json["images"] = 7; },
      [](ordered_json& json) { json.erase("images"); },
      [](ordered_json& json) { json["images"][0] = "a"; },
      [](ordered_json& json) { json["images"][0]["width"] = 0; },
      [](ordered_json& json) { json["images"][0]["width"] = -5; },
      [](ordered_json& json) { json["images"][0]["height"] = "high"; },
      [](ordered_json& json) { json["images"][0]["name"] = 7; },
      [](ordered_json& json) {
        json["images"][0]["part"] = {1, 2, 3};
      },
      [](ordered_json& json) { json["images"][0]["part"] = "all"; },
      [](ordered_json& json) { json["images"].erase(1); },
      [](ordered_json& json) { json["scales"] = ordered_json::array(); },
      [](ordered_json& json) {
        json["scales"].push_back({{"usual", 0.1}, {"high", 0.2}});
      },
      [](ordered_json& json) {
        json["scales"] = ordered_json(9, {{"usual", 0.1}, {"high", 0.2}});
      },
      [](ordered_json& json) { json["scales"][0]["usual"] = nullptr; },
      [](ordered_json& json) { json["scales"][0]["high"] = -1; },
      [](ordered_json& json) { json["scales"][0].erase("high"); },
      [](ordered_json& json) { json.erase("describer"); },
      [](ordered_json& json) { json["resize"] = "256"; },
      [](ordered_json& json) { json["date"] = 5; },
      [](ordered_json& json) { json["rotations"] = 0; },
      [](ordered_json& json) { json["rotations"] = 37; },
      [](ordered_json& json) { json["variations"] = "some"; },
      [](ordered_json& json) { json["mutual"] = 1; },
      [](ordered_json& json) { json["nearby"] = 1; },
      [](ordered_json& json) { json["nearby"] = -0.5; },
      [](ordered_json& json) { json["tile"] = -1; },
      [](ordered_json& json) { json["calibration"] = "none"; },
      [](ordered_json& json) {
        json["calibration"] = {{"prompt", "p"}, {"good_scores", {"a"}}};
      },
      [](ordered_json& json) {
        json["calibration"] = {{"prompt", "p"}, {"good_scores", {-1.0}}};
      },
  };
  for (std::size_t i = 0; i < std::size(changes); ++i)
    EXPECT_THAT(error_after(changes[i]), HasSubstr("is no bank of references")) << "change " << i;
}

TEST_F(BankFile, TensorsThatDoNotFit) {
  using Tensors = WeightFile::Tensors;
  const std::function<void(Tensors&)> changes[] = {
      [](Tensors& t) { t.erase("vectors.0"); },
      [](Tensors& t) { t.erase("images.1"); },
      [](Tensors& t) { t.erase("places.1"); },
      [](Tensors& t) { t["vectors.1"] = t["vectors.1"].to_f32(); },
      [](Tensors& t) {
        t["vectors.1"] = to_bf16(Tensor::zeros({48, 2, 4}));
      },
      [](Tensors& t) {
        t["vectors.1"] = to_bf16(Tensor::zeros({47, 8}));
      },
      [](Tensors& t) {
        t["vectors.1"] = to_bf16(Tensor::zeros({0, 8}));
      },
      [](Tensors& t) {
        t["vectors.1"] = to_bf16(Tensor::zeros({48, 0}));
      },
      [](Tensors& t) {
        t["vectors.1"] = to_bf16(Tensor::zeros({48, 16'385}));
      },
      [](Tensors& t) {
        t["vectors.1"] = to_bf16(Tensor::from<float>({48, 8}, std::vector<float>(384, kNotANumber)));
      },
      [](Tensors& t) {
        t["vectors.1"] = to_bf16(Tensor::from<float>({48, 8}, std::vector<float>(384, HUGE_VALF)));
      },
      [](Tensors& t) { t["images.1"] = Tensor::zeros({48}); },
      [](Tensors& t) { t["images.1"] = Tensor::from<std::int32_t>({47}, std::vector<std::int32_t>(47)); },
      [](Tensors& t) { t["images.1"] = Tensor::from<std::int32_t>({48}, std::vector<std::int32_t>(48, 2)); },
      [](Tensors& t) { t["images.1"] = Tensor::from<std::int32_t>({48}, std::vector<std::int32_t>(48, -1)); },
      [](Tensors& t) {
        std::vector<std::int32_t> mixed(48, 1);
        mixed[20] = 0;
        t["images.1"] = Tensor::from<std::int32_t>({48}, std::move(mixed));
      },
      [](Tensors& t) {
        t["places.1"] = Tensor::zeros({2, 48});
      },
      [](Tensors& t) {
        t["places.1"] = Tensor::from<float>({48, 2}, std::vector<float>(96, kNotANumber));
      },
      [](Tensors& t) {
        t["alarms.1"] = Tensor::zeros({48, 1});
      },
      [](Tensors& t) { t["alarms.1"] = Tensor::from<float>({48}, std::vector<float>(48, kNotANumber)); },
      [](Tensors& t) {
        t["thumbnail.0"] = Tensor::zeros({3, 4, 3});
      },
      [](Tensors& t) {
        t["thumbnail.0"] = Tensor::from<std::uint8_t>({3, 4, 4}, std::vector<std::uint8_t>(48));
      },
      [](Tensors& t) {
        t["thumbnail.0"] = Tensor::from<std::uint8_t>({97, 1, 3}, std::vector<std::uint8_t>(291));
      },
      [](Tensors& t) {
        t["thumbnail.0"] = Tensor::from<std::uint8_t>({0, 4, 3}, {});
      },
  };
  for (std::size_t i = 0; i < std::size(changes); ++i)
    EXPECT_THAT(error_after([&](Tensors& tensors, ordered_json&) { changes[i](tensors); }),
                HasSubstr("is no bank of references"))
        << "change " << i;
}

// What the fuzzer begins with.
TEST_F(BankFile, TheCorpusIsOfBanks) {
  int files = 0;
  for (const auto& file : fs::directory_iterator(test::source_dir() / "tests/references/corpus")) {
    EXPECT_FALSE(read_bank(file.path())->images().empty());
    ++files;
  }
  EXPECT_EQ(files, 3);
}

// The old file stays until the new one is complete.
TEST_F(BankFile, IsReplacedAsAWholeOrNotAtAll) {
  written(1);
  const std::string before = read_file(path_);
  const fs::path target = folder_.path() / "a folder" / "part.avref";
  EXPECT_NE(error_of(ErrorKind::kIo, [&] { write_bank(target, *test::small_bank(2)); }), kNothing);
  EXPECT_NE(error_of(ErrorKind::kIo, [&] { write_bank(folder_.path(), *test::small_bank(2)); }), kNothing);
  EXPECT_EQ(read_file(path_), before);
  written(2);
  EXPECT_THAT(read_bank(path_)->images(), SizeIs(2));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 1)
      << "nothing is left beside it";
}

TEST_F(BankFile, IsReadWhileItIsReplaced) {
  written(1);
  std::atomic<bool> done = false;
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 2; ++i)
      readers.emplace_back([&] {
        while (!done) EXPECT_THAT(read_bank(path_)->images(), ::testing::AnyOf(SizeIs(1), SizeIs(3)));
      });
    for (int i = 0; i < 40; ++i) written(i % 2 == 0 ? 3 : 1);
    done = true;
  }
}

TEST_F(BankFile, IsComparedWithByManyThreads) {
  written(3);
  const auto bank = read_bank(path_);
  fs::remove(path_);
  const std::vector<DescribedPart> seen = test::random_parts(9, 20, 20);
  const std::vector<GridComparison> alone = bank->compare(seen[0].grids);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      const std::vector<GridComparison> found = bank->compare(seen[0].grids);
      for (std::size_t s = 0; s < found.size(); ++s) EXPECT_EQ(found[s].nearest, alone[s].nearest);
    });
}

// Beyond 64 MB a file is mapped: it may be removed, or replaced by another, while it is used.
TEST_F(BankFile, ALargeOneStaysMapped) {
  constexpr std::int64_t kRows = 5000, kSize = 8192;
  const auto bits = std::make_shared<std::vector<std::uint16_t>>(static_cast<std::size_t>(kRows * kSize));
  std::mt19937 random(1);
  for (std::uint16_t& value : *bits) value = f32_to_bf16(static_cast<float>(random() % 256));
  BankRows rows;
  rows.vectors = Tensor(DType::kBF16, {kRows, kSize}, bits, bits->data());
  rows.images = Tensor::from<std::int32_t>({kRows}, std::vector<std::int32_t>(kRows));
  rows.places = Tensor::zeros({kRows, 2});
  write_bank(path_, Bank(test::some_origin(), {test::image_named("a")}, {rows}, "2026-11-28T21:15:56Z"));
  ASSERT_GT(fs::file_size(path_), std::uintmax_t{64} << 20);
  const auto bank = read_bank(path_);
  written(1);
  EXPECT_TRUE(same_tensors(bank->rows()[0].vectors, rows.vectors));
  fs::remove(path_);
  EXPECT_TRUE(same_tensors(bank->rows()[0].vectors, rows.vectors));
}

}  // namespace
}  // namespace anomalyvlm
