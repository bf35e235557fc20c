// anomalyvlm reference, and detect with references, as a user meets them.
#include <gmock/gmock.h>
#include <signal.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "anomalyvlm/codec.h"
#include "cli/program.h"
#include "core/platform.h"
#include "detector/products.h"

namespace anomalyvlm::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

constexpr std::uint64_t kProduct = 7;

class Reference : public ::testing::Test {
 protected:
  // A folder of good images of a product.
  std::string good(int count, std::uint64_t product = kProduct, const std::string& name = "good") const {
    fs::create_directories(folder_.path() / name);
    for (int i = 0; i < count; ++i)
      write_png(folder_.path() / name / ("good_" + std::to_string(10 + i) + ".png"),
                good_image(product, static_cast<std::uint64_t>(i)));
    return folder_ / name;
  }
  std::string shot(std::uint64_t number = 50) const {
    write_png(folder_.path() / "shot.png", product_sample(kProduct, number, false).image);
    return folder_ / "shot.png";
  }
  Outcome build(const std::string& images, std::vector<std::string> more = {}) const {
    std::vector<std::string> all{"reference", "build", images, "--out", bank_, "--resize", "64"};
    all.insert(all.end(), more.begin(), more.end());
    return run_program(all);
  }
  Outcome detect(const std::string& references, std::vector<std::string> more = {}) const {
    std::vector<std::string> all{"detect",       shot(),         "--out",   folder_ / "out",
                                 "--overwrite",  "--resize",     "64",      "--write",
                                 "json,overlay", "--references", references};
    all.insert(all.end(), more.begin(), more.end());
    return run_program(all);
  }
  json result() const { return json::parse(read_file(folder_.path() / "out/shot.json")); }

  TemporaryFolder folder_;
  std::string bank_ = folder_ / "part.avref";
};

TEST_F(Reference, FromGoodImagesToAVerdict) {
  const Outcome built = build(good(5));
  ASSERT_EQ(built.exit, 0) << built.err;
  EXPECT_THAT(built.out,
              AllOf(HasSubstr("part.avref: 5 images, "), HasSubstr(" vectors, "),
                    HasSubstr("scores      of 5 good images: "), HasSubstr("--false-alarms 16.7% or more")));
  const Outcome found = detect(bank_, {"--false-alarms", "20%"});
  ASSERT_TRUE(found.exit == 0 || found.exit == 3) << found.err;
  EXPECT_THAT(found.out, HasSubstr("  p 0."));
  const json verdict = result();
  EXPECT_TRUE(verdict["p_value"].is_number());
  EXPECT_THAT(verdict["references"].get<std::string>(), HasSubstr(" images, 20"));
  EXPECT_EQ(verdict["verdict"] == "not OK", found.exit == 3) << verdict["verdict"];
  EXPECT_EQ(found.exit == 3, verdict["p_value"].get<double>() <= 0.2);
  const Outcome table = detect(bank_, {"--csv", folder_ / "all.csv"});
  EXPECT_EQ(table.exit, 0) << table.err;
}

TEST_F(Reference, AFolderAnImageAndABankGiveTheSame) {
  const std::string images = good(1);
  ASSERT_EQ(build(images).exit, 0);
  std::vector<std::string> maps;
  fs::copy_file(bank_, folder_.path() / "bank");  // whatever its name is
  for (const std::string& references : {bank_, images, images + "/good_10.png", folder_ / "bank"}) {
    const Outcome found = detect(references);
    ASSERT_EQ(found.exit, 0) << found.err;
    json all = result();
    all.erase("timings");
    all.erase("stages");
    maps.push_back(all["candidates"].dump() + all["image_score"].dump());
  }
  EXPECT_EQ(maps[0], maps[1]);
  EXPECT_EQ(maps[0], maps[2]);
  EXPECT_EQ(maps[0], maps[3]);
}

