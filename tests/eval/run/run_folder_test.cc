// A run on disk: what it keeps, how it goes on, what it refuses.
#include "eval/run/run_folder.h"

#include <gmock/gmock.h>

#include "eval/run/evidence.h"
#include "eval/run/small_run.h"

namespace anomalyvlm::eval {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Runs : public SmallRun {
 protected:
  std::vector<std::string> collect_all(RunFolder& folder, int jobs = 1) {
    return collect(plan(), detector_, folder, {.jobs = jobs, .progress = {}});
  }
  std::string error(const RunPlan& plan) {
    return test::error_of(ErrorKind::kBadInput, [&] { RunFolder(out(), plan); });
  }

  LoadedDetector detector_ = fake_detector();
};

TEST_F(Runs, KeepsALineAndEvidenceForEachImage) {
  for (const int jobs : {1, 3}) {
    std::filesystem::remove_all(out());
    const RunPlan plan = this->plan();
    RunFolder folder(out(), plan);
    EXPECT_EQ(folder.done(), 0u);
    EXPECT_TRUE(collect_all(folder, jobs).empty());
    EXPECT_EQ(folder.done(), 6u);
    for (std::size_t i = 0; i < 6; ++i) {
      ASSERT_TRUE(folder.record(i));
      EXPECT_EQ(folder.record(i)->id, plan.dataset.categories[0].samples[i].id);
      EXPECT_EQ(folder.record(i)->anomalous, i < 3);
      EXPECT_EQ(folder.record(i)->width, 6);
      EXPECT_EQ(folder.record(i)->height, 4);
      EXPECT_EQ(folder.record(i)->kept, 2u);
      EXPECT_NEAR(folder.record(i)->score, 0.5 * std::exp(1.0), 1e-6);
      EXPECT_EQ(folder.evidence(i).at(0).candidates.size(), 2u);
    }
    EXPECT_EQ(count_of_lines(), 6);
  }
}

TEST_F(Runs, GoOnWhereTheyEnded) {
  std::string whole;
  {
    RunFolder folder(out(), plan());
    collect_all(folder);
    whole = lines();
  }
  // At each byte: lines that are whole stay, the rest is done again.
  for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, whole.find('\n'), whole.find('\n') + 1,
                                whole.size() / 2, whole.size() - 1, whole.size()}) {
    write_file_atomically(out() / "results.jsonl", whole.substr(0, cut));
    RunFolder folder(out(), plan());
    EXPECT_EQ(folder.done(), static_cast<std::size_t>(
                                 std::count(whole.begin(), whole.begin() + static_cast<long>(cut), '\n')));
    collect_all(folder);
    EXPECT_EQ(folder.done(), 6u);
    EXPECT_EQ(count_of_lines(), 6) << cut;
  }
}

TEST_F(Runs, LinesThatAreNoneAreDoneAgain) {
  std::string whole;
  {
    RunFolder folder(out(), plan());
    collect_all(folder);
    whole = lines();
  }
  const std::string first = whole.substr(0, whole.find('\n') + 1);
  write_file_atomically(out() / "results.jsonl",
                        "{}\nrubbish\n" + first + first + whole.substr(first.size()));
  std::filesystem::remove(out() / "evidence" / "000002.safetensors");
  RunFolder folder(out(), plan());
  EXPECT_EQ(folder.done(), 5u) << "a line without evidence, a line twice";
  EXPECT_FALSE(folder.record(2));
  collect_all(folder);
  EXPECT_EQ(folder.done(), 6u);
  EXPECT_EQ(count_of_lines(), 6);
  EXPECT_THAT(error(plan()), HasSubstr("Another process")) << "the file that was written anew is held, too";
}

TEST_F(Runs, APictureWithoutPixelsIsNoRecord) {
  {
    RunFolder folder(out(), plan());
    collect_all(folder);
  }
  std::string text = lines();
  text.replace(text.find("[6,4]"), 5, "[0,4]");
  write_file_atomically(out() / "results.jsonl", text);
  EXPECT_EQ(RunFolder(out(), plan()).done(), 5u);
}

TEST_F(Runs, EvidenceOfAnotherRunIsRefused) {
  RunFolder folder(out(), plan());
  collect_all(folder);
  const auto refused = [&](std::span<const Detection> found) {
    write_evidence(out() / "evidence" / "000001.safetensors", found);
    EXPECT_THAT(test::error_of(ErrorKind::kBadModel, [&] { folder.evidence(1); }),
                AllOf(HasSubstr("000001.safetensors"), HasSubstr("Remove it")));
  };
  const std::vector<Detection> own = folder.evidence(1);
  refused(std::vector<Detection>{own[0], own[0]});
  Detection larger = own[0];
  larger.width = 600;
  larger.saliency = {600, larger.height, std::vector<float>(600 * static_cast<std::size_t>(larger.height))};
  refused({&larger, 1});
}

