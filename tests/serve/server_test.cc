// The whole server with the embedded model, as its clients meet it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <fstream>
#include <regex>
#include <set>
#include <thread>

#include "anomalyvlm/codec.h"
#include "anomalyvlm/results.h"
#include "process/process.h"
#include "serve/raw_client.h"
#include "serve/serve.h"
#include "serve/service/embedded.h"
#include "source_dir.h"
#include "temporary_folder.h"

namespace anomalyvlm::serve {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

const Detector& nano() {
  static const Detector detector({.data_folder = test::source_dir()});
  return detector;
}

// Grey, with a bright scratch.
Image scratched(int width = 96, int height = 64) {
  Image image{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(3 * width * height), 110)};
  for (std::size_t i = 0; i < image.rgb.size(); ++i)
    image.rgb[i] = static_cast<std::uint8_t>(110 + (i * 7919) % 9);
  for (int x = width / 4; x < width * 3 / 4; ++x)
    for (int c = 0; c < 3; ++c) image.row(height / 2)[3 * x + c] = image.row(height / 2 + 1)[3 * x + c] = 240;
  return image;
}

std::string png_of(const Image& image) {
  const std::vector<std::uint8_t> bytes = encode_png(image);
  return {bytes.begin(), bytes.end()};
}

ServerSettings usual_settings() {
  ServerSettings settings;
  settings.port = 0;
  settings.log_level = Severity::kError;
  settings.inspector.prompt = generic_prompt();
  return settings;
}

class ServerTest : public testing::Test {
 protected:
  void start(ServerSettings settings = usual_settings()) {
    server_ = std::make_unique<AnomalyServer>(nano(), std::move(settings));
    thread_ = std::thread([this] { server_->run(); });
    client_ = std::make_unique<httplib::Client>("127.0.0.1", server_->port());
    client_->set_read_timeout(60);
    client_->set_keep_alive(true);  // a request is counted and logged before the next one is read
  }
  void TearDown() override {
    client_.reset();
    if (!server_) return;
    server_->stop();
    thread_.join();
  }

  httplib::Response post(const std::string& path, const std::string& body,
                         const httplib::Headers& headers = {}) {
    return answer(client_->Post(path, headers, body, "application/octet-stream"));
  }
  httplib::Response post_json(const std::string& path, const Json& body,
                              const httplib::Headers& headers = {}) {
    return answer(client_->Post(path, headers, body.dump(), "application/json"));
  }
  httplib::Response get(const std::string& path, const httplib::Headers& headers = {}) {
    return answer(client_->Get(path, headers));
  }
  std::string keep(const Image& image, const httplib::Headers& headers = {}) {
    return Json::parse(post("/v1/images", png_of(image), headers).body).at("id");
  }

  static httplib::Response answer(const httplib::Result& result) {
    if (!result) throw std::runtime_error("no answer: " + httplib::to_string(result.error()));
    return *result;
  }
  static std::string code_of(const httplib::Response& response) {
    return Json::parse(response.body).at("error").at("code");
  }

  test::TemporaryFolder folder_;
  std::unique_ptr<AnomalyServer> server_;
  std::unique_ptr<httplib::Client> client_;
  std::thread thread_;
};

Json without_times(Json detection) {
  detection.erase("timings");
  return detection;
}

TEST_F(ServerTest, DetectsAsTheLibraryDoes) {
  start();
  const Image image = scratched();
  HybridPrompt prompt = parse_prompt_text("Scratch. At most two abnormal regions.");
  prompt.limit = 0.25;
  ResultOptions results;
  results.input = "part 7.png";
  const Json expected = Json::parse(to_json(nano().detect(image.view(), prompt), prompt, results));
  const httplib::Response response =
      post("/v1/detect?prompt=Scratch.%20At%20most%20two%20abnormal%20regions.&limit=0.25&name=part%207.png",
           png_of(image));
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(without_times(Json::parse(response.body)), without_times(expected));
}

TEST_F(ServerTest, TheLimitIsTheRequestsElseTheStandardsElseTheServers) {
  ServerSettings settings = usual_settings();
  settings.inspector.prompt.limit = 0.25;
  start(settings);
  const std::string image = png_of(scratched());
  const auto limit_with = [&](const std::string& query) {
    return Json::parse(post("/v1/detect" + query, image).body)["limit"];
  };
  EXPECT_EQ(limit_with(""), 0.25);
  EXPECT_EQ(limit_with("?prompt=Scratch."), 0.25);
  EXPECT_EQ(limit_with("?prompt_toml=limit%20%3D%200.75"), 0.75);
  EXPECT_EQ(limit_with("?prompt=Scratch.&limit=0.5"), 0.5);
  EXPECT_EQ(limit_with("?limit=0"), nullptr);
}