TEST_F(Reference, InfoTellsWhatItHolds) {
  ASSERT_EQ(build(good(2), {"--rotations", "3"}).exit, 0);
  const Outcome info = run_program({"reference", "info", bank_});
  EXPECT_EQ(info.exit, 0) << info.err;
  EXPECT_THAT(info.out, AllOf(HasSubstr("images      2\n"), HasSubstr("good_10.png (96 x 80)"),
                              HasSubstr("for the method anomalyvlm on nano"), HasSubstr("resize      64"),
                              HasSubstr("rotations   3"), HasSubstr("sha256")));
  ASSERT_EQ(build(folder_ / "good", {"--nearby", "15%", "--no-scores"}).exit, 0) << "a bank is replaced";
  const Outcome again = run_program({"reference", "info", bank_});
  EXPECT_THAT(again.out,
              AllOf(HasSubstr("nearby      15 %"), Not(HasSubstr("rotations")), Not(HasSubstr("scores"))));
}

TEST_F(Reference, AnImageIsAddedAndAPart) {
  ASSERT_EQ(build(good(3)).exit, 0);
  const std::string more = good(1, kProduct, "more") + "/good_10.png";
  const Outcome twice = run_program({"reference", "add", bank_, more});
  EXPECT_EQ(twice.exit, 1);
  EXPECT_THAT(twice.err, HasSubstr("shows the same pixels as a reference that is there already"));
  write_png(folder_.path() / "new.png", good_image(kProduct, 20));
  const Outcome added = run_program({"reference", "add", bank_, folder_ / "new.png"});
  ASSERT_EQ(added.exit, 0) << added.err << "it is seen as the bank was";
  EXPECT_THAT(added.out, HasSubstr("4 images"));
  const Outcome part = run_program({"reference", "add", bank_, shot(), "--part", "10,12,40,30"});
  ASSERT_EQ(part.exit, 0) << part.err;
  EXPECT_THAT(run_program({"reference", "info", bank_}).out,
              HasSubstr("shot.png (96 x 80, only 10,12,40,30)"));
  EXPECT_EQ(detect(bank_).exit, 0);
  for (const char* wrong : {"10,12,10,30", "40,12,10,30", "1,2,3", "a,b,c,d"})
    EXPECT_EQ(run_program({"reference", "add", bank_, shot(), "--part", wrong}).exit, 2) << wrong;
  const Outcome beside = run_program({"reference", "add", bank_, shot(), "--part", "500,500,600,600"});
  EXPECT_EQ(beside.exit, 1);
  EXPECT_THAT(beside.err, HasSubstr("shot.png"));
  EXPECT_THAT(run_program({"reference", "info", bank_}).out, HasSubstr("images      5\n"));
}

TEST_F(Reference, AnOutlierIsNamed) {
  const std::string images = good(7);
  write_png(images + "/odd.png", good_image(kProduct + 12, 1));
  const Outcome built = build(images);
  EXPECT_EQ(built.exit, 0) << built.err;
  EXPECT_THAT(built.err, HasSubstr("'odd.png' is far more unlike the other references"));
  const Outcome checked = run_program({"reference", "check", bank_});
  EXPECT_EQ(checked.exit, 3) << checked.err;
  EXPECT_THAT(checked.out, AllOf(HasSubstr("odd.png"), HasSubstr("far from the others"),
                                 HasSubstr("Compared with so many images only"),
                                 HasSubstr("Compared with nearby places only")));
}

TEST_F(Reference, CheckOfOneAndOfAlikeImages) {
  ASSERT_EQ(build(good(1)).exit, 0);
  const Outcome one = run_program({"reference", "check", bank_});
  EXPECT_EQ(one.exit, 0);
  EXPECT_THAT(one.out, HasSubstr("One image says nothing of others"));
  EXPECT_THAT(detect(bank_, {"--false-alarms", "50%"}).err, HasSubstr("A single reference has no score"));
}

TEST_F(Reference, ImagesOfDifferentSizes) {
  const std::string images = good(2);
  write_png(images + "/wide.png", good_image(kProduct, 5, 200, 60));
  for (const char* resize : {"64", "0"}) {
    std::vector<std::string> call{"reference", "build", images, "--out", bank_};
    if (resize != std::string("0")) call.insert(call.end(), {"--resize", resize});
    const Outcome built = run_program(call);
    EXPECT_EQ(built.exit, 0) << built.err;
    EXPECT_THAT(built.out, HasSubstr("3 images"));
  }
}

