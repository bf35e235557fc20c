// Naming kinds of defects ranks and labels what nano finds; it does not hide other defects.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>

#include "anomalyvlm/codec.h"
#include "anomalyvlm/detector.h"
#include "core/platform.h"
#include "detector/loaded.h"
#include "source_dir.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

const Detector& shared_detector() {
  static const Detector instance(DetectorOptions{.disk_cache = false, .data_folder = test::source_dir()});
  return instance;
}

HybridPrompt asking(std::vector<std::string> phrases) {
  HybridPrompt prompt;
  prompt.phrases = std::move(phrases);
  return prompt;
}

// A grey plate with some grain and a dark dot.
Image plate(int side, int dot_radius = 9) {
  Image image{side, side, {}};
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const int dx = x - side * 5 / 8, dy = y - side * 3 / 8, grain = (x * 7919 + y * 104729) % 13;
      const int shade = dx * dx + dy * dy < dot_radius * dot_radius ? 40 : 150;
      image.rgb.insert(image.rgb.end(), 3, static_cast<std::uint8_t>(shade + grain));
    }
  }
  return image;
}

TEST(NamedKinds, AStrongDefectOfAnotherKindStays) {
  const Image image = plate(256);
  const Detection any = shared_detector().detect(image.view(), asking({"defect"}));
  ASSERT_GT(any.image_score, 0.5);
  for (const char* kind : {"scratch", "wrinkle", "hole", "bent part", "frayed edge"}) {
    const Detection named = shared_detector().detect(image.view(), asking({kind}));
    EXPECT_GT(named.image_score, 0.9 * any.image_score) << kind;
    EXPECT_NEAR(named.anomaly.at(160, 96), any.anomaly.at(160, 96), 0.1) << kind;
  }
}

TEST(NamedKinds, WhatIsNotNamedIsLabelledSo) {
  const Image image = plate(256);
  const Detection other = shared_detector().detect(image.view(), asking({"wrinkle"}));
  ASSERT_GT(other.kept, 0U);
  EXPECT_EQ(other.candidates[0].phrase, kNotNamedPhrase);
  EXPECT_LT(other.candidates[0].named, 0.5);
  EXPECT_THAT(other.notes, Contains(HasSubstr("--only-named")));
  // With "defect" among the phrases everything is named.
  const Detection mixed = shared_detector().detect(image.view(), asking({"wrinkle", "defect"}));
  EXPECT_EQ(mixed.candidates[0].phrase, "defect");
  EXPECT_EQ(mixed.candidates[0].named, 1);
  EXPECT_THAT(mixed.notes, Not(Contains(HasSubstr("--only-named"))));
  const Detection right =
      shared_detector().detect(read_image(test::source_dir() / "examples/images/leather.png").view(),
                               load_prompt(test::source_dir() / "prompts/examples/leather.toml"));
  EXPECT_EQ(right.candidates[0].phrase, "fold");
}

TEST(NamedKinds, OnlyTheNamedCountWhereThePromptSaysSo) {
  HybridPrompt prompt = asking({"wrinkle"});
  prompt.only_named = true;
  const Detection only = shared_detector().detect(plate(256).view(), prompt);
  EXPECT_LT(only.image_score, 0.1);
  ASSERT_FALSE(only.candidates.empty());
  EXPECT_EQ(only.candidates[0].rejected_by->by, Rejection::By::kNotNamed);
}

// --- what the documents show

struct Shown {
  std::string where;
  HybridPrompt prompt;
};

