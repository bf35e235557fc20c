// What the result files hold: the JSON as docs/RESULT_FORMAT.md describes it, maps, masks and images that
// agree with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>

#include "cli/detect_fixture.h"
#include "cli/result_schema.h"
#include "core/platform.h"
#include "source_dir.h"

namespace anomalyvlm::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

class Results : public Detect {
 protected:
  json result_of(const std::vector<std::string>& options, const std::string& file) {
    std::vector<std::string> arguments = {"detect", file, "--out", out_};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Outcome run = run_program(arguments);
    EXPECT_EQ(run.exit, 0) << run.err;
    return json::parse(read_file((fs::path(out_) / fs::path(file).stem()).string() + ".json"));
  }
};

// As COCO's own code reads "counts", written from its description: groups of five bits, lowest first, bit 5
// says that more follow, bit 4 of the last is the sign; from the fourth count on the difference to the one
// two before.
std::vector<std::uint8_t> decode_coco(const std::string& text, int height, int width) {
  std::vector<long> counts;
  for (std::size_t i = 0; i < text.size();) {
    long value = 0;
    int bits = 0;
    bool more = true;
    while (more) {
      const int group = text.at(i++) - 48;
      value |= static_cast<long>(group & 0x1f) << (5 * bits++);
      more = (group & 0x20) != 0;
      if (!more && (group & 0x10) != 0) value |= -1L << (5 * bits);
    }
    if (counts.size() > 2) value += counts[counts.size() - 2];
    counts.push_back(value);
  }
  std::vector<std::uint8_t> down, mask(static_cast<std::size_t>(width) * height);
  for (std::size_t i = 0; i < counts.size(); ++i)
    down.insert(down.end(), static_cast<std::size_t>(counts[i]), static_cast<std::uint8_t>(i % 2));
  EXPECT_EQ(down.size(), mask.size());
  down.resize(mask.size());
  for (int x = 0; x < width; ++x)
    for (int y = 0; y < height; ++y)
      mask[static_cast<std::size_t>(y) * width + x] = down[static_cast<std::size_t>(x) * height + y];
  return mask;
}

TEST(ResultFormat, IsReadFromItsDescription) {
  const ResultSchema schema;
  EXPECT_GT(schema.size(), 45U);
  EXPECT_THAT(schema.disagreements(json::object()),
              IsSupersetOf({"format is missing", "candidates is missing"}));
  EXPECT_THAT(schema.disagreements({{"version", "1"}}),
              ::testing::Contains("version is not of the type integer: \"1\""));
  EXPECT_THAT(schema.disagreements({{"color", 1}}), ::testing::Contains("color is not described"));
}

TEST_F(Results, FollowTheirDescription) {
  const std::string file = (source_dir() / "examples/images/leather.png").string();
  const std::vector<std::string> options[] = {
      {},
      {"--resize", "128", "--png-bits", "8"},
      {"--standard", "Anomalies are smaller than 0.01%."},
      {"--standard",
       "Blorf. Scratch. At most one abnormal region. Anomalies are smaller than 90% of the object area."},
      {"--standard",
       "the image of disc have 2 dissimilar disc, with a maximum of 1 anomaly. The anomaly would not exceed "
       "0.9 object area."},
  };
  std::set<std::string> reasons;
  for (const auto& o : options) {
    const json result = result_of(o, file);
    EXPECT_THAT(ResultSchema().disagreements(result), IsEmpty());
    EXPECT_EQ(result["format"], "anomalyvlm.detection");
    EXPECT_EQ(result["version"], 2);
    for (const json& c : result["candidates"]) {
      EXPECT_EQ(c["kept"].get<bool>(), !c.contains("rejected_by"));
      if (c.contains("rejected_by")) reasons.insert(c["rejected_by"]["by"]);
    }
  }
  EXPECT_THAT(reasons, IsSupersetOf({"rule", "max_regions"}));
}

TEST_F(Results, MasksAreThoseOfTheCandidates) {
  const json result = result_of({"--write", "json,anomaly.tiff"}, image_file("a.png", 5, 320, 240));
  ASSERT_FALSE(result["candidates"].empty());
  const FloatMap map = read_tiff_f32(out_ + "/a.anomaly.tiff");
  for (const json& c : result["candidates"]) {
    EXPECT_THAT(c["mask"]["size"], ElementsAre(240, 320));
    const std::vector<std::uint8_t> mask = decode_coco(c["mask"]["counts"], 240, 320);
    std::uint64_t area = 0;
    for (int y = 0; y < 240; ++y) {
      for (int x = 0; x < 320; ++x) {
        if (mask[static_cast<std::size_t>(y) * 320 + x] == 0) continue;
        ++area;
        const json& box = c["box"];  // cells of the map are larger than pixels
        EXPECT_TRUE(x + 4 >= box[0] && y + 4 >= box[1] && x - 4 <= box[2] && y - 4 <= box[3])
            << x << " " << y;
        if (c["kept"]) {  // above half of its score, or of a stronger region's
          EXPECT_GE(map.at(x, y), 0.499 * c["refined_score"].get<double>());
        }
      }
    }
    EXPECT_EQ(area, c["area"]);
  }
}