TEST_F(Reference, InputsThatCannotBe) {
  fs::create_directories(folder_.path() / "empty");
  const Outcome empty = build(folder_ / "empty");
  EXPECT_NE(empty.exit, 0);
  EXPECT_THAT(empty.err, HasSubstr("empty"));
  EXPECT_FALSE(fs::exists(bank_));
  EXPECT_NE(build(folder_ / "nowhere").exit, 0);
  const std::string images = good(2);
  fs::copy_file(images + "/good_10.png", images + "/zz.png");
  const Outcome twice = build(images);
  EXPECT_EQ(twice.exit, 1);
  EXPECT_THAT(twice.err, HasSubstr("'zz.png' shows the same pixels"));
  fs::remove(images + "/zz.png");
  write_file_atomically(fs::path(images) / "zz.png", std::string("no image"));
  const Outcome broken = build(images);
  EXPECT_EQ(broken.exit, 1);
  EXPECT_THAT(broken.err, HasSubstr("zz.png"));
  EXPECT_FALSE(fs::exists(bank_)) << "nothing is left";
  fs::remove(images + "/zz.png");
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"--rotations", "0"},
                                             {"--rotations", "37"},
                                             {"--rotations", "many"},
                                             {"--nearby", "far"},
                                             {"--nearby", "150%"},
                                             {"--nearby", "0"},
                                             {"--nearby", "nan"},
                                             {"--nearby", "15%%"},
                                             {"--nearby", "-5%"},
                                             {"--nearby", "10%", "--rotations", "4"}}) {
    const Outcome outcome = build(images, wrong);
    EXPECT_EQ(outcome.exit, 2) << wrong[0] << " " << wrong[1] << outcome.err;
  }
  EXPECT_EQ(build(images, {"--method", "utad"}).exit, 1);
  EXPECT_EQ(run_program({"reference", "build", images}).exit, 2) << "without --out";
  EXPECT_EQ(run_program({"reference"}).exit, 2);
  EXPECT_FALSE(fs::exists(bank_));
}

TEST_F(Reference, OtherFilesAreNotReplaced) {
  const std::string images = good(1);
  write_file_atomically(fs::path(bank_), std::string("my thesis"));
  const Outcome refused = build(images);
  EXPECT_EQ(refused.exit, 1);
  EXPECT_THAT(refused.err,
              AllOf(HasSubstr("is there and is no bank of references"), HasSubstr("--overwrite")));
  EXPECT_EQ(read_file(bank_), "my thesis");
  EXPECT_EQ(build(images, {"--overwrite"}).exit, 0);
  EXPECT_EQ(run_program({"reference", "info", bank_}).exit, 0);
  fs::create_directories(folder_.path() / "folder.avref");
  EXPECT_EQ(run_program({"reference", "build", images, "--out", folder_ / "folder.avref"}).exit, 1);
  EXPECT_EQ(run_program({"reference", "build", images, "--out", folder_ / "no/such/x.avref"}).exit, 1);
}

TEST_F(Reference, FilesThatAreNoBanks) {
  write_file_atomically(fs::path(bank_), std::string("my thesis"));
  for (const std::vector<std::string>& call :
       std::vector<std::vector<std::string>>{{"reference", "info", bank_},
                                             {"reference", "check", bank_},
                                             {"reference", "add", bank_, shot()}}) {
    const Outcome outcome = run_program(call);
    EXPECT_EQ(outcome.exit, 1);
    EXPECT_THAT(outcome.err, HasSubstr("is no bank of references"));
  }
  const Outcome found = detect(bank_);
  EXPECT_EQ(found.exit, 1);
  EXPECT_THAT(found.err, HasSubstr("is no bank of references"));
  EXPECT_EQ(read_file(bank_), "my thesis");
  EXPECT_EQ(run_program({"reference", "info", folder_ / "nothing.avref"}).exit, 1);
  EXPECT_EQ(run_program({"reference", "info", folder_.path().string()}).exit, 1) << "a folder";
  EXPECT_EQ(detect(folder_ / "nothing.avref").exit, 1);
}

