// What a method observed, through a file and back.
#include "eval/run/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/platform.h"
#include "errors.h"
#include "temporary_folder.h"
#include "weights/safetensors.h"

namespace anomalyvlm::eval {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Evidence made_up(bool soft) {
  Evidence found;
  found.width = 7;
  found.height = 5;
  found.saliency = {7, 5, std::vector<float>(35, 0.25F)};
  found.saliency.at(3, 2) = 1.5F;
  found.objects.push_back(InspectedObject::whole_image(7, 5));
  found.objects.push_back({{1, 1, 4, 4}, Region::binary({2, 3, 3, 4}, std::vector<std::uint8_t>{1}), 0.75});
  found.notes = {"a note", "bytes that are no text: \xff"};
  RegionEvidence regions;
  for (int i = 0; i < 3; ++i) {
    Candidate c;
    c.id = i;
    c.box = {0.1F, 0.2F, 3.7F, 4.9F};
    c.proposal_box = {0, 0.1F, 5.5F, 4.9F};
    c.named = 0.1 + 0.2 * i;
    c.mask = Region::soft({1, 2, 4, 4}, {1, 0, soft ? 0.1F : 1.0F, 0, 1, 1});
    if (!soft) c.mask = c.mask.binarised();
    c.phrase = "crack";
    c.confidence = 1.0 / 3;
    c.saliency = 0.1 + i;
    c.object = i % 2;
    regions.candidates.push_back(c);
  }
  regions.candidates[1].mask = {};
  regions.candidates[1].rejected_by = Rejection{Rejection::By::kEmptyMask, -1, 0, "its mask is empty"};
  found.found = std::move(regions);
  return found;
}

const std::vector<Candidate>& candidates_of(const Evidence& evidence) {
  return std::get<RegionEvidence>(evidence.found).candidates;
}

TEST(EvidenceFile, ComesBackAsItWas) {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "one.safetensors";
  const std::vector<Evidence> all{made_up(true), made_up(false)};
  write_evidence(file, all);
  const std::vector<Evidence> read = read_evidence(file);
  ASSERT_EQ(read.size(), 2u);
  for (std::size_t p = 0; p < 2; ++p) {
    const Evidence &a = all[p], &b = read[p];
    const std::vector<Candidate>&expected = candidates_of(a), &got = candidates_of(b);
    EXPECT_EQ(b.width, 7);
    EXPECT_EQ(b.height, 5);
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const Candidate &x = expected[i], &y = got[i];
      EXPECT_EQ(y.id, x.id);
      EXPECT_EQ(y.box.x0, x.box.x0);
      EXPECT_EQ(y.box.y1, x.box.y1);
      EXPECT_EQ(y.proposal_box.x1, x.proposal_box.x1);
      EXPECT_EQ(y.named, x.named);
      EXPECT_EQ(y.mask, x.mask);
      EXPECT_EQ(y.phrase, x.phrase);
      EXPECT_EQ(y.confidence, x.confidence);
      EXPECT_EQ(y.saliency, x.saliency);
      EXPECT_EQ(y.object, x.object);
      EXPECT_EQ(y.rejected_by.has_value(), x.rejected_by.has_value());
    }
    EXPECT_EQ(got[1].rejected_by->by, Rejection::By::kEmptyMask);
    EXPECT_EQ(got[1].rejected_by->text, "its mask is empty");
    ASSERT_EQ(b.objects.size(), 2u);
    EXPECT_TRUE(b.objects[0].mask.empty());
    EXPECT_EQ(b.objects[1].mask, a.objects[1].mask);
    EXPECT_EQ(b.objects[1].score, 0.75);
    EXPECT_EQ(b.notes[0], "a note");
    for (std::size_t i = 0; i < a.saliency.values.size(); ++i)
      EXPECT_NEAR(b.saliency.values[i], a.saliency.values[i], 1.5 / 255);
  }
}

