// A run on disk: what it keeps, how it goes on, what it refuses.
#include "eval/run/run_folder.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cmath>
#include <fstream>

#include "comma_locale.h"
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
      EXPECT_EQ(std::get<RegionEvidence>(folder.evidence(i).at(0).found).candidates.size(), 2u);
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
  // Cut at each byte: complete lines stay, the rest is run again.
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
  EXPECT_THAT(error(plan()), HasSubstr("Another process")) << "the rewritten file is locked, too";
}

TEST_F(Runs, AnImageWithoutPixelsIsNoRecord) {
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
  const auto refused = [&](std::span<const Evidence> evidence) {
    write_evidence(out() / "evidence" / "000001.safetensors", evidence);
    EXPECT_THAT(test::error_of(ErrorKind::kBadModel, [&] { folder.evidence(1); }),
                AllOf(HasSubstr("000001.safetensors"), HasSubstr("Remove it")));
  };
  const std::vector<Evidence> own = folder.evidence(1);
  refused(std::vector<Evidence>{own[0], own[0]});
  Evidence larger = own[0];
  larger.width = 600;
  larger.saliency = {600, larger.height, std::vector<float>(600 * static_cast<std::size_t>(larger.height))};
  refused({&larger, 1});
}

TEST_F(Runs, AnUnreadableImageIsPassedOverAndTriedAgain) {
  write("set/images/b.png", "not an image");
  RunFolder folder(out(), plan());
  EXPECT_THAT(collect_all(folder), testing::ElementsAre(HasSubstr("b.png")));
  EXPECT_EQ(folder.done(), 5u);
  write_image("set/images/b.png");
  EXPECT_TRUE(collect_all(folder).empty());
  EXPECT_EQ(folder.done(), 6u);
}

TEST_F(Runs, APromptThatCannotBeIsRefusedBeforeAnyImage) {
  RunPlan wrong = plan();
  wrong.categories[0].prompts[0].max_regions = -1;
  RunFolder folder(out(), wrong);
  EXPECT_NE(test::error_of(ErrorKind::kBadPrompt, [&] { collect(wrong, detector_, folder, {}); }),
            "nothing was thrown");
  EXPECT_EQ(folder.done(), 0u);
}

TEST_F(Runs, AnErrorOfTheModelsEndsTheRunAndWhatIsDoneStays) {
  class Broken : public Method {
   public:
    Broken() : Method(pipeline_judge(profile_named("paper"))) {}
    std::vector<Evidence> observe(const Image& image, std::span<const HybridPrompt> prompts,
                                  const DetectSettings& settings) const override {
      if (++opened > 2) fail(ErrorKind::kBadModel, "it broke");
      return good.method->observe(image, prompts, settings);
    }
    std::unique_ptr<Observer> open(const Image& image) const override { return observing_anew(image); }
    std::vector<LoadedModel> models() const override { return {{"broken"}}; }
    LoadedDetector good = fake_detector();
    mutable int opened = 0;
  };
  RunFolder folder(out(), plan());
  detector_.method = std::make_unique<Broken>();
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
  EXPECT_THAT(error(other), AllOf(HasSubstr("its side"), HasSubstr("0 there, 128 here")));
  other = plan();
  other.detector.model = "paper";
  EXPECT_THAT(error(other), HasSubstr("its model (nano there, paper here)"));
  other = plan();
  other.categories[0].prompts[0].max_regions = 2;
  EXPECT_THAT(error(other), HasSubstr("its prompt"));
  std::filesystem::create_directory_symlink(root_ / "set", root_ / "link");
  for (const char* same : {"set/", "set/../set", "link"}) {
    other = plan();
    other.root = root_ / same;
    EXPECT_NO_THROW(RunFolder(out(), other)) << same;
  }
  write_image("set/images/g.png");
  write("set/labels.csv", "file,label\na.png,1\nb.png,1\nc.png,1\nd.png,0\ne.png,0\nf.png,0\ng.png,0\n");
  EXPECT_THAT(error(plan()), HasSubstr("its images (6 there, 7 here)"));
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

// Opens a run that was complete, says which images must be run again, and runs them.
class ChangedRuns : public Runs {
 protected:
  ChangedRuns() {
    RunFolder folder(out(), plan());
    folder.check_models(ids_of(detector_.method->models()));
    collect_all(folder);
  }
  std::vector<std::size_t> done_again() {
    RunFolder folder(out(), plan());
    notes_ = folder.notes();
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < 6; ++i)
      if (!folder.record(i)) missing.push_back(i);
    folder.check_models(ids_of(detector_.method->models()));
    failures_ = collect_all(folder);
    if (failures_.empty()) {
      EXPECT_EQ(folder.done(), 6u);
      for (std::size_t i = 0; i < 6; ++i) EXPECT_FALSE(folder.evidence(i).empty());
    }
    return missing;
  }
  std::filesystem::path evidence(int index) const {
    return out() / "evidence" / ("00000" + std::to_string(index) + ".safetensors");
  }
  // Other content, but size and time of modification of what it replaces.
  static void replace_unseen(const std::filesystem::path& file, const std::string& content) {
    const auto before = std::filesystem::last_write_time(file);
    ASSERT_EQ(std::filesystem::file_size(file), content.size());
    std::ofstream(file, std::ios::binary) << content;
    std::filesystem::last_write_time(file, before);
  }

  std::vector<std::string> notes_, failures_;
};