TEST_F(Reference, ABankOfAnotherModelOrSize) {
  const std::string images = good(2);
  ASSERT_EQ(build(images, {"--method", "patchcore"}).exit, 0);
  const Outcome other = detect(bank_);
  EXPECT_EQ(other.exit, 1);
  EXPECT_THAT(other.err, AllOf(HasSubstr("PatchCore's vectors"), HasSubstr("build them again")));
  ASSERT_EQ(build(images).exit, 0);
  const Outcome size =
      run_program({"detect", shot(), "--out", folder_ / "out", "--resize", "96", "--references", bank_});
  EXPECT_EQ(size.exit, 1);
  EXPECT_THAT(size.err,
              HasSubstr("were seen squashed to 64 x 64, and images are now seen squashed to 96 x 96"));
}

TEST_F(Reference, FalseAlarmsThatCannotBePromised) {
  const std::string images = good(4);
  ASSERT_EQ(build(images).exit, 0);
  const Outcome few = detect(bank_, {"--false-alarms", "1%"});
  EXPECT_EQ(few.exit, 2);
  EXPECT_THAT(few.err, HasSubstr("4 good images cannot promise 1 % of false alarms: that takes 99 at least"));
  const Outcome words = detect(bank_, {"--false-alarms", "25%", "--phrases", "scratch"});
  EXPECT_EQ(words.exit, 2) << words.err;
  EXPECT_THAT(words.err, HasSubstr("of another prompt"));
  for (const char* wrong : {"0", "100%", "2", "few", "-1%", "nan"})
    EXPECT_EQ(detect(bank_, {"--false-alarms", wrong}).exit, 2) << wrong;
  EXPECT_EQ(detect(bank_, {"--false-alarms", "25%", "--limit", "0.5"}).exit, 2);
  const Outcome none = run_program({"detect", shot(), "--out", folder_ / "out", "--false-alarms", "5%"});
  EXPECT_EQ(none.exit, 2);
  EXPECT_THAT(none.err, HasSubstr("give --references"));
  const Outcome measured = detect(images, {"--false-alarms", "25%"});
  EXPECT_TRUE(measured.exit == 0 || measured.exit == 3) << measured.err;
  EXPECT_EQ(result()["p_value"].get<double>() <= 0.25, measured.exit == 3);
}

TEST_F(Reference, PatchCoreFromGoodImagesToAMap) {
  const std::string images = good(3);
  ASSERT_EQ(build(images, {"--method", "patchcore"}).exit, 0);
  const Outcome found = detect(bank_, {"--method", "patchcore"});
  ASSERT_EQ(found.exit, 0) << found.err;
  EXPECT_EQ(result()["method"], "patchcore");
  EXPECT_GT(result()["image_score"].get<double>(), 0);
  const Outcome none = run_program({"detect", shot(), "--out", folder_ / "out", "--method", "patchcore"});
  EXPECT_EQ(none.exit, 2);
  EXPECT_THAT(none.err, HasSubstr("The method patchcore compares images with good ones: give --references."));
  const Outcome utad =
      run_program({"detect", shot(), "--out", folder_ / "out", "--method", "utad", "--references", images});
  EXPECT_EQ(utad.exit, 1);
  EXPECT_THAT(utad.err, HasSubstr("The method utad takes no references"));
}

// Killed at any time, the old bank is there or the new one.
TEST_F(Reference, AKilledBuildLeavesTheOldBank) {
  const std::string few = good(2, kProduct, "few"), many = good(6, kProduct, "many");
  ASSERT_EQ(build(few, {"--no-scores"}).exit, 0);
  for (const int wait : {100, 300, 500, 700}) {
    const pid_t process = start_program(
        {"reference", "build", many, "--out", bank_, "--resize", "64", "--no-scores"}, folder_.path());
    std::this_thread::sleep_for(std::chrono::milliseconds(wait));
    ::kill(process, SIGKILL);
    finish_program(process, folder_.path());
    const Outcome info = run_program({"reference", "info", bank_});
    EXPECT_EQ(info.exit, 0) << info.err;
    EXPECT_THAT(info.out, ::testing::AnyOf(HasSubstr("images      2\n"), HasSubstr("images      6\n")));
  }
}