TEST_F(Runs, AnUnreadableImageIsPassedOverAndTriedAgain) {
  write("set/images/b.png", "no picture");
  RunFolder folder(out(), plan());
  EXPECT_THAT(collect_all(folder), testing::ElementsAre(HasSubstr("b.png")));
  EXPECT_EQ(folder.done(), 5u);
  picture("set/images/b.png");
  EXPECT_TRUE(collect_all(folder).empty());
  EXPECT_EQ(folder.done(), 6u);
}

TEST_F(Runs, AnErrorOfTheModelsEndsTheRunAndWhatIsDoneStays) {
  class Broken : public ModelSet {
   public:
    std::unique_ptr<ImageSession> open(const Image& image, const StageOptions& options) const override {
      if (++opened > 2) fail(ErrorKind::kBadModel, "it broke");
      return good.models->open(image, options);
    }
    std::vector<std::string> ids() const override { return {"broken"}; }
    LoadedDetector good = fake_detector();
    mutable int opened = 0;
  };
  RunFolder folder(out(), plan());
  detector_.models = std::make_unique<Broken>();
  EXPECT_EQ(test::error_of([&] { collect_all(folder); }), "it broke");
  EXPECT_EQ(folder.done(), 2u);
}

TEST_F(Runs, BelongToOneProcess) {
  const RunFolder folder(out(), plan());
  EXPECT_THAT(error(plan()), HasSubstr("Another process works on the run"));
}

TEST_F(Runs, OnlyTheSameRunGoesOn) {
  { const RunFolder folder(out(), plan()); }
  RunPlan other = plan();
  other.side = 128;
  EXPECT_THAT(error(other), AllOf(HasSubstr("another side"), HasSubstr("0 there, 128 here")));
  other = plan();
  other.detector.model = "paper";
  EXPECT_THAT(error(other), HasSubstr("another model (nano there, paper here)"));
  other = plan();
  other.categories[0].prompts[0].max_regions = 2;
  EXPECT_THAT(error(other), HasSubstr("another prompt"));
  std::filesystem::create_directory_symlink(root_ / "set", root_ / "link");
  for (const char* same : {"set/", "set/../set", "link"}) {
    other = plan();
    other.root = root_ / same;
    EXPECT_NO_THROW(RunFolder(out(), other)) << same;
  }
  picture("set/images/g.png");
  write("set/labels.csv", "file,label\na.png,1\nb.png,1\nc.png,1\nd.png,0\ne.png,0\nf.png,0\ng.png,0\n");
  EXPECT_THAT(error(plan()), HasSubstr("another images (6 there, 7 here)"));
}

TEST_F(Runs, OtherModelsDoNotGoOn) {
  RunFolder folder(out(), plan());
  folder.check_models({"nano 1"});
  folder.check_models({"nano 1"});
  EXPECT_THAT(test::error_of(ErrorKind::kBadInput, [&] { folder.check_models({"nano 2"}); }),
              HasSubstr("begun with other models"));
}

TEST_F(Runs, OtherFilesAreNotMixedWithARun) {
  write("out/holiday.txt", "x");
  EXPECT_THAT(error(plan()), HasSubstr("holds other files ('holiday.txt') and no run"));
  write("out/run.json", "{\"format\": \"something else\"}");
  EXPECT_THAT(error(plan()), HasSubstr("describes no run of this version"));
}

TEST(Plans, ALimitLeavesSomeOfEachKind) {
  Dataset dataset;
  dataset.categories.resize(1);
  for (int i = 0; i < 100; ++i) {
    Sample sample;
    sample.id = std::to_string(i);
    dataset.categories[0].samples.push_back(sample);
  }
  Dataset some = dataset;
  limit_samples(some, 4);
  std::vector<std::string> ids;
  for (const Sample& sample : some.categories[0].samples) ids.push_back(sample.id);
  EXPECT_THAT(ids, testing::ElementsAre("0", "25", "50", "75"));
  limit_samples(dataset, 0);
  EXPECT_EQ(dataset.categories[0].samples.size(), 100u);
}

}  // namespace
}  // namespace anomalyvlm::eval