TEST_F(ServerTest, AnswersInTheFormThatIsAskedFor) {
  start();
  const std::string image = png_of(scratched());
  const auto type_of = [&](const char* accept) {
    return post("/v1/detect", image, {{"Accept", accept}}).get_header_value("Content-Type");
  };
  EXPECT_EQ(type_of("image/png"), "image/png");
  EXPECT_EQ(type_of("image/tiff"), "image/tiff");
  EXPECT_EQ(type_of("*/*"), "application/json");
  const httplib::Response mixed =
      post("/v1/detect?write=json,mask,anomaly.tiff", image, {{"Accept", "multipart/mixed"}});
  for (const char* part : {"name=\"json\"; filename=\"image.json\"", "name=\"mask\"", "name=\"anomaly.tiff\"",
                           "Content-Type: image/tiff"})
    EXPECT_THAT(mixed.body, HasSubstr(part));
  EXPECT_EQ(post("/v1/detect", image, {{"Accept", "text/html"}}).status, 406);
}

TEST_F(ServerTest, TakesForms) {
  start();
  const httplib::MultipartFormDataItems form = {{"image", png_of(scratched()), "part.png", "image/png"},
                                                {"prompt", "Scratch.", "", ""},
                                                {"options", "{\"limit\": 0.001}", "", ""}};
  const httplib::Response response = answer(client_->Post("/v1/detect", form));
  ASSERT_EQ(response.status, 200) << response.body;
  const Json json = Json::parse(response.body);
  EXPECT_EQ(json["input"], "part.png");
  EXPECT_EQ(json["limit"], 0.001);
  EXPECT_EQ(json["prompt"]["phrases"], Json::array({"scratch"}));
  EXPECT_EQ(
      answer(client_->Post("/v1/detect", httplib::MultipartFormDataItems{{"prompt", "Scratch.", "", ""}}))
          .status,
      400);
}

TEST_F(ServerTest, KeepsImagesAndJudgesThemAgain) {
  start();
  const Image image = scratched();
  const std::string id = keep(image);
  const std::string path = "/v1/images/" + id;
  const Json all = Json::parse(post_json(path + "/judge", {{"prompt", "Defect."}}).body);
  const Json none = Json::parse(
      post_json(path + "/judge",
                {{"prompt", "Defect. Anomalies are smaller than 0.01% of the image."}, {"limit", 0.1}})
          .body);
  EXPECT_TRUE(all["candidates"][0]["kept"]);
  EXPECT_FALSE(none["candidates"][0]["kept"]);
  EXPECT_EQ(none["candidates"][0]["rejected_by"]["by"], "rule");
  EXPECT_EQ(none["verdict"], "OK");
  EXPECT_FALSE(none["timings"].contains("propose"));  // the models did not run again
  const httplib::Response overlay = get(path + "/overlay"), map = get(path + "/map"),
                          mask = get(path + "/mask"), saliency = get(path + "/saliency");
  for (const auto* response : {&overlay, &map, &mask, &saliency}) EXPECT_EQ(response->status, 200);
  const FloatMap values =
      decode_tiff_f32({reinterpret_cast<const std::uint8_t*>(map.body.data()), map.body.size()}, "map");
  EXPECT_EQ(values.width, image.width);
  const httplib::Response same = get(path + "/image");
  EXPECT_EQ(
      decode_image({reinterpret_cast<const std::uint8_t*>(same.body.data()), same.body.size()}, "image").rgb,
      image.rgb);
  EXPECT_EQ(answer(client_->Delete(path)).status, 204);
  EXPECT_EQ(get(path + "/map").status, 404);
  EXPECT_EQ(post_json(path + "/judge", Json::object()).status, 404);
}

