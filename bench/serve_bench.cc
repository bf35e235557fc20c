// What the server costs beside calls of the library in the same process, in one run: latency, throughput,
// judging again, memory. The page's own latency is measured in a browser: tests/serve/clients/latency.py.
#include <httplib.h>

#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <mutex>
#include <thread>

#include "anomalyvlm/batch.h"
#include "anomalyvlm/codec.h"
#include "anomalyvlm/results.h"
#include "core/platform.h"
#include "core/threads.h"
#include "guarded.h"
#include "serve/serve.h"
#include "train/synthetic/synthetic.h"

namespace anomalyvlm {
namespace {

using Clock = std::chrono::steady_clock;

struct Arguments {
  int runs = 40;     // of each latency
  int images = 120;  // of each throughput
  int growth = 0;    // requests
  int clients = 4, jobs = 2;
  std::string size = "1184x888";
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// A synthetic product, enlarged without smoothing.
Image product(int width, int height) {
  const Image small = synthetic::draw_product(7, 0, {}).image;
  Image image{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(3 * width * height))};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      std::copy_n(small.row(y * small.height / height) + 3 * (x * small.width / width), 3,
                  image.row(y) + 3 * x);
  return image;
}

std::string jpeg_of(const Image& image) {
  const std::vector<std::uint8_t> bytes = encode_jpeg(image, 92);
  return {bytes.begin(), bytes.end()};
}

struct Times {
  std::vector<double> seconds;

  void add(const std::function<void()>& work) {
    const Clock::time_point start = Clock::now();
    work();
    seconds.push_back(seconds_since(start));
  }
  double milliseconds(double share) {
    std::sort(seconds.begin(), seconds.end());
    return 1e3 * seconds[static_cast<std::size_t>(share * static_cast<double>(seconds.size() - 1) + 0.5)];
  }
};

class Bench {
 public:
  explicit Bench(const Arguments& arguments)
      : arguments_(arguments), server_(detector_, settings()), thread_([this] { server_.run(); }) {}
  ~Bench() {
    server_.stop();
    thread_.join();
  }

  // In turns, so that both meet the same machine.
  void latency() {
    int width = 0, height = 0;
    if (std::sscanf(arguments_.size.c_str(), "%dx%d", &width, &height) != 2)
      throw std::runtime_error("--size is not WIDTHxHEIGHT");
    const std::string file = jpeg_of(product(width, height));
    httplib::Client client = new_client();
    Times call, http;
    ResultOptions results;
    for (int i = 0; i < arguments_.runs + 3; ++i) {
      if (i == 3) call.seconds.clear(), http.seconds.clear();  // graphs are compiled, caches are warm
      call.add([&] {
        const Image image =
            decode_image({reinterpret_cast<const std::uint8_t*>(file.data()), file.size()}, "image");
        to_json(detector_.detect(image.view(), prompt_), prompt_, results);
      });
      http.add([&] { require(client.Post("/v1/detect", file, "image/jpeg")); });
    }
    fmt::print(
        "one image      {} x {} JPEG ({} bytes): call {:.1f} ms, over HTTP {:.1f} ms: {:+.2f} ms (medians of "
        "{})\n",
        width, height, file.size(), call.milliseconds(0.5), http.milliseconds(0.5),
        http.milliseconds(0.5) - call.milliseconds(0.5), arguments_.runs);
    judge(client, file);
  }

  void throughput() {
    const std::string file = jpeg_of(product(256, 256));
    Times call, http;
    for (int round = 0; round < 4; ++round) {
      call.add([&] { batch(file); });
      http.add([&] { ask_many(file, arguments_.images); });
      if (round == 0) call.seconds.clear(), http.seconds.clear();
    }
    const double images = arguments_.images;
    fmt::print(
        "throughput     256 x 256 JPEG, {} jobs: batch call {:.1f} images/s, {} clients over HTTP {:.1f} "
        "images/s: {:.3f} times (medians of 3)\n",
        arguments_.jobs, 1e3 * images / call.milliseconds(0.5), arguments_.clients,
        1e3 * images / http.milliseconds(0.5), call.milliseconds(0.5) / http.milliseconds(0.5));
  }

  // From the moment a client goes away to the end of its work; a large image, so that there is some.
  void abandon() {
    const std::string file = jpeg_of(product(1600, 1200));
    httplib::Client observer = new_client();
    require(observer.Post("/v1/detect", file, "image/jpeg"));  // graphs are compiled
    Times times;
    for (int i = 0; i < arguments_.runs / 2; ++i) {
      httplib::Client client = new_client();
      std::jthread request([&] { client.Post("/v1/detect", file, "image/jpeg"); });
      while (!is_running(observer)) std::this_thread::yield();
      client.stop();
      times.add([&] {
        while (is_running(observer)) std::this_thread::sleep_for(std::chrono::milliseconds(2));
      });
    }
    fmt::print("client gone    its work ends after {:.0f} ms, p95 {:.0f} ms ({} times; 1600 x 1200)\n",
               times.milliseconds(0.5), times.milliseconds(0.95), times.seconds.size());
  }