std::vector<Shown> sentences_of(const fs::path& page) {
  const std::string text = read_file(page);
  const std::regex option(R"re(--standard "([^"]*)")re"), block(R"re(```text\n([^`]*)```)re");
  std::vector<Shown> all;
  for (const std::regex& shown : {option, block})
    for (std::sregex_iterator at(text.begin(), text.end(), shown), end; at != end; ++at)
      all.push_back({page.filename().string() + ": " + (*at)[1].str(), parse_prompt_text((*at)[1].str())});
  return all;
}

std::vector<Shown> shown_prompts() {
  std::vector<Shown> all = sentences_of(test::source_dir() / "README.md");
  for (const char* page : {"docs/PROMPTS.md", "docs/EVALUATION.md"})
    for (Shown& shown : sentences_of(test::source_dir() / page)) all.push_back(std::move(shown));
  for (const auto& entry : fs::directory_iterator(test::source_dir() / "prompts/examples"))
    all.push_back({entry.path().filename().string(), load_prompt(entry.path())});
  return all;
}

// The same question about defects of any kind: what the prompt's own rules for all kinds let pass.
HybridPrompt of_any_kind(HybridPrompt prompt) {
  prompt.phrases = {"defect"};
  std::erase_if(prompt.rules, [](const Rule& rule) { return !rule.phrases.empty(); });
  prompt.kind_limits.clear();
  return prompt;
}

bool lies_in(const Candidate& candidate, int x, int y) { return candidate.mask.is_inside(x, y); }

// Where a candidate's region is strongest.
std::pair<int, int> peak_of(const Candidate& candidate) {
  std::pair<int, int> best;
  float highest = 0;
  candidate.mask.for_each_value([&](int x, int y, float value) {
    if (value <= highest) return;
    highest = value;
    best = {x, y};
  });
  return best;
}

// A rule for its kind may still remove a region: that is what the prompt says.
bool removed_for_its_kind(const Detection& found, const HybridPrompt& prompt, int x, int y) {
  return std::any_of(found.candidates.begin(), found.candidates.end(), [&](const Candidate& c) {
    return lies_in(c, x, y) && c.rejected_by && c.rejected_by->by == Rejection::By::kRule &&
           !prompt.rules[static_cast<std::size_t>(c.rejected_by->rule)].phrases.empty();
  });
}

// Names may choose another strong region where a prompt keeps fewer than there are.
bool another_strong_one_was_chosen(const Detection& found, int x, int y) {
  const bool left_out =
      std::any_of(found.candidates.begin(), found.candidates.end(), [&](const Candidate& c) {
        return lies_in(c, x, y) && c.rejected_by && c.rejected_by->by == Rejection::By::kMaxRegions;
      });
  return left_out && std::all_of(found.candidates.begin(),
                                 found.candidates.begin() + static_cast<std::ptrdiff_t>(found.kept),
                                 [](const Candidate& c) { return c.refined_score >= 0.5; });
}

TEST(NamedKinds, EveryPromptShownFindsWhatDefectFinds) {
  const LoadedDetector loaded = load_detector({.disk_cache = false, .data_folder = test::source_dir()});
  std::vector<std::string> where;
  std::vector<HybridPrompt> prompts;  // each as it is shown, and of any kind
  for (Shown& shown : shown_prompts()) {
    if (shown.prompt.only_named) continue;
    if (!shown.prompt.pixel_size_mm) shown.prompt.pixel_size_mm = 0.05;
    where.push_back(shown.where);
    prompts.push_back(shown.prompt);
    prompts.push_back(of_any_kind(shown.prompt));
  }
  int strong = 0, for_its_kind = 0;
  for (const char* name : {"leather.png", "biscuit.png", "gear.png"}) {
    const Image image = read_image(test::source_dir() / "examples/images" / name);
    const std::vector<Evidence> seen = loaded.method->observe(image, prompts);
    std::vector<Detection> found;
    for (std::size_t i = 0; i < seen.size(); ++i)
      found.push_back(loaded.method->judge()->judge(image, seen[i], prompts[i]));
    for (std::size_t i = 0; i < where.size(); ++i) {
      SCOPED_TRACE(std::string(name) + ", " + where[i]);
      const Detection &named = found[2 * i], &any = found[2 * i + 1];
      for (std::size_t k = 0; k < any.kept && any.candidates[k].refined_score >= 0.5; ++k) {
        const auto [x, y] = peak_of(any.candidates[k]);
        ++strong;
        if (removed_for_its_kind(named, prompts[2 * i], x, y)) {
          ++for_its_kind;
        } else if (k == 0 || !another_strong_one_was_chosen(named, x, y)) {  // the strongest always stays
          EXPECT_GE(named.anomaly.at(x, y), 0.5F)
              << any.candidates[k].refined_score << " at " << x << ", " << y;
        }
      }
    }
  }
  EXPECT_GT(strong, 30);
  EXPECT_LT(for_its_kind, strong / 4);
}

TEST(NamedKinds, TheSentencesOfTheExampleFindItsScratches) {
  const Image leather = read_image(test::source_dir() / "examples/images/leather.png");
  const double any = shared_detector().detect(leather.view(), asking({"defect"})).image_score;
  for (const char* text :
       {"Scratches and dents. Scratches are longer than 20 px. Anomalies are smaller than 5% of "
        "the object area. At most three abnormal regions.",
        "Scratch. Dent. At most three abnormal regions."})
    EXPECT_GT(shared_detector().detect(leather.view(), parse_prompt_text(text)).image_score, 0.9 * any)
        << text;
}

// --- what would pass in silence

TEST(Notes, SmallDefectsOfLargeImagesAreLost) {
  const auto notes = [](int side) { return shared_detector().detect(plate(side).view()).notes; };
  EXPECT_THAT(notes(256), Not(Contains(HasSubstr("are lost"))));
  EXPECT_THAT(notes(500), Not(Contains(HasSubstr("are lost"))));
  EXPECT_THAT(
      notes(1024),
      Contains(HasSubstr("1024 x 1024 pixels are seen at 256 x 256: defects of less than about 12 pixels")));
  const Detector tiled(DetectorOptions{.tile = 512, .disk_cache = false, .data_folder = test::source_dir()});
  EXPECT_THAT(tiled.detect(plate(1024).view()).notes, Not(Contains(HasSubstr("are lost"))));
}

TEST(Notes, AnImageWithoutContent) {
  const Image black{300, 200, std::vector<std::uint8_t>(300 * 200 * 3, 3)};
  EXPECT_THAT(shared_detector().detect(black.view()).notes,
              Contains(HasSubstr("no content that could be inspected: it is black")));
  EXPECT_THAT(shared_detector().detect(plate(256).view()).notes, Not(Contains(HasSubstr("no content"))));
  EXPECT_EQ(shared_detector().detect(plate(256).view()).no_content, "");
  HybridPrompt prompt = generic_prompt();
  EXPECT_EQ(shared_detector().detect(black.view(), prompt).verdict, Verdict::kNone);
  prompt.limit = 0.5;
  const Detection found = shared_detector().detect(black.view(), prompt);
  EXPECT_EQ(found.verdict, Verdict::kNotOk) << found.image_score;
  EXPECT_EQ(found.no_content, "it is black");
}

}  // namespace
}  // namespace anomalyvlm
