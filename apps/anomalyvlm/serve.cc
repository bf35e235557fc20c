// anomalyvlm serve: the live page, and the service for other programs.
#include "serve/serve.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <charconv>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

#include "anomalyvlm/data_folder.h"
#include "anomalyvlm/inputs.h"
#include "commands.h"
#include "core/check.h"
#include "core/printable.h"
#include "detector_options.h"
#include "eval/run/command_line.h"
#include "option_checks.h"
#include "process/process.h"
#include "prompt_options.h"
#include "references_option.h"

namespace anomalyvlm::cli {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kMegabyte = 1 << 20;

struct ServeArguments {
  DetectorOptions detector;
  serve::ServerSettings server;
  std::string samples, references, false_alarms;
  std::vector<std::string> warm_up;             // "1600x1200"
  double limit = -1;                            // of the image score; negative: the prompt's, if any
  std::optional<double> threshold, full_scale;  // as in detect
};

// An option that is a whole number of something: seconds, megabytes.
template <typename Set>
CLI::Option* add_number(CLI::App& app, const char* name, long long least, long long most,
                        const std::string& by_default, const char* help, const char* group, Set set) {
  return app.add_option_function<long long>(name, set, help)
      ->type_name("N")
      ->check(whole_number(least, most))
      ->default_str(by_default)
      ->group(group);
}

// Noise of a size such as "1600x1200". Throws Error(kBadInput).
Image noise_of(const std::string& size) {
  constexpr int kLargest = 20'000;
  int width = 0, height = 0;
  const char *at = size.data(), *const end = at + size.size();
  const auto first = std::from_chars(at, end, width);
  const bool two = first.ec == std::errc() && first.ptr != end && *first.ptr == 'x';
  const auto second = two ? std::from_chars(first.ptr + 1, end, height) : first;
  if (!two || second.ec != std::errc() || second.ptr != end || width < 1 || height < 1 || width > kLargest ||
      height > kLargest)
    fail(ErrorKind::kBadInput, "'{}' is not WIDTHxHEIGHT in pixels, such as 1600x1200.", printable(size));
  Image image{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(3) * width * height)};
  std::minstd_rand random;
  for (std::uint8_t& value : image.rgb) value = static_cast<std::uint8_t>(random() >> 16);
  return image;
}

void declare_address(CLI::App& app, serve::ServerSettings& s) {
  constexpr const char* kGroup = "Address and access";
  app.add_option("--host", s.host,
                 "Address or name to listen on; other than of this machine alone needs tokens and TLS")
      ->capture_default_str()
      ->group(kGroup);
  app.add_option("--port", s.port, "Port; 0: any that is free")
      ->check(whole_number(0, 65535))
      ->capture_default_str()
      ->group(kGroup);
  app.add_option("--token-file", s.token_file,
                 "Only clients with a token may use the server: a file of one a line, of 20 characters or "
                 "more; NAME TOKEN names it in the log")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("--tls-cert", s.tls_certificate, "Certificate with its chain (PEM)")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("--tls-key", s.tls_key, "Its key (PEM)")->type_name("FILE")->group(kGroup);
  app.add_flag("--behind-proxy", s.service.behind_proxy,
               "A proxy in front of the server has TLS, and says in X-Forwarded-For who the client is")
      ->group(kGroup);
  app.add_option("--allow-origin", s.service.allowed_origins,
                 "Scripts of pages of this origin may use the server: https://line3.example")
      ->type_name("ORIGIN")
      ->type_size(1)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group(kGroup);
}