TEST_F(ChangedRuns, NothingIsDoneAgainWhereNothingChanged) {
  EXPECT_TRUE(done_again().empty());
  EXPECT_TRUE(notes_.empty());
  std::filesystem::last_write_time(root_ / "set/images/b.png", std::filesystem::file_time_type::clock::now());
  EXPECT_TRUE(done_again().empty()) << "a newer file of the same content";
}

TEST_F(ChangedRuns, AReplacedImageIsDoneAgain) {
  write_image("set/images/b.png", 12, 8);
  mask("set/masks/b.png", 2, 255, 12, 8);
  EXPECT_THAT(done_again(), testing::ElementsAre(1));
  EXPECT_THAT(notes_, testing::ElementsAre(AllOf(HasSubstr("b.png"), HasSubstr("the image was changed"))));
  EXPECT_EQ(RunFolder(out(), plan()).record(1)->width, 12);
  // A PNG may have anything behind its end.
  const std::string bytes = read_file(root_ / "set/images/e.png");
  write("set/images/e.png", bytes + "1");
  EXPECT_THAT(done_again(), testing::ElementsAre(4));
  replace_unseen(root_ / "set/images/e.png", bytes + "2");
  EXPECT_THAT(done_again(), testing::ElementsAre(4)) << "of the same size and time";
  EXPECT_TRUE(done_again().empty());
}

TEST_F(ChangedRuns, AnImageThatCannotBeReadAnyMoreDoesNotCount) {
  write("set/images/c.png", "no image");
  EXPECT_THAT(done_again(), testing::ElementsAre(2));
  EXPECT_THAT(failures_, testing::ElementsAre(HasSubstr("c.png")));
}

TEST_F(ChangedRuns, AnotherMaskOrLabelIsNoticed) {
  mask("set/masks/a.png", 3);
  EXPECT_THAT(done_again(), testing::ElementsAre(0));
  EXPECT_THAT(notes_, testing::ElementsAre(HasSubstr("its mask was changed")));
  write("set/labels.csv",
        "file,label,class\na.png,1,crack\nb.png,1,hole\nc.png,1,crack\nd.png,0,good\ne.png,0,good\nf.png,0,"
        "good\n");
  EXPECT_THAT(done_again(), testing::ElementsAre(2));
  EXPECT_THAT(notes_, testing::ElementsAre(HasSubstr("its label was changed")));
}

