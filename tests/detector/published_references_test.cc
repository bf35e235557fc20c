// Models that know nothing of references, beside real banks: what they propose is compared for them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "detector/reference_bank.h"
#include "detector/references_fixture.h"
#include "methods/anomalyvlm/method.h"
#include "methods/anomalyvlm/pipeline.h"
#include "roles/compared_models.h"
#include "roles/fake_models.h"

namespace anomalyvlm {
namespace {

using test::good_image;
using test::good_inputs;
using test::kProduct;
using test::nano64;
using test::options_with;

// As the published models are put together, with a box that they always propose.
LoadedDetector published_detector() {
  test::FakeAnswers answers;
  answers.boxes["defect"] = {{.box = {20, 20, 60, 60}, .score = 0.8, .phrase = "defect"}};
  return {
      options_with({}), nullptr,
      pipeline_method(std::make_unique<ComparedModels>(std::make_unique<test::FakeModels>(answers),
                                                       [] { return nano64().loaded().method->describer(); }),
                      profile_named("paper"))};
}

TEST(PublishedReferences, ExplainWhatTheyShowToo) {
  const LoadedDetector detector = published_detector();
  const HybridPrompt prompt = parse_prompt_text("defect");
  const auto judged = [&](const References& references) {
    return detector.method->detect(good_image(kProduct, 0), prompt, {.references = references});
  };
  const Detection alone = judged({});
  ASSERT_EQ(alone.kept, 1U);
  const Detection found = judged(References(build_bank(detector, good_inputs(kProduct, 3))));
  EXPECT_EQ(found.kept, 0U);
  ASSERT_EQ(found.candidates.size(), 1U);
  ASSERT_TRUE(found.candidates[0].rejected_by);
  EXPECT_EQ(found.candidates[0].rejected_by->by, Rejection::By::kReference);
  EXPECT_EQ(found.candidates[0].rejected_by->reference, "good_00.png");
  EXPECT_EQ(found.image_score, 0);
  const Detection others = judged(References(build_bank(detector, good_inputs(kProduct + 12, 3))));
  EXPECT_FALSE(others.candidates[0].rejected_by) << "another product explains nothing";
}

}  // namespace
}  // namespace anomalyvlm