void declare_inspection(CLI::App& app, ServeArguments& a) {
  constexpr const char* kGroup = "Inspection";
  app.add_option("--samples", a.samples,
                 "The page offers the images of this folder; by default those that come with the program")
      ->type_name("DIR")
      ->group(kGroup);
  app.add_option("--references", a.references,
                 "Compares with good images of the same product: a bank, a folder, or an image")
      ->type_name("FILE|DIR")
      ->group(kGroup);
  app.add_option("--limit,--score-limit", a.limit, "An image whose score reaches this is not OK")
      ->type_name("SCORE")
      ->check(positive_number())
      ->group(kGroup);
  app.add_option("--false-alarms", a.false_alarms,
                 "The limit that at most this share of good images reaches, from the scores in the bank of "
                 "references: 1%")
      ->type_name("SHARE")
      ->check(
          CLI::Validator([](const std::string& text) { return complaint([&] { share_of(text); }); }, "", ""))
      ->excludes("--limit")
      ->group(kGroup);
  app.add_option("--warm-up", a.warm_up,
                 "Sizes of the images that will come: compiles for them before the server is ready")
      ->type_name("WIDTHxHEIGHT")
      ->type_size(1)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->check(
          CLI::Validator([](const std::string& text) { return complaint([&] { noise_of(text); }); }, "", ""))
      ->group(kGroup);
  app.add_option("--threshold", a.threshold, "Masks show where the anomaly map is above it; as in detect")
      ->type_name("VALUE")
      ->check(finite_number(0))
      ->group(kGroup);
  app.add_option("--full-scale", a.full_scale, "Value of the map drawn hottest; as in detect")
      ->type_name("VALUE")
      ->check(finite_number(0))
      ->group(kGroup);
  serve::InspectorSettings& i = a.server.inspector;
  app.add_option("--drift-window", i.drift_window, "The last N images are compared with the first N")
      ->type_name("N")
      ->check(whole_number(2, 100'000))
      ->capture_default_str()
      ->group(kGroup);
}

void declare_load(CLI::App& app, serve::ServerSettings& s) {
  constexpr const char* kGroup = "Load and limits";
  serve::InspectorSettings& i = s.inspector;
  serve::Limits& l = s.limits;
  app.add_option("--jobs", i.jobs, "Images processed in parallel; memory use grows with it")
      ->type_name("N")
      ->check(whole_number(1, 64))
      ->capture_default_str()
      ->group(kGroup);
  app.add_option("--queue", i.most_waiting, "Requests that may wait for others; more are refused (503)")
      ->type_name("N")
      ->check(whole_number(0, 10'000))
      ->capture_default_str()
      ->group(kGroup);
  add_number(app, "--request-time", 1, 3600, "60", "Seconds after which a request is given up", kGroup,
             [&](long long n) { i.request_time = seconds(n); });
  add_number(app, "--image-memory", 16, 1 << 20, "1024", "Megabytes for images that clients keep here",
             kGroup, [&](long long n) { i.image_memory = static_cast<std::size_t>(n) * kMegabyte; });
  add_number(app, "--image-time", 1, 86'400, "900",
             "Seconds after which a kept image that nobody asks about is dropped", kGroup,
             [&](long long n) { i.image_time = seconds(n); });
  add_number(app, "--max-body", 1, 4096, "64", "Megabytes of a request", kGroup,
             [&](long long n) { l.body_bytes = static_cast<std::size_t>(n) * kMegabyte; });
  add_number(app, "--max-pixels", 1, 160, "100", "Megapixels of an image", kGroup,
             [&](long long n) { l.pixels = static_cast<std::uint64_t>(n) * 1'000'000; });
  app.add_option("--connections", l.connections, "Open connections")
      ->type_name("N")
      ->check(whole_number(1, 10'000))
      ->capture_default_str()
      ->group(kGroup);
  app.add_option("--client-connections", l.client_connections, "Open connections of one client")
      ->type_name("N")
      ->check(whole_number(1, 10'000))
      ->capture_default_str()
      ->group(kGroup);
  app.add_option("--client-requests", l.client_requests,
                 "Requests of one client at once; more are refused (429)")
      ->type_name("N")
      ->check(whole_number(1, 10'000))
      ->capture_default_str()
      ->group(kGroup);
  add_number(app, "--head-time", 1, 600, "10", "Seconds for a request's headers to arrive", kGroup,
             [&](long long n) { l.head_time = seconds(n); });
  add_number(app, "--body-time", 1, 3600, "30", "Seconds for its body, and one more for each megabyte",
             kGroup, [&](long long n) { l.body_time = seconds(n); });
  add_number(app, "--idle-time", 1, 3600, "30", "Seconds after which a connection without requests is closed",
             kGroup, [&](long long n) { l.idle_time = seconds(n); });
  add_number(app, "--stop-time", 0, 3600, "30",
             "Seconds for requests that have begun when the server is to stop", kGroup,
             [&](long long n) { s.grace = seconds(n); });
}

void declare_log(CLI::App& app, serve::ServerSettings& s) {
  constexpr const char* kGroup = "Log";
  app.add_option(
         "--log-file", s.log_file,
         "A JSON line for each request goes there; by default to standard error. SIGHUP opens it anew")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option_function<std::string>(
         "--log-level", [&s](const std::string& name) { s.log_level = serve::parse_severity(name); },
         "debug: health checks too; warning: refused requests and errors")
      ->check(one_of(serve::severity_names()))
      ->default_str("info")
      ->group(kGroup);
}

std::vector<fs::path> samples_of(const std::string& given) {
  std::error_code ignored;
  if (!given.empty() && !fs::is_directory(given, ignored))
    throw UsageError(fmt::format("There is no folder '{}' for --samples.", printable(given)));
  if (!given.empty()) return find_images({given}, false).images;
  try {
    return find_images({find_data_folder() / "examples" / "images"}, false).images;
  } catch (const Error&) {
    return {};  // an installation without the examples
  }
}

// Sentences for the page to begin with, if the prompt is that of the paper.
std::string usual_sentences(const HybridPrompt& prompt) {
  const std::string sentences = "Defect. Anomalies are smaller than 50%. At most five abnormal regions.";
  HybridPrompt usual = parse_prompt_text(sentences);
  usual.limit = prompt.limit;
  return usual == prompt ? sentences : std::string();
}

// Scores without an upper end: 0.5 and 1 mean nothing then.
void set_defaults(ServeArguments& a, const HybridPrompt& prompt, const PromptOptions& options) {
  serve::InspectorSettings& inspector = a.server.inspector;
  inspector.prompt = prompt;
  if (a.limit > 0) inspector.prompt.limit = a.limit;
  const bool to_one = method_info(a.detector.method).scores_to_one;
  inspector.full_scale = a.full_scale.value_or(to_one ? 1.0 : 0.0);
  inspector.threshold = a.threshold.value_or(to_one ? 0.5 : inspector.prompt.limit.value_or(0.5));
  a.server.service.prompt_text = options.sentences();
  if (a.server.service.prompt_text.empty()) a.server.service.prompt_text = usual_sentences(inspector.prompt);
}

Exit run(ServeArguments& a, const HybridPrompt& prompt, const PromptOptions& options) {
  as_usage([&] {
    validate(a.detector);
    serve::check_safety(a.server);
  });
  if (a.references.empty()) require_no_references_needed(a.detector);
  ServerSignals signals;  // before any thread is started
  a.server.service.samples = samples_of(a.samples);
  const Detector detector = as_usage([&] { return Detector(a.detector); });
  set_defaults(a, prompt, options);
  a.server.service.command = "anomalyvlm detect" + eval::detector_words(detector.options());
  if (!a.references.empty()) {
    a.server.inspector.references = load_references(detector, a.references, 0);
    a.server.service.command += " --references " + eval::shell_word(a.references);
  }
  if (!a.false_alarms.empty())
    limit_by_references(detector, a.server.inspector.references, a.false_alarms, a.server.inspector.prompt);
  for (const std::string& size : a.warm_up)
    detector.detect(noise_of(size).view(), a.server.inspector.prompt, a.server.inspector.references);
  serve::AnomalyServer server(detector, a.server);
  std::jthread listener([&](const std::stop_token& ended) {
    while (signals.next() == ServerSignal::kReload) server.reload();
    server.stop();
    signals.release();  // who asks a second time does not want to wait
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait(lock, ended, [] { return false; });
  });
  write_result_line(fmt::format("Ready at {}://{}:{}/ (end with Ctrl+C).",
                                server.is_encrypted() ? "https" : "http", a.server.host, server.port()));
  server.run();
  return kFine;
}

}  // namespace

Command add_serve(CLI::App& app) {
  app.footer(
      "Examples:\n"
      "  anomalyvlm serve\n"
      "  anomalyvlm serve --standard \"Scratches. At most 3 abnormal regions.\" --limit 0.5 --samples "
      "photos\n"
      "  curl --data-binary @photo.jpg http://localhost:8080/v1/detect\n"
      "Exit: 0 after SIGTERM or Ctrl+C. docs/SERVER.md describes the service.");
  const auto arguments = std::make_shared<ServeArguments>();
  declare_address(app, arguments->server);
  declare_inspection(app, *arguments);
  declare_load(app, arguments->server);
  declare_log(app, arguments->server);
  declare_detector(app, arguments->detector);
  const PromptOptions options(app, "--prompt");
  return [=] { return run(*arguments, options.prompt(default_prompt(arguments->detector)), options); };
}

}  // namespace anomalyvlm::cli