TEST(EvidenceFile, NothingFoundIsAlsoEvidence) {
  const test::TemporaryFolder folder;
  Evidence none = made_up(false);
  std::get<RegionEvidence>(none.found).candidates.clear();
  none.saliency.values.assign(35, 0);
  write_evidence(folder.path() / "none", {&none, 1});
  EXPECT_TRUE(candidates_of(read_evidence(folder.path() / "none").at(0)).empty());
}

TEST(EvidenceFile, OfAMapComesBackAsItWas) {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "dense";
  std::vector<Evidence> all{made_up(false), made_up(false)};
  for (Evidence& evidence : all) {
    evidence.saliency = {};
    FloatMap map{7, 5, {}};
    for (int i = 0; i < 35; ++i) map.values.push_back(0.1F * static_cast<float>(i));
    evidence.found = DenseEvidence{map, 7.25};
  }
  std::get<DenseEvidence>(all[1].found).map.values[3] = 9;
  std::get<DenseEvidence>(all[1].found).phrase = {7, 5, std::vector<float>(35, 2)};
  write_evidence(file, all);
  const std::vector<Evidence> read = read_evidence(file);
  ASSERT_EQ(read.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& dense = std::get<DenseEvidence>(read[i].found);
    EXPECT_EQ(dense.map.values, std::get<DenseEvidence>(all[i].found).map.values);
    EXPECT_EQ(dense.phrase.values, std::get<DenseEvidence>(all[i].found).phrase.values);
    EXPECT_EQ(dense.score, 7.25);
    EXPECT_TRUE(read[i].saliency.values.empty());
  }
  std::get<DenseEvidence>(all[0].found).map.values[0] = -1;
  write_evidence(file, all);
  EXPECT_THAT(test::error_of(ErrorKind::kBadModel, [&] { read_evidence(file); }), HasSubstr("negative"));
}

TEST(EvidenceFile, DamageIsSaidInOneSentence) {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "one.safetensors";
  const auto error = [&] { return test::error_of(ErrorKind::kBadModel, [&] { read_evidence(file); }); };
  const Evidence found = made_up(true);
  write_evidence(file, {&found, 1});
  const std::string whole = read_file(file);
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = whole;
    const std::size_t at = text.find(from);
    if (at == std::string::npos) throw std::runtime_error("not there: " + from);
    text.replace(at, from.size(), to);
    write_file_atomically(file, text);
    return error();
  };
  EXPECT_THAT(changed("evidence 2", "evidence 1"), HasSubstr("another version"));
  EXPECT_THAT(changed(R"(\"rect\":[1,2,3,2])", R"(\"rect\":[6,2,3,2])"), HasSubstr("outside of the image"));
  EXPECT_THAT(changed(R"(\"at\":0)", R"(\"at\":9)"), HasSubstr("a mask is missing"));
  EXPECT_THAT(changed(R"(\"object\":1)", R"(\"object\":7)"), HasSubstr("belongs to no object"));
  EXPECT_THAT(changed(R"(\"confidence\")", R"(\"confidance\")"), HasSubstr("its text is damaged"));
  EXPECT_THAT(changed(R"(\"width\":7)", R"(\"width\":9)"), HasSubstr("another size"));
  write_safetensors(file, {{"saliency", Tensor::from({1, 1}, std::vector<std::uint8_t>{0})}},
                    {{"evidence", R"({"format": "anomalyvlm.evidence 2", "width": 1, "height": 1,
                                      "saliency_full": 0, "prompts": []})"}});
  EXPECT_THAT(error(), HasSubstr("no prompt"));
  write_file_atomically(file, whole.substr(0, whole.size() / 2));
  EXPECT_THAT(error(), AllOf(HasSubstr("is damaged"), HasSubstr("Remove it")));
  write_file_atomically(file, std::string());
  EXPECT_THAT(error(), HasSubstr("Remove it"));
}

}  // namespace
}  // namespace anomalyvlm::eval
