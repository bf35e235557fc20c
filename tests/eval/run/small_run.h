#pragma once
// A run over a few images with models that find what is dark in them.
#include "eval/data/small_sets.h"
#include "eval/run/collect.h"
#include "eval/run/score.h"
#include "methods/anomalyvlm/method.h"
#include "roles/fake_models.h"

namespace anomalyvlm::eval {

// Finds a box of 2 x 2 pixels in the upper left corner for "defect", and half of it for "crack".
inline LoadedDetector fake_detector() {
  test::FakeAnswers answers;
  answers.boxes["defect"] = {{{0, 0, 2, 2}, 0.5, "defect"}, {{3, 1, 5, 3}, 0.25, "defect"}};
  answers.boxes["crack"] = {{{0, 0, 1, 2}, 0.5, "crack"}};
  answers.saliency = [](int x, int) { return x < 2 ? 1.0F : 0.5F; };
  answers.notes = {"a note"};
  LoadedDetector detector;
  detector.options.profile = "paper";
  detector.method = pipeline_method(std::make_unique<test::FakeModels>(answers), profile_named("paper"));
  return detector;
}

// Three images with the corner marked, of two kinds, and three without a defect.
class SmallRun : public DataFolder {
 protected:
  SmallRun() {
    for (const char* stem : {"a", "b", "c", "d", "e", "f"})
      write_image("set/images/" + std::string(stem) + ".png");
    for (const char* stem : {"a", "b", "c"}) mask("set/masks/" + std::string(stem) + ".png");
    write("set/labels.csv",
          "file,label,class\na.png,1,crack\nb.png,1,hole\nc.png,1,hole\nd.png,0,good\ne.png,0,good\nf.png,0,"
          "good\n");
  }

  RunPlan plan() const {
    RunPlan plan;
    plan.root = root_ / "set";
    plan.dataset = open_dataset("folder", plan.root);
    plan.categories.resize(1);
    plan.categories[0].prompts = {generic_prompt()};
    plan.detector.profile = "paper";
    plan.side = 0;
    return plan;
  }

  std::filesystem::path out() const { return root_ / "out"; }
  std::string lines() const { return read_file(out() / "results.jsonl"); }
  long count_of_lines() const {
    const std::string text = lines();
    return std::count(text.begin(), text.end(), '\n');
  }
};

}  // namespace anomalyvlm::eval