TEST_F(Reference, AKilledBuildGoesOn) {
  const std::string images = good(8);
  const Outcome whole = build(images);
  ASSERT_EQ(whole.exit, 0) << whole.err;
  const std::string info = run_program({"reference", "info", bank_}).out;
  fs::remove(bank_);
  const fs::path partial = bank_ + ".partial";
  for (const std::string there :
       {"2.safetensors", "whole.avref"}) {  // while images are described, and scored
    const pid_t process =
        start_program({"reference", "build", images, "--out", bank_, "--resize", "64"}, folder_.path());
    for (int i = 0; i < 6000 && !fs::exists(partial / there) && !fs::exists(bank_); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ::kill(process, SIGKILL);
    finish_program(process, folder_.path());
    ASSERT_TRUE(fs::exists(partial));
    EXPECT_FALSE(fs::exists(bank_));
  }
  const Outcome rest = build(images);
  EXPECT_EQ(rest.exit, 0) << rest.err;
  EXPECT_THAT(rest.err, HasSubstr("An unfinished build goes on: 8 images were described already."));
  EXPECT_EQ(rest.out, whole.out);
  EXPECT_FALSE(fs::exists(partial));
  const auto without_date = [](std::string text) {
    const std::size_t at = text.find("made        ");
    return text.erase(at, text.find(" for the method") - at);
  };
  EXPECT_EQ(without_date(run_program({"reference", "info", bank_}).out), without_date(info));
}

TEST_F(Reference, AnUnfinishedBuildOfAnotherBank) {
  const std::string images = good(3);
  write_file_atomically(fs::path(images) / "zz.png", std::string("no image"));
  const Outcome broken = build(images);
  EXPECT_EQ(broken.exit, 1);
  EXPECT_THAT(broken.err,
              AllOf(HasSubstr("zz.png"), HasSubstr("part.avref.partial'; the same command goes on")));
  const Outcome turned = build(images, {"--rotations", "2"});
  EXPECT_EQ(turned.exit, 1);
  EXPECT_THAT(turned.err, AllOf(HasSubstr("rotations (1 there, 2 here)"), Not(HasSubstr("goes on"))));
  fs::remove(images + "/zz.png");
  EXPECT_EQ(build(images, {"--rotations", "2", "--overwrite"}).exit, 0);
  EXPECT_FALSE(fs::exists(bank_ + ".partial"));
}

TEST_F(Reference, TwoProcessesBuildOneBank) {
  const std::string images = good(8);
  const pid_t first =
      start_program({"reference", "build", images, "--out", bank_, "--resize", "64"}, folder_.path());
  for (int i = 0; i < 6000 && !fs::exists(bank_ + ".partial/0.safetensors") && !fs::exists(bank_); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const Outcome second = build(images);
  EXPECT_EQ(second.exit, 1);
  EXPECT_THAT(second.err, AllOf(HasSubstr("Another process builds '"), Not(HasSubstr("goes on"))));
  EXPECT_EQ(finish_program(first, folder_.path()).exit, 0);
  EXPECT_EQ(run_program({"reference", "info", bank_}).exit, 0);
}

TEST_F(Reference, TwoProcessesReadOneBank) {
  ASSERT_EQ(build(good(2)).exit, 0);
  const std::string image = shot();
  const auto call = [&](const std::string& out) {
    return std::vector<std::string>{"detect", image,     "--out", folder_ / out,  "--resize",
                                    "64",     "--write", "json",  "--references", bank_};
  };
  fs::create_directories(folder_.path() / "a");
  fs::create_directories(folder_.path() / "b");
  const pid_t first = start_program(call("out_a"), folder_.path() / "a"),
              second = start_program(call("out_b"), folder_.path() / "b");
  EXPECT_EQ(finish_program(first, folder_.path() / "a").exit, 0);
  EXPECT_EQ(finish_program(second, folder_.path() / "b").exit, 0);
  const auto score = [&](const std::string& out) {
    return json::parse(read_file(folder_.path() / out / "shot.json"))["image_score"];
  };
  EXPECT_EQ(score("out_a"), score("out_b"));
}

}  // namespace
}  // namespace anomalyvlm::test