TEST_F(ServerTest, ForgetsImagesThatNobodyAsksAboutAndTheLeastUsedOnes) {
  ServerSettings settings = usual_settings();
  settings.inspector.image_time = seconds(1);
  settings.inspector.image_memory = 100'000;
  start(settings);
  const std::string first = keep(scratched(128, 128));
  keep(scratched(128, 128));
  keep(scratched(128, 128));
  EXPECT_EQ(get("/v1/images/" + first + "/image").status, 404);
  EXPECT_EQ(post("/v1/images", png_of(scratched(400, 400))).status, 413);
  const std::string last = keep(scratched());
  std::this_thread::sleep_for(milliseconds(2500));
  EXPECT_EQ(get("/v1/images/" + last + "/image").status, 404);
}

TEST_F(ServerTest, MakesReferencesOfKeptImages) {
  start();
  const Image image = scratched();
  const std::string id = keep(image);
  const Json made = Json::parse(post_json("/v1/references", {{"images", {id}}}).body);
  EXPECT_EQ(made["images"], 1);
  const Json judged = Json::parse(
      post_json("/v1/images/" + id + "/judge", {{"references", made["id"]}, {"prompt", "Defect."}}).body);
  EXPECT_THAT(judged["references"].dump(), HasSubstr("1 image,"));
  for (const Json& candidate : judged["candidates"]) EXPECT_FALSE(candidate["kept"]);
  EXPECT_EQ(post_json("/v1/references", {{"images", {"0"}}}).status, 404);
  EXPECT_EQ(post_json("/v1/references", {{"images", Json::array()}}).status, 400);
  EXPECT_EQ(answer(client_->Delete("/v1/references/" + made["id"].get<std::string>())).status, 204);
  EXPECT_EQ(post_json("/v1/images/" + id + "/judge", {{"references", made["id"]}}).status, 404);
}

TEST_F(ServerTest, RequestsForOneImageDoNotWaitForEachOtherForEver) {
  ServerSettings settings = usual_settings();
  settings.inspector.jobs = 1;
  start(settings);
  const std::string id = keep(scratched());
  std::vector<std::jthread> clients;
  std::atomic<int> right = 0;
  for (int c = 0; c < 4; ++c)
    clients.emplace_back([&, c] {
      for (int i = 0; i < 10; ++i) {
        const char* const kWords[] = {"Scratch.", "Dent.", "Stain.", "Crack.", "Hole."};
        const std::string judge =
            test::post("/v1/images/" + id + "/judge", std::string("{\"prompt\": \"") + kWords[i % 5] + "\"}");
        const std::string references = test::post("/v1/references", R"({"images": [")" + id + R"("]})");
        const int status = test::ask(server_->port(), c % 2 == 0 ? judge : references).status;
        right += status == (c % 2 == 0 ? 200 : 201);
      }
    });
  clients.clear();
  EXPECT_EQ(right, 40);
}

TEST_F(ServerTest, ReadsStandardsPlaceByPlace) {
  start();
  const Json read =
      Json::parse(post_json("/v1/prompt/check",
                            {{"text", "Scratch. Anomalies are smaller than 5%. At most five regions."}})
                      .body);
  EXPECT_TRUE(read["understood"]);
  EXPECT_EQ(read["sentences"].size(), 3U);
  EXPECT_EQ(read["sentences"][0]["parts"][0]["kind"], "phrase");
  EXPECT_EQ(read["sentences"][1]["numbers"][0]["quantity"], "area");
  EXPECT_EQ(read["sentences"][1]["numbers"][0]["value"], 5);
  EXPECT_EQ(read["sentences"][2]["numbers"][0]["kind"], "max_regions");
  const Json wrong =
      Json::parse(post_json("/v1/prompt/check", {{"text", "Scratch. Anomalies are smaller then 5%."}}).body);
  EXPECT_FALSE(wrong["understood"]);
  EXPECT_GE(wrong["sentences"][1]["error"]["begin"], 9);
  EXPECT_EQ(post_json("/v1/prompt/check", {{"sentences", ""}}).status, 400);
  const httplib::Response refused =
      post("/v1/detect?prompt=Anomalies%20are%20smaller%20then%205%25.", png_of(scratched()));
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(code_of(refused), "bad_prompt");
  EXPECT_EQ(Json::parse(refused.body)["error"]["message"].get<std::string>().find('\n'), std::string::npos);
}