TEST_F(Results, FilesAgreeWithEachOther) {
  for (const std::string bits : {"8", "16"}) {
    const json result =
        result_of({"--write", "all", "--png-bits", bits, "--full-scale", "0", "--threshold", "0.2"},
                  image_file("a.png", 5, 320, 240));
    const FloatMap map = read_tiff_f32(out_ + "/a.anomaly.tiff");
    const Image png = read_image(out_ + "/a.anomaly.png"), mask = read_image(out_ + "/a.mask.png");
    float highest = 0;
    std::uint64_t above = 0;
    const double white = result["anomaly_png"]["white"];
    for (int y = 0; y < 240; ++y) {
      for (int x = 0; x < 320; ++x) {
        const float value = map.at(x, y);
        highest = std::max(highest, value);
        above += static_cast<double>(value) > 0.2;
        EXPECT_EQ(mask.row(y)[3 * x], static_cast<double>(value) > 0.2 ? 255 : 0);
        EXPECT_NEAR(png.row(y)[3 * x], static_cast<double>(value) / white * 255, 1);
      }
    }
    EXPECT_FLOAT_EQ(highest, result["image_score"].get<float>());
    EXPECT_FLOAT_EQ(highest, static_cast<float>(white));
    EXPECT_EQ(above, result["pixels_above_threshold"]);
    EXPECT_EQ(std::to_string(result["anomaly_png"]["bits"].get<int>()), bits);
    const std::string header = read_file(out_ + "/a.anomaly.png").substr(24, 2);  // depth, colour type
    EXPECT_EQ(header, bits == "8" ? std::string("\x08\0", 2) : std::string("\x10\0", 2));
  }
}

TEST_F(Results, OnlyThoseAskedForAreWritten) {
  const std::pair<std::string, std::vector<std::string>> choices[] = {
      {"anomaly,json", {"a.anomaly.png", "a.anomaly.tiff", "a.json"}},
      {"input", {"a.input.png"}},
      {"mask, overlay", {"a.mask.png", "a.overlay.png"}},
      {"anomaly.tiff", {"a.anomaly.tiff"}},
      {"all", {"a.anomaly.png", "a.anomaly.tiff", "a.input.png", "a.json", "a.mask.png", "a.overlay.png"}},
  };
  for (const auto& [write, names] : choices) {
    fs::remove_all(out_);
    EXPECT_EQ(run_program({"detect", image_file("a.png"), "--out", out_, "--write", write}).exit, 0);
    EXPECT_EQ(names_in(out_), names);
  }
  const Outcome wrong =
      run_program({"detect", image_file("a.png"), "--out", out_, "--write", "anomaly,photo"});
  EXPECT_EQ(wrong.exit, 2);  // usage
  EXPECT_THAT(wrong.err, ::testing::HasSubstr("\"photo\" is not a result"));
}

// Other instruction sets, threads and implementations of kernels round differently, and no more than that.
TEST_F(Results, AreTheSameHoweverTheyAreComputed) {
  const std::string file = image_file("a.png", 5, 320, 240);
  const auto map_of = [&](const std::string& environment, const std::vector<std::string>& options) {
    std::vector<std::string> arguments = {"detect", file, "--out", out_, "--write", "anomaly.tiff"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Outcome run = run_program(arguments, {environment});
    EXPECT_EQ(run.exit, 0) << run.err;
    return read_tiff_f32(out_ + "/a.anomaly.tiff").values;
  };
  const std::vector<float> usual = map_of("", {});
  const std::pair<std::string, std::vector<std::string>> others[] = {{"ONEDNN_MAX_CPU_ISA=AVX2", {}},
                                                                     {"ANOMALYVLM_FORCE_IMPL=portable", {}},
                                                                     {"", {"--threads", "1"}},
                                                                     {"", {"--no-cache"}}};
  for (const auto& [environment, options] : others) {
    const std::vector<float> other = map_of(environment, options);
    double worst = 0;
    for (std::size_t i = 0; i < usual.size(); ++i)
      worst = std::max(worst, std::abs(static_cast<double>(usual[i]) - other[i]));
    EXPECT_LT(worst, 2e-3) << environment << " " << ::testing::PrintToString(options);
  }
}

// With one thread the program uses hardly more CPU time than there is time: two busy threads would use nearly
// twice as much.
TEST_F(Results, OneThreadIsOneThread) {
  std::vector<std::string> arguments = {"detect", "--out", out_, "--threads", "1", "--no-cache"};
  for (int i = 0; i < 6; ++i) arguments.push_back(image_file("p" + std::to_string(i) + ".png", 5, 900, 700));
  const Outcome run = run_program(arguments);
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_LT(run.cpu_seconds, 1.4 * run.seconds);
}

}  // namespace
}  // namespace anomalyvlm::test
