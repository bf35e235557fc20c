// The parts of the service that need no model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "anomalyvlm/detector.h"
#include "serve/service/accept.h"
#include "serve/service/drift.h"
#include "serve/service/inspect_options.h"
#include "serve/service/kserve_tensors.h"
#include "serve/service/request_log.h"
#include "serve/service/router.h"
#include "serve/service/store.h"
#include "serve/service/tokens.h"
#include "serve/service/work_queue.h"
#include "temporary_folder.h"

namespace anomalyvlm::serve {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

int status_of(const std::function<void()>& work) {
  try {
    work();
    return 200;
  } catch (const HttpError& error) {
    return error.status;
  }
}

TEST(Accept, ChoosesWhatTheClientPrefers) {
  constexpr std::array<std::string_view, 3> kOffered = {"application/json", "image/png", "image/tiff"};
  EXPECT_EQ(choose_type("", kOffered), "application/json");
  EXPECT_EQ(choose_type("*/*", kOffered), "application/json");
  EXPECT_EQ(choose_type("image/*", kOffered), "image/png");
  EXPECT_EQ(choose_type("image/tiff, */*;q=0.1", kOffered), "image/tiff");
  EXPECT_EQ(choose_type("image/png;q=0.5 , image/tiff; q=0.9", kOffered), "image/tiff");
  EXPECT_EQ(choose_type("image/*, image/png;q=0", kOffered), "image/tiff");
  EXPECT_EQ(choose_type("text/html", kOffered), "");
  EXPECT_EQ(choose_type(";;,,q=, image/png;q=x", kOffered), "");
}

TEST(Router, FindsRoutesAndNamesTheMethodsOfAPath) {
  Router router;
  for (const auto& [method, pattern] : {std::pair("GET", "/"),
                                        {"GET", "/v1/images/{id}/map"},
                                        {"POST", "/v1/images"},
                                        {"DELETE", "/v1/images/{id}"}})
    router.add({.method = method, .pattern = pattern, .handle = {}});
  std::vector<std::string> captured;
  std::string allowed;
  const auto pattern_of = [&](const char* method, const char* path) {
    const Route* route = router.find(method, path, captured, allowed);
    return route == nullptr ? std::string() : route->pattern;
  };
  EXPECT_EQ(pattern_of("GET", "/"), "/");
  EXPECT_EQ(pattern_of("GET", "/v1/images/ab/map"), "/v1/images/{id}/map");
  EXPECT_THAT(captured, ElementsAre("ab"));
  EXPECT_EQ(pattern_of("DELETE", "/v1/images/"), "");
  EXPECT_EQ(pattern_of("DELETE", "/v1/images/a/"), "");
  EXPECT_EQ(pattern_of("DELETE", "/v1/images"), "");
  EXPECT_EQ(allowed, "POST");
  EXPECT_EQ(pattern_of("POST", "/"), "");
  EXPECT_EQ(allowed, "GET, HEAD");
  EXPECT_EQ(pattern_of("GET", "/v2"), "");
  EXPECT_EQ(allowed, "");
}

TEST(WorkQueue, LetsSoManyInAndTheOthersInTheirOrder) {
  WorkQueue queue(1, 10);
  std::optional<WorkQueue::Place> first;
  std::vector<int> order;
  std::mutex mutex;
  std::vector<std::jthread> threads;
  {
    const WorkQueue::Place place = queue.enter({});
    for (int i = 0; i < 5; ++i) {
      threads.emplace_back([&, i] {
        const WorkQueue::Place mine = queue.enter({});
        const std::lock_guard lock(mutex);
        order.push_back(i);
      });
      while (queue.waiting() != i + 1) std::this_thread::yield();
    }
    EXPECT_EQ(queue.running(), 1);
    EXPECT_TRUE(order.empty());
  }
  threads.clear();
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(queue.running(), 0);
}

TEST(WorkQueue, RefusesWhenTooManyWaitAndForgetsWhoLeft) {
  WorkQueue queue(1, 1);
  const WorkQueue::Place place = queue.enter({});
  std::stop_source leaves;
  std::jthread waiting([&] { EXPECT_THROW(queue.enter(leaves.get_token()), Cancelled); });
  while (queue.waiting() != 1) std::this_thread::yield();
  EXPECT_EQ(status_of([&] { queue.enter({}); }), 503);
  leaves.request_stop();
  waiting.join();
  EXPECT_EQ(queue.waiting(), 0);
}

TEST(Store, KeepsToItsMemoryAndForgetsTheLeastUsed) {
  Store<int> store(100, seconds(1000));
  const std::string a = store.add(std::make_shared<int>(1), 40, ""),
                    b = store.add(std::make_shared<int>(2), 40, "");
  EXPECT_NE(a, b);
  EXPECT_EQ(a.size(), 32U);
  EXPECT_EQ(*store.find(a, ""), 1);  // now b is the least recently used
  const std::string c = store.add(std::make_shared<int>(3), 40, "");
  EXPECT_EQ(store.find(b, ""), nullptr);
  EXPECT_NE(store.find(a, ""), nullptr);
  store.set_bytes(c, 90);
  EXPECT_EQ(store.size(), 1U);
  EXPECT_EQ(store.bytes(), 90U);
  EXPECT_EQ(store.find(a, ""), nullptr);
  EXPECT_TRUE(store.remove(c, ""));
  EXPECT_FALSE(store.remove(c, ""));
  EXPECT_EQ(store.bytes(), 0U);
}

TEST(Store, GivesThingsToTheirOwnersAlone) {
  Store<int> store(100, seconds(1000));
  const std::string id = store.add(std::make_shared<int>(1), 1, "anna");
  EXPECT_EQ(store.find(id, "berta"), nullptr);
  EXPECT_EQ(store.find(id, ""), nullptr);
  EXPECT_FALSE(store.remove(id, "berta"));
  EXPECT_NE(store.find(id, "anna"), nullptr);
}

TEST(Store, DropsWhatIsNotUsed) {
  Store<int> store(100, seconds(0));
  store.add(std::make_shared<int>(1), 1, "");
  store.drop_expired();
  EXPECT_EQ(store.size(), 0U);
}

class TokensTest : public testing::Test {
 protected:
  void write(const std::string& text) {
    std::ofstream(file_) << text;
    std::filesystem::permissions(file_,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  test::TemporaryFolder folder_;
  std::string file_ = folder_ / "tokens";
};

TEST_F(TokensTest, NamesClientsAndReadsTheFileAnew) {
  write("# comment\nline3 aaaaaaaaaaaaaaaaaaaaaaaa\n\nbbbbbbbbbbbbbbbbbbbbbbbb\n");
  Tokens tokens(file_);
  ASSERT_TRUE(tokens.find("aaaaaaaaaaaaaaaaaaaaaaaa"));
  EXPECT_EQ(tokens.find("aaaaaaaaaaaaaaaaaaaaaaaa")->name, "line3");
  EXPECT_EQ(tokens.find("bbbbbbbbbbbbbbbbbbbbbbbb")->name, "token 2");
  EXPECT_FALSE(tokens.find("aaaaaaaaaaaaaaaaaaaaaaa"));
  EXPECT_FALSE(tokens.find(""));
  write("cccccccccccccccccccccccc\n");
  tokens.reload();
  EXPECT_FALSE(tokens.find("aaaaaaaaaaaaaaaaaaaaaaaa"));
  EXPECT_TRUE(tokens.find("cccccccccccccccccccccccc"));
  write("short\n");
  EXPECT_THROW(tokens.reload(), Error);
  EXPECT_TRUE(tokens.find("cccccccccccccccccccccccc"));
}

TEST_F(TokensTest, RefusesWeakAndOpenFiles) {
  for (const char* text : {"", "# nothing\n", "short\n", "name word aaaaaaaaaaaaaaaaaaaaaaaaa\n",
                           "aaaaaaaaaaaaaaaaaaaaaaaa\xC3\xBC\n"}) {
    write(text);
    EXPECT_THROW(Tokens{file_}, Error) << text;
  }
  write("aaaaaaaaaaaaaaaaaaaaaaaa\n");
  std::filesystem::permissions(file_, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_THROW(Tokens{file_}, Error);
  EXPECT_THROW(Tokens{folder_ / "none"}, Error);
}

TEST(RequestLog, WritesALineOfAsciiForWhateverItIsGiven) {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder / "log";
  RequestLog log(file, Severity::kInfo);
  log.write(Severity::kInfo, {{"path", "/a\n\x1b[31m\xff\xE2\x80\xAE\""}});
  log.write(Severity::kDebug, {{"not", "written"}});
  std::filesystem::rename(file, folder / "old");
  log.reopen();
  log.write(Severity::kError, {{"second", true}});
  const auto lines_of = [](const std::filesystem::path& name) {
    std::ifstream stream(name);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  };
  const auto old = lines_of(folder / "old"), anew = lines_of(file);
  ASSERT_EQ(old.size(), 1U);
  EXPECT_TRUE(std::all_of(old[0].begin(), old[0].end(), [](char c) { return c >= ' ' && c <= '~'; }))
      << old[0];
  EXPECT_EQ(Json::parse(old[0])["level"], "info");
  ASSERT_EQ(anew.size(), 1U);
  EXPECT_THAT(anew[0], HasSubstr("\"second\":true"));
}

TEST(Drift, ComparesTheLastImagesWithTheFirst) {
  Drift drift(4);
  EXPECT_FALSE(drift.measure(0).first);
  for (int i = 0; i < 8; ++i) drift.add(i < 4 ? 0.1 : 0.9, {0.5, 0.01});
  EXPECT_EQ(drift.images(), 8U);
  EXPECT_DOUBLE_EQ(*drift.measure(0).distance, 1);
  EXPECT_DOUBLE_EQ(*drift.measure(1).distance, 0);
  EXPECT_DOUBLE_EQ(drift.measure(0).first->mean, 0.1);
  EXPECT_DOUBLE_EQ(drift.measure(0).last->median, 0.9);
}

// By counting, for every value.
double reference_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (const auto& values : {a, b})
    for (const double value : values) {
      const auto share = [&](const std::vector<double>& list) {
        return static_cast<double>(
                   std::count_if(list.begin(), list.end(), [&](double x) { return x <= value; })) /
               static_cast<double>(list.size());
      };
      largest = std::max(largest, std::abs(share(a) - share(b)));
    }
  return largest;
}

TEST(Drift, TheDistanceIsThatOfKolmogorovAndSmirnov) {
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    std::vector<double> a(1 + random() % 9), b(1 + random() % 9);
    for (double& x : a) x = random() % 5;
    for (double& x : b) x = random() % 5;
    EXPECT_DOUBLE_EQ(largest_difference(a, b), reference_difference(a, b));
  }
}

TEST(Drift, MeasuresTheAppearanceOfImages) {
  Image image{4, 600, std::vector<std::uint8_t>(4 * 600 * 3, 0)};
  EXPECT_DOUBLE_EQ(appearance_of(image).brightness, 0);
  for (std::size_t i = 0; i < image.rgb.size(); i += 6)
    for (std::size_t c = 0; c < 3; ++c) image.rgb[i + c] = 255;
  EXPECT_NEAR(appearance_of(image).brightness, 0.5, 1e-9);
  EXPECT_NEAR(appearance_of(image).sharpness, 1, 1e-9);
  EXPECT_DOUBLE_EQ(appearance_of(Image{1, 1, {255, 255, 255}}).sharpness, 0);
}

TEST(InspectOptions, AreReadFromJsonAndFromQueries) {
  InspectOptions options;
  read_options(Json{{"prompt", "Scratch."},
                    {"limit", 0.5},
                    {"masks", false},
                    {"write", "json,mask"},
                    {"bits", 12},
                    {"timeout", 2}},
               options);
  EXPECT_EQ(options.prompt, "Scratch.");
  EXPECT_EQ(options.limit, 0.5);
  EXPECT_FALSE(options.masks);
  EXPECT_THAT(options.write, ElementsAre(ResultFile::kJson, ResultFile::kMask));
  read_options(
      std::multimap<std::string, std::string>{
          {"limit", "0.25"}, {"masks", "true"}, {"name", "../../etc/passwd"}},
      options);
  EXPECT_EQ(options.limit, 0.25);
  EXPECT_TRUE(options.masks);
  EXPECT_EQ(options.name, "passwd");
  read_options(Json{{"limit", nullptr}}, options);
  EXPECT_EQ(prompt_of(options, generic_prompt()).limit, std::nullopt);
}

TEST(InspectOptions, SayWhatIsWrong) {
  InspectOptions options;
  for (const Json& bad : {Json{{"limits", 1}}, Json{{"limit", "high"}}, Json{{"limit", -1}},
                          Json{{"limit", 1e300}}, Json{{"masks", 1}}, Json{{"prompt", 1}},
                          Json{{"write", "films"}}, Json{{"bits", 7}}, Json{{"timeout", 0}}, Json::array()})
    EXPECT_EQ(status_of([&] { read_options(bad, options); }), 400) << bad;
  options.prompt = "Scratch.";
  options.prompt_toml = "phrases = [\"dent\"]";
  EXPECT_EQ(status_of([&] { prompt_of(options, {}); }), 400);
}

TEST(InspectOptions, NamesOfFilesAreMadeSafe) {
  EXPECT_EQ(safe_name("photo.jpg"), "photo.jpg");
  EXPECT_EQ(safe_name("C:\\Users\\x\\photo.tar.gz"), "photo.tar.gz");
  EXPECT_EQ(stem_of("photo.tar.gz"), "photo.tar");
  EXPECT_EQ(stem_of("photo"), "photo");
  EXPECT_EQ(safe_name(".."), "image");
  EXPECT_EQ(safe_name(""), "image");
  EXPECT_EQ(safe_name("/"), "image");
  EXPECT_EQ(safe_name("a\r\nSet-Cookie: x\".png").find_first_of("\r\n\""), std::string::npos);
  EXPECT_LE(safe_name(std::string(10'000, 'x')).size(), 100U);
}

TEST(Json, LimitsDepthAndSaysWhereItIsWrong) {
  EXPECT_EQ(status_of([] { parse_json("[[[[1]]]]", 3, "It"); }), 400);
  EXPECT_EQ(status_of([] { parse_json("[[[1]]]", 3, "It"); }), 200);
  EXPECT_EQ(status_of([] { parse_json(std::string(1'000'000, '['), 16, "It"); }), 400);
  EXPECT_EQ(status_of([] { parse_json("{\"a\":", 16, "It"); }), 400);
  EXPECT_EQ(status_of([] { parse_json("\"\xff\"", 16, "It"); }), 400);
}

TEST(Kserve, ReadsTensorsInJsonAndInBinary) {
  const std::string json =
      R"({"id":"7","inputs":[{"name":"a","datatype":"BYTES","shape":[1],"data":["xy"]},)"
      R"({"name":"b","datatype":"UINT8","shape":[2,1],"parameters":{"binary_data_size":2}}],)"
      R"("outputs":[{"name":"s","parameters":{"binary_data":true}}]})";
  const InferRequest request = read_infer_request(json + "\x01\x02", json.size(), 16);
  EXPECT_EQ(request.id, "7");
  ASSERT_EQ(request.inputs.size(), 2U);
  EXPECT_THAT(elements_of(request.inputs[0]), ElementsAre("xy"));
  EXPECT_EQ(request.inputs[1].bytes, "\x01\x02");
  const Response response = write_infer_response(
      request, "m", "1", {numeric_tensor<float>("s", "FP32", {1}, {0.5F}), bytes_tensor("t", {"u"})});
  const std::size_t json_bytes = std::stoul(response.headers.at(0).second);
  const Json described = Json::parse(response.body.substr(0, json_bytes));
  EXPECT_EQ(described["outputs"].size(), 1U);
  float value = 0;
  std::memcpy(&value, response.body.data() + json_bytes, sizeof value);
  EXPECT_EQ(value, 0.5F);
}

TEST(Kserve, RefusesDamagedTensors) {
  const auto infer = [](const std::string& inputs, const std::string& binary = "") {
    const std::string json = "{\"inputs\":[" + inputs + "]}";
    return status_of([&] { read_infer_request(json + binary, json.size(), 16); });
  };
  EXPECT_EQ(infer(R"({"name":"a","datatype":"FP32","shape":[2],"data":[1,2]})"), 200);
  EXPECT_EQ(infer(R"({"name":"a","datatype":"FP32","shape":[3],"data":[1,2]})"), 400);
  EXPECT_EQ(infer(R"({"name":"a","datatype":"FP64","shape":[1],"data":[1]})"), 400);
  EXPECT_EQ(infer(R"({"name":"a","datatype":"UINT8","shape":[1],"data":[256]})"), 400);
  EXPECT_EQ(infer(R"({"name":"a","datatype":"UINT8","shape":[-1],"data":[]})"), 400);
  EXPECT_EQ(infer(R"({"name":"a","datatype":"UINT8","shape":[1000000000,1000000000,1000000000],"data":[]})"),
            400);
  EXPECT_EQ(infer(R"({"name":"a","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":4}})",
                  std::string("\xff\xff\xff\xff", 4)),
            400);
  EXPECT_EQ(
      infer(R"({"name":"a","datatype":"UINT8","shape":[9],"parameters":{"binary_data_size":9}})", "1234"),
      400);
  EXPECT_EQ(infer(R"({"name":"a","datatype":"UINT8","shape":[1],"data":[1]})", "more"), 400);
  EXPECT_EQ(infer("7"), 400);
  EXPECT_EQ(status_of([] { read_infer_request("{}", 5, 16); }), 400);
}

}  // namespace
}  // namespace anomalyvlm::serve