TEST_F(ServerTest, AnswersHostileFilesWithOneSentence) {
  const std::filesystem::path hostile = test::source_dir() / "../shared/data/hostile";
  if (!std::filesystem::exists(hostile)) GTEST_SKIP() << hostile << " is not there";
  start();
  int refused = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(hostile)) {
    if (!entry.is_regular_file() || entry.file_size() > (std::size_t{60} << 20)) continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
    const httplib::Response response = post("/v1/detect", bytes);
    if (response.status == 200) continue;
    ++refused;
    EXPECT_TRUE(response.status >= 400 && response.status < 500)
        << entry.path() << " " << response.status << response.body;
    EXPECT_EQ(Json::parse(response.body)["error"]["message"].get<std::string>().find('\n'), std::string::npos)
        << entry.path();
  }
  EXPECT_GT(refused, 3);
}

TEST_F(ServerTest, LimitsPixelsAndTimeAndTheQueue) {
  ServerSettings settings = usual_settings();
  settings.limits.pixels = 10'000;
  settings.limits.client_requests = 1;
  settings.inspector.jobs = 1;
  settings.inspector.most_waiting = 0;
  start(settings);
  EXPECT_EQ(post("/v1/detect", png_of(scratched(101, 100))).status, 422);
  EXPECT_EQ(post("/v1/detect?timeout=0.001", png_of(scratched(99, 99))).status, 504);
  std::set<int> statuses;
  std::vector<std::thread> clients;
  std::mutex mutex;
  const std::string image = png_of(scratched(99, 99));
  for (int i = 0; i < 6; ++i)
    clients.emplace_back([&] {
      const int status = test::ask(server_->port(), test::post("/v1/detect", image)).status;
      const std::lock_guard lock(mutex);
      statuses.insert(status);
    });
  for (std::thread& client : clients) client.join();
  EXPECT_TRUE(statuses.contains(200));
  EXPECT_TRUE(statuses.contains(429) || statuses.size() == 1);
  for (const int status : statuses) EXPECT_TRUE(status == 200 || status == 429 || status == 503) << status;
}

TEST_F(ServerTest, KeepsOtherPagesAndMachinesOut) {
  start();
  const auto status_with = [&](const httplib::Headers& headers) { return get("/v1/models", headers).status; };
  EXPECT_EQ(status_with({}), 200);
  for (const char* host : {"evil.example", "127.evil.example", "127.0.0.1.evil.example:80",
                           "localhost.evil.example", "[::2]:80"})
    EXPECT_EQ(status_with({{"Host", host}}), 403) << host;
  for (const char* host : {"localhost", "LOCALHOST:8080", "127.0.0.1", "127.9.9.9:1", "[::1]:8080"})
    EXPECT_EQ(status_with({{"Host", host}}), 200) << host;
  EXPECT_EQ(status_with({{"Origin", "https://evil.example"}}), 403);
  EXPECT_EQ(status_with({{"Origin", "null"}}), 403);
  EXPECT_EQ(status_with({{"Origin", "http://127.0.0.1:" + std::to_string(server_->port())}}), 200);
  EXPECT_FALSE(get("/v1/models").has_header("Access-Control-Allow-Origin"));
  for (const char* path : {"/page/..%2f..%2fetc%2fpasswd", "/page/../../etc/passwd", "/v1/samples/..%2f0",
                           "/page/%00", "//etc/passwd"})
    EXPECT_EQ(get(path).status, 404) << path;
}

TEST_F(ServerTest, LetsChosenPagesIn) {
  ServerSettings settings = usual_settings();
  settings.service.allowed_origins = {"https://line3.example"};
  start(settings);
  const httplib::Response allowed = get("/v1/models", {{"Origin", "https://line3.example"}});
  EXPECT_EQ(allowed.get_header_value("Access-Control-Allow-Origin"), "https://line3.example");
  EXPECT_EQ(get("/v1/models", {{"Origin", "https://line4.example"}}).status, 403);
  const httplib::Response preflight = answer(client_->Options(
      "/v1/detect", {{"Origin", "https://line3.example"}, {"Access-Control-Request-Method", "POST"}}));
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.get_header_value("Access-Control-Allow-Methods"), "POST");
}

