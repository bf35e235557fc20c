// What a session does alike for every model: times its stages, stops between them, checks what it is given.
#include "roles/image_session.h"

#include <gmock/gmock.h>

#include <cmath>

#include "errors.h"
#include "roles/fake_models.h"

namespace anomalyvlm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Image kImage{20, 10, std::vector<std::uint8_t>(20 * 10 * 3, 100)};

test::FakeAnswers some_answers() {
  test::FakeAnswers answers;
  answers.boxes["crack"] = {{{2, 2, 6, 4}, 0.5, "crack"}, {{8, 2, 10, 4}, 0.4, "crack"}};
  answers.boxes["nut"] = {{{0, 0, 20, 8}, 0.7, "nut"}};
  return answers;
}

std::vector<std::string> names(const StageClock& clock) {
  std::vector<std::string> all;
  for (const auto& [name, seconds] : clock.times()) {
    all.push_back(name);
    EXPECT_GE(seconds, 0) << name;
  }
  return all;
}

TEST(ImageSession, TimesWhatItIsAsked) {
  const test::FakeModels models(some_answers());
  ImageSession session(models, kImage, {}, 0);
  EXPECT_THAT(names(session.clock()), ElementsAre("open"));
  const std::vector<InspectedObject> objects = session.objects("nut", 1);
  session.refine(session.propose(std::vector<Caption>{{"crack"}}).front());
  session.saliency(objects);
  EXPECT_THAT(names(session.clock()), ElementsAre("open", "object", "propose", "refine", "saliency"));
  session.start_over();
  EXPECT_THAT(names(session.clock()), IsEmpty()) << "the next prompt has a clock of its own";
  session.propose(std::vector<Caption>{{"crack"}});
  EXPECT_THAT(names(session.clock()), ElementsAre("propose"));
}

TEST(ImageSession, ItsProposalsHaveIdsThatDiffer) {
  const test::FakeModels models(some_answers());
  for (const int side : {0, 5}) {
    ImageSession session(models, kImage, {}, side);
    std::vector<int> ids;
    for (const auto& found : session.propose(std::vector<Caption>{{"crack"}, {"nut"}, {"crack"}}))
      for (const Proposal& proposal : found) ids.push_back(proposal.id);
    EXPECT_THAT(ids, ElementsAre(0, 1, 2, 3, 4)) << side;
  }
}

TEST(ImageSession, AProposerWithoutIdsIsAFault) {
  class Nameless : public RegionProposer {
    std::vector<std::vector<Proposal>> propose(std::span<const Caption>) override { return {{Proposal{}}}; }
  };
  class Models : public ModelSet {
   public:
    ImageRoles open(const Image&, const StageOptions&) const override {
      return {std::make_shared<Nameless>(), nullptr, nullptr, nullptr};
    }
    std::vector<LoadedModel> models() const override { return {}; }
  };
  const Models models;
  ImageSession session(models, kImage, {}, 0);
  EXPECT_THAT(test::error_of(ErrorKind::kInternal, [&] { session.propose(std::vector<Caption>{{"crack"}}); }),
              HasSubstr("proposal.id"));
}

TEST(ImageSession, ASaliencyThatIsNotANumberIsDamage) {
  test::FakeAnswers answers = some_answers();
  answers.saliency = [](int x, int) { return x == 3 ? NAN : 0.5F; };
  const test::FakeModels models(answers);
  ImageSession session(models, kImage, {}, 0);
  const InspectedObject all = InspectedObject::whole_image(20, 10);
  EXPECT_THAT(test::error_of(ErrorKind::kBadModel,
                             [&] {
                               session.saliency({&all, 1});
                             }),
              HasSubstr("not a number"));
}

TEST(ImageSession, StopsBeforeAStage) {
  const test::FakeModels models(some_answers());
  std::stop_source stop;
  ImageSession session(models, kImage, {}, 0, {.stop = stop.get_token()});
  stop.request_stop();
  EXPECT_THROW(session.propose(std::vector<Caption>{{"crack"}}), Cancelled);
  EXPECT_THAT(models.asked().captions, IsEmpty());
  session.start_over();  // by a caller who does not ask to stop
  EXPECT_EQ(session.propose(std::vector<Caption>{{"crack"}}).front().size(), 2U);
}

TEST(StageClock, AStageWithinAStageIsPartOfIt) {
  StageClock clock{DetectSettings{}};
  const int seven = clock("outer", [&] { return clock("inner", [] { return 7; }); });
  EXPECT_EQ(seven, 7);
  EXPECT_THAT(names(clock), ElementsAre("outer"));
  EXPECT_THROW(clock("broken", [] { throw std::runtime_error("it broke"); }), std::runtime_error);
  clock("next", [] {});
  EXPECT_THAT(names(clock), ElementsAre("outer", "broken", "next"));
}

TEST(StageClock, AddsTheTimesOfAnother) {
  StageClock first{DetectSettings{}}, second{DetectSettings{}};
  first("open", [] {});
  second("open", [] {});
  second("refine", [] {});
  const double seconds = first.times()[0].second + second.times()[0].second;
  first.add(second);
  EXPECT_THAT(names(first), ElementsAre("open", "refine"));
  EXPECT_EQ(first.times()[0].second, seconds);
}

}  // namespace
}  // namespace anomalyvlm