  void growth() {
    if (arguments_.growth == 0) return;
    const std::string file = jpeg_of(product(256, 256));
    ask_many(file, arguments_.growth / 10);
    const std::size_t before = resident_memory_bytes();
    ask_many(file, arguments_.growth);
    fmt::print("memory         {:.1f} MB, after {} more requests {:.1f} MB\n",
               static_cast<double>(before) / 1e6, arguments_.growth,
               static_cast<double>(resident_memory_bytes()) / 1e6);
  }

  const Detector& detector() const { return detector_; }

 private:
  serve::ServerSettings settings() const {
    serve::ServerSettings settings;
    settings.port = 0;
    settings.log_level = serve::Severity::kError;
    settings.inspector.prompt = prompt_;
    settings.inspector.jobs = arguments_.jobs;
    return settings;
  }

  httplib::Client new_client() const {
    httplib::Client client("127.0.0.1", server_.port());
    client.set_keep_alive(true);
    client.set_tcp_nodelay(true);
    client.set_read_timeout(60);
    return client;
  }

  static bool is_running(httplib::Client& client) {
    const auto metrics = client.Get("/metrics");
    require(metrics);
    return metrics->body.find("anomalyvlm_queue_running 0") == std::string::npos;
  }

  static void require(const httplib::Result& result) {
    if (!result || result->status != 200) throw std::runtime_error("a request failed");
  }

  // As the page does when a slider was moved: rules alone change, numbers and the map come back.
  void judge(httplib::Client& client, const std::string& file) {
    const auto kept = client.Post("/v1/images", file, "image/jpeg");
    if (!kept || kept->status != 201) throw std::runtime_error("the image was not kept");
    const std::string path = kept->get_header_value("Location") + "/judge";
    Times times;
    for (int i = 0; i < arguments_.runs + 1; ++i) {
      const std::string body = fmt::format(
          R"({{"prompt": "Defect. Anomalies are smaller than {}%.", "write": "json,anomaly.tiff"}})",
          20 + i % 40);
      times.add([&] {
        require(client.Post(path, {{"Accept", "multipart/mixed"}}, body, "application/json"));
      });
      if (i == 0) times.seconds.clear();  // the models ran
    }
    fmt::print(
        "judging again  with other rules, numbers and map over HTTP: {:.1f} ms, p95 {:.1f} ms ({} times)\n",
        times.milliseconds(0.5), times.milliseconds(0.95), arguments_.runs);
  }

  void batch(const std::string& file) {
    int next = 0;
    detect_batch(
        detector_, prompt_,
        [&]() -> std::optional<BatchInput> {
          if (next++ == arguments_.images) return std::nullopt;
          return BatchInput{.name = "image", .load = [&] {
                              return decode_image(
                                  {reinterpret_cast<const std::uint8_t*>(file.data()), file.size()}, "image");
                            }};
        },
        [&](const BatchOutput& output) { to_json(output.detection, prompt_, {}); },
        {.in_flight = arguments_.jobs});
  }

  void ask_many(const std::string& file, int requests) {
    std::atomic<int> left = requests;
    std::mutex mutex;
    std::string problem;
    std::vector<std::jthread> threads;
    for (int i = 0; i < arguments_.clients; ++i)
      threads.emplace_back([&] {
        httplib::Client client = new_client();
        while (left-- > 0) {
          const auto result = client.Post("/v1/detect", file, "image/jpeg");
          if (result && result->status == 200) continue;
          const std::lock_guard lock(mutex);
          problem = result ? result->body : httplib::to_string(result.error());
        }
      });
    threads.clear();
    if (!problem.empty()) throw std::runtime_error("requests failed: " + problem);
  }

  const Arguments arguments_;
  const Detector detector_;
  const HybridPrompt prompt_ = generic_prompt();
  serve::AnomalyServer server_;
  std::thread thread_;
};

int run(int argc, char** argv) {
  CLI::App app("The server beside calls of the library.", "serve_bench");
  Arguments arguments;
  app.add_option("--runs", arguments.runs, "Times that each latency is measured")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  app.add_option("--images", arguments.images, "Images of a throughput")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--growth", arguments.growth, "Requests over which memory is watched; 0: none")
      ->capture_default_str();
  app.add_option("--clients", arguments.clients, "Clients of the throughput")
      ->capture_default_str()
      ->check(CLI::Range(1, 30));
  app.add_option("--jobs", arguments.jobs, "Images at once")->capture_default_str()->check(CLI::Range(1, 64));
  app.add_option("--size", arguments.size, "Of the image of the latency")->capture_default_str();
  app.add_option_function<int>("--threads", set_thread_count);
  CLI11_PARSE(app, argc, argv);
  Bench bench(arguments);
  fmt::print("model          {}\nengine         {}\nCPU            {}, {} threads\n",
             fmt::join(bench.detector().models(), "; "), bench.detector().engine(), cpu_name(),
             thread_count());
  bench.latency();
  bench.throughput();
  bench.abandon();
  bench.growth();
  return 0;
}

}  // namespace
}  // namespace anomalyvlm

int main(int argc, char** argv) {
  return anomalyvlm::guarded("serve_bench", [&] { return anomalyvlm::run(argc, argv); });
}