TEST_F(ServerTest, WantsTokensAndKeepsClientsApart) {
  ServerSettings settings = usual_settings();
  settings.token_file = folder_ / "tokens";
  std::ofstream(settings.token_file) << "anna aaaaaaaaaaaaaaaaaaaaaaaa\nberta bbbbbbbbbbbbbbbbbbbbbbbb\n";
  std::filesystem::permissions(settings.token_file, std::filesystem::perms::owner_read);
  start(settings);
  const httplib::Headers anna = {{"Authorization", "Bearer aaaaaaaaaaaaaaaaaaaaaaaa"}},
                         berta = {{"Authorization", "Bearer bbbbbbbbbbbbbbbbbbbbbbbb"}};
  EXPECT_EQ(get("/v1/models").status, 401);
  EXPECT_EQ(get("/v1/models").get_header_value("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(get("/metrics").status, 401);
  EXPECT_EQ(get("/v2/models/anomalyvlm").status, 401);
  EXPECT_EQ(get("/v1/models", {{"Authorization", "Bearer aaaaaaaaaaaaaaaaaaaaaaab"}}).status, 401);
  EXPECT_EQ(get("/v1/models", {{"Authorization", "aaaaaaaaaaaaaaaaaaaaaaaa"}}).status, 401);
  EXPECT_EQ(get("/v1/models", anna).status, 200);
  for (const char* path : {"/", "/healthz", "/readyz", "/openapi.json"})
    EXPECT_EQ(get(path).status, 200) << path;
  const std::string id = keep(scratched(), anna);
  EXPECT_EQ(get("/v1/images/" + id + "/image", anna).status, 200);
  EXPECT_EQ(get("/v1/images/" + id + "/image", berta).status, 404);
  EXPECT_EQ(answer(client_->Delete("/v1/images/" + id, berta)).status, 404);
  std::filesystem::permissions(settings.token_file, std::filesystem::perms::owner_write,
                               std::filesystem::perm_options::add);
  std::ofstream(settings.token_file) << "cccccccccccccccccccccccc\n";
  server_->reload();
  EXPECT_EQ(get("/v1/models", anna).status, 401);
  EXPECT_EQ(get("/v1/models", {{"Authorization", "Bearer cccccccccccccccccccccccc"}}).status, 200);
}

TEST_F(ServerTest, SaysSafelyWhatItIs) {
  start();
  const httplib::Response page = get("/");
  EXPECT_THAT(page.get_header_value("Content-Security-Policy"),
              HasSubstr("default-src 'none'; script-src 'self'"));
  for (const char* path : {"/", "/v1/models", "/nothing"}) {
    const httplib::Response response = get(path);
    EXPECT_EQ(response.get_header_value("X-Content-Type-Options"), "nosniff");
    EXPECT_THAT(response.get_header_value("Content-Security-Policy"), HasSubstr("frame-ancestors 'none'"));
    EXPECT_FALSE(response.has_header("Server"));
  }
  const auto ask_again = [&](const std::string& tags) {
    test::RawClient client(server_->port());
    client.send(test::get("/", "If-None-Match: " + tags + "\r\n"));
    return client.read_answer(false);
  };
  const std::string tag = page.get_header_value("ETag");
  for (const std::string& tags : {tag, "\"x\", W/" + tag}) {
    test::RawAnswer unchanged = ask_again(tags);
    EXPECT_EQ(unchanged.status, 304);  // browsers take over its headers
    EXPECT_EQ(unchanged.headers["content-security-policy"], page.get_header_value("Content-Security-Policy"));
    EXPECT_FALSE(unchanged.headers.contains("content-length"));
  }
  for (const EmbeddedFile& file : embedded_files())
    EXPECT_EQ(get("/page/" + std::string(file.name)).status, 200) << file.name;
}

TEST_F(ServerTest, ItsDescriptionListsEveryRouteAndNoOther) {
  start();
  const Json description = Json::parse(get("/openapi.json").body);
  EXPECT_EQ(description["info"]["version"], version());
  std::set<std::string> described, there;
  for (const auto& [path, methods] : description["paths"].items())
    for (const auto& [method, operation] : methods.items())
      described.insert((method == "get" ? "GET " : method == "post" ? "POST " : "DELETE ") + path);
  Inspector inspector(nano(), usual_settings().inspector, {});
  RequestLog log({}, Severity::kError);
  Metrics metrics;
  const Service service(inspector, {}, log, metrics, {});
  for (const Route& route : service.router().routes())
    if (!route.pattern.starts_with("/page") && route.pattern != "/")
      there.insert(route.method + " " + route.pattern);
  EXPECT_EQ(described, there);
}

TEST_F(ServerTest, CountsAndLogs) {
  ServerSettings settings = usual_settings();
  settings.log_file = folder_ / "log";
  settings.log_level = Severity::kInfo;
  start(settings);
  const std::string id = keep(scratched());
  for (int i = 0; i < 3; ++i) post_json("/v1/images/" + id + "/judge", {{"limit", 0.01}});
  post("/v1/detect", "no image\n\x1b[31m");
  get("/%0A%1B%5B31m");
  const std::string metrics = get("/metrics").body;
  EXPECT_THAT(metrics,
              HasSubstr("anomalyvlm_requests_total{route=\"/v1/images/{id}/judge\",status=\"200\"} 3"));
  EXPECT_THAT(metrics, HasSubstr("anomalyvlm_verdicts_total{verdict=\"not OK\"} 1"));
  EXPECT_THAT(metrics, HasSubstr("anomalyvlm_kept_images 1"));
  EXPECT_THAT(metrics, HasSubstr("anomalyvlm_stage_seconds_bucket"));
  EXPECT_THAT(metrics, HasSubstr("anomalyvlm_requests_total{route=\"other\",status=\"404\"} 1"));
  std::ifstream log(settings.log_file);
  int lines = 0, judged = 0;
  for (std::string line; std::getline(log, line);) {
    const Json entry = Json::parse(line);
    if (entry.contains("event")) continue;  // the server has started
    ++lines;
    for (const char* field : {"time", "level", "id", "client", "method", "path", "status", "ms"})
      EXPECT_TRUE(entry.contains(field)) << line;
    if (!entry.contains("score")) continue;
    ++judged;
    EXPECT_EQ(entry["verdict"], "not OK");
    EXPECT_EQ(entry["image"].get<std::string>().size(), 64U);
    EXPECT_TRUE(entry["stages_ms"].contains("encode"));
  }
  EXPECT_EQ(lines, 6);
  EXPECT_EQ(judged, 3);
  EXPECT_EQ(Json::parse(get("/v1/drift").body)["images"], 1);
}

// The dashboard and the alerts in docs/monitoring.
TEST_F(ServerTest, ItHasTheMetricsThatDashboardsAskFor) {
  start();
  post("/v1/detect?limit=0.1", png_of(scratched()));
  const std::string metrics = get("/metrics").body;
  const std::filesystem::path folder = test::source_dir() / "docs/monitoring";
  EXPECT_NO_THROW(Json::parse(std::ifstream(folder / "grafana.json")));
  int asked = 0;
  for (const char* file : {"grafana.json", "alerts.yml"}) {
    std::ifstream stream(folder / file);
    const std::string text((std::istreambuf_iterator<char>(stream)), {});
    const std::regex name("anomalyvlm_[a-z_]+|process_[a-z_]+");
    for (std::sregex_iterator match(text.begin(), text.end(), name), end; match != end; ++match, ++asked)
      EXPECT_THAT(metrics, HasSubstr(match->str())) << file;
  }
  EXPECT_GT(asked, 15);
}

TEST_F(ServerTest, InfersByTheOpenProtocol) {
  start();
  EXPECT_EQ(get("/v2/health/ready").status, 200);
  EXPECT_EQ(Json::parse(get("/v2/models/anomalyvlm").body)["name"], "anomalyvlm");
  EXPECT_TRUE(Json::parse(get("/v2/models/other").body)["error"].is_string());
  EXPECT_EQ(get("/v2/models/anomalyvlm/versions/9.9/ready").status, 404);
  const Image image = scratched(20, 16);
  const Json request = {
      {"inputs", {{{"name", "pixels"}, {"datatype", "UINT8"}, {"shape", {16, 20, 3}}, {"data", image.rgb}}}},
      {"parameters", {{"limit", 0.001}}}};
  const Json answered = Json::parse(post_json("/v2/models/anomalyvlm/infer", request).body);
  const Detection expected = nano().detect(image.view());
  EXPECT_FLOAT_EQ(answered["outputs"][0]["data"][0].get<float>(), static_cast<float>(expected.image_score));
  EXPECT_EQ(answered["outputs"][5]["shape"], Json::array({16, 20}));
}

TEST_F(ServerTest, RefusesWhatWouldTakeMuchMemory) {
  start();
  const std::string numbers = "{\"text\": [" + std::string(2 << 20, '1') + "]}";
  EXPECT_EQ(answer(client_->Post("/v1/prompt/check", numbers, "application/json")).status, 413);
  EXPECT_EQ(answer(client_->Post("/v1/prompt/check", "{\"limit\": 1e999}", "application/json")).status, 400);
  Json request = {
      {"inputs", {{{"name", "pixels"}, {"datatype", "UINT8"}, {"shape", {1, 1, 3}}, {"data", {1, 2, 3}}}}}};
  request["outputs"] = {{{"name", "anomaly_map"}}, {{"name", "anomaly_map"}}};
  EXPECT_EQ(post_json("/v2/models/anomalyvlm/infer", request).status, 400);
  request["outputs"] = {{{"name", "other"}}};
  EXPECT_EQ(post_json("/v2/models/anomalyvlm/infer", request).status, 400);
}

TEST_F(ServerTest, TakesTheClientsAddressFromTheProxyAlone) {
  ServerSettings settings = usual_settings();
  settings.service.behind_proxy = true;
  settings.log_file = folder_ / "log";
  settings.log_level = Severity::kInfo;
  settings.token_file = folder_ / "tokens";
  std::ofstream(settings.token_file) << "aaaaaaaaaaaaaaaaaaaaaaaa\n";
  std::filesystem::permissions(settings.token_file, std::filesystem::perms::owner_read);
  start(settings);
  const auto ask = [&](const std::string& headers) {
    test::ask(server_->port(), test::get("/v1/models", headers));
  };
  ask("X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 7.7.7.7, 10.0.0.1\r\n");
  ask("X-Forwarded-For: not an address\r\n");
  TearDown();
  server_.reset();
  std::ifstream log(settings.log_file);
  std::vector<std::string> seen;
  for (std::string line; std::getline(log, line);)
    if (const Json entry = Json::parse(line); entry.contains("client")) seen.push_back(entry["client"]);
  EXPECT_THAT(seen, testing::UnorderedElementsAre("10.0.0.1", "127.0.0.1"));
}

TEST(ServeSafety, OtherMachinesNeedTokensAndEncryption) {
  const test::TemporaryFolder folder;
  ServerSettings settings = usual_settings();
  settings.host = "0.0.0.0";
  EXPECT_THROW(check_safety(settings), Error);
  settings.token_file = folder / "tokens";
  EXPECT_THROW(check_safety(settings), Error);
  settings.service.behind_proxy = true;
  EXPECT_NO_THROW(check_safety(settings));
  ServerSettings proxied = usual_settings();  // whoever reaches the proxy reaches the server
  proxied.service.behind_proxy = true;
  EXPECT_THROW(check_safety(proxied), Error);
  settings.service.behind_proxy = false;
  settings.tls_certificate = folder / "cert";
  EXPECT_THROW(check_safety(settings), Error);
  settings.tls_key = folder / "key";
  EXPECT_NO_THROW(check_safety(settings));
  EXPECT_THROW(AnomalyServer(nano(), settings), Error);
  for (const char* host : {"localhost", "127.0.0.1", "127.1.2.3", "::1"})
    EXPECT_TRUE(is_loopback(host)) << host;
  for (const char* host : {"0.0.0.0", "::", "192.168.1.1", "example.com", "127.0.0.1.example.com"})
    EXPECT_FALSE(is_loopback(host)) << host;
}

TEST_F(ServerTest, SpeaksTls) {
  ServerSettings settings = usual_settings();
  settings.tls_certificate = folder_ / "cert.pem";
  settings.tls_key = folder_ / "key.pem";
  ASSERT_EQ(
      run_and_wait("/bin/sh",
                   {"-c", "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout '" +
                              settings.tls_key.string() + "' -out '" + settings.tls_certificate.string() +
                              "' 2>/dev/null"}),
      0);
  start(settings);
  httplib::SSLClient client("localhost", server_->port());
  client.set_ca_cert_path(settings.tls_certificate.c_str());
  client.enable_server_certificate_verification(true);
  client.set_keep_alive(true);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(answer(client.Get("/healthz")).status, 200);
  EXPECT_EQ(answer(client.Post("/v1/detect", png_of(scratched(300, 200)), "image/png")).status, 200);
  EXPECT_EQ(test::ask(server_->port(), test::get("/healthz")).status, 400);  // plain HTTP
  server_->reload();
  EXPECT_EQ(answer(client.Get("/healthz")).status, 200);
}

}  // namespace
}  // namespace anomalyvlm::serve