TEST_F(ChangedRuns, EvidenceThatIsDamagedIsDoneAgainByItself) {
  write_file_atomically(evidence(1), std::string());
  std::string bytes = read_file(evidence(2));
  bytes[bytes.size() - 3] ^= 0x40;
  write_file_atomically(evidence(2), bytes);
  std::filesystem::remove(evidence(3));
  Evidence broken = read_evidence(evidence(4)).at(0);
  std::get<RegionEvidence>(broken.found).candidates[0].mask = Region::soft({0, 0, 1, 1}, {2.0F});
  write_evidence(evidence(4), {&broken, 1});
  EXPECT_THAT(test::error_of(ErrorKind::kBadModel, [&] { read_evidence(evidence(4)); }),
              HasSubstr("outside of 0 to 1"));
  EXPECT_THAT(done_again(), testing::ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(notes_, testing::Each(HasSubstr("is missing or damaged: the image is run again")));
  EXPECT_TRUE(done_again().empty());
}

TEST_F(ChangedRuns, AnyChangedByteOfALineIsNoticed) {
  const std::string whole = lines();
  for (std::size_t at = 5; at < whole.find('\n'); at += 37) {
    std::string text = whole;
    text[at] ^= 0x01;
    write_file_atomically(out() / "results.jsonl", text);
    const RunFolder folder(out(), plan());
    EXPECT_FALSE(folder.record(0)) << at << ": " << text.substr(at, 9);
    EXPECT_TRUE(folder.record(1));
    ASSERT_FALSE(folder.notes().empty());
    EXPECT_THAT(folder.notes().front(), HasSubstr("was damaged"));
  }
}

TEST_F(ChangedRuns, ADamagedDescriptionIsWrittenAgain) {
  const std::string whole = read_file(out() / "run.json");
  std::string flipped = whole;
  flipped[whole.find("paper")] ^= 0x01;
  for (const std::string& text :
       {std::string(), flipped, whole.substr(0, whole.size() / 2), std::string("?")}) {
    write_file_atomically(out() / "run.json", text);
    EXPECT_TRUE(done_again().empty());
    EXPECT_THAT(notes_, testing::ElementsAre(HasSubstr("run.json")));
    EXPECT_EQ(read_file(out() / "run.json"), whole);
  }
  std::filesystem::remove(out() / "run.json");
  RunPlan other = plan();
  other.side = 128;
  EXPECT_THAT(error(other), HasSubstr("with other options"));
  EXPECT_TRUE(done_again().empty());
  std::filesystem::remove(out() / "run.json");
  RunFolder folder(out(), plan());
  EXPECT_THAT(test::error_of(ErrorKind::kBadInput, [&] { folder.check_models({"another"}); }),
              HasSubstr("begun with other models"));
}

TEST_F(Runs, AnEndAtTheBeginningLeavesAFolderToGoOnIn) {
  write("out/run.json.1234-0.part", "{\"form");
  write("out/results.jsonl");
  write("out/evidence/000000.safetensors.77-3.part", "half");
  RunFolder folder(out(), plan());
  EXPECT_TRUE(collect_all(folder).empty());
  EXPECT_EQ(folder.done(), 6u);
  EXPECT_FALSE(std::filesystem::exists(out() / "run.json.1234-0.part"));
  EXPECT_FALSE(std::filesystem::exists(out() / "evidence/000000.safetensors.77-3.part"));
}

TEST_F(Runs, FilesOfOthersAreNeverChanged) {
  const auto refused = [&](const std::string& name, const std::string& content) {
    std::filesystem::remove_all(out());
    write("out/" + name, content);
    EXPECT_THAT(error(plan()), HasSubstr("holds other files ('" + name + "')")) << name;
    EXPECT_EQ(read_file(out() / name), content);
    EXPECT_FALSE(std::filesystem::exists(out() / "run.json"));
  };
  refused("results.jsonl", "{\"mine\": 1}\n");
  refused("results.jsonl", "no newline");
  refused("evidence/notes.txt", "mine");
  refused("evidence/000000.safetensors", "mine");
  refused("run.json.part", "mine");
  refused("thesis.json.12-1.part", "mine");
}

TEST_F(Runs, WhatIsNoFileIsRefusedAtOnce) {
  for (const char* name : {"results.jsonl", "run.json"}) {
    std::filesystem::remove_all(out());
    std::filesystem::create_directories(out());
    ASSERT_EQ(::mkfifo((out() / name).c_str(), 0600), 0);
    EXPECT_THAT(error(plan()), AllOf(HasSubstr(name), HasSubstr("not an ordinary file")));
    std::filesystem::remove(out() / name);
    std::filesystem::create_symlink(name, out() / name);  // to itself
    EXPECT_THAT(error(plan()), HasSubstr("not an ordinary file"));
    std::filesystem::remove(out() / name);
    std::filesystem::create_symlink("/dev/zero", out() / name);
    EXPECT_THAT(error(plan()), HasSubstr("not an ordinary file"));
  }
}

TEST_F(Runs, DoNotDependOnTheLocale) {
  {
    const test::CommaLocale commas;
    RunFolder folder(out(), plan());
    folder.check_models(ids_of(detector_.method->models()));
    collect_all(folder);
    EXPECT_EQ(RunFolder::holds(out(), plan()), true);
  }
  RunFolder folder(out(), plan());
  EXPECT_EQ(folder.done(), 6u);
  EXPECT_TRUE(folder.notes().empty());
  EXPECT_NEAR(folder.record(0)->score, 0.5 * std::exp(1.0), 1e-6);
  EXPECT_EQ(std::get<RegionEvidence>(folder.evidence(0).at(0).found).candidates.at(0).confidence, 0.5);
}

TEST_F(Runs, ALimitOfTheScoreIsNoOtherRun) {
  { const RunFolder folder(out(), plan()); }
  RunPlan other = plan();
  other.categories[0].prompts[0].limit = 0.5;
  EXPECT_NO_THROW(RunFolder(out(), other));
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
