// Bytes from the network: everything that reads them before a model does.
#include <algorithm>
#include <cstring>

#include "serve/http/connection.h"
#include "serve/service/accept.h"
#include "serve/service/inspect_options.h"
#include "serve/service/kserve_tensors.h"

namespace anomalyvlm::serve {
namespace {

// A client that sends the fuzzer's bytes and then closes.
class MemoryWire : public Wire {
 public:
  explicit MemoryWire(std::string_view bytes) : left_(bytes) {}

  bool open(Clock::time_point) override { return true; }
  std::size_t read(char* to, std::size_t most, Clock::time_point) override {
    const std::size_t n = std::min(most, left_.size());
    std::memcpy(to, left_.data(), n);
    left_.remove_prefix(n);
    return n;
  }
  bool write(const char*, std::size_t, std::chrono::milliseconds) override { return true; }
  bool wait_readable(Clock::time_point) override { return true; }
  void close_gently() override {}
  int descriptor() const override { return -1; }
  std::string address() const override { return "127.0.0.1"; }

 private:
  std::string_view left_;
};

class Readers : public Application {
 public:
  std::optional<Response> admit(const RequestHead&, const std::string&, Request&) override {
    return std::nullopt;
  }

  Response handle(Request& request) override {
    const auto ignoring_refusals = [](auto&& work) {
      try {
        work();
      } catch (const HttpError&) {
      }
    };
    ignoring_refusals([&] {
      InspectOptions options;
      read_options(request.query, options);
      read_options(parse_json(request.body, 16, "It"), options);
    });
    ignoring_refusals([&] {
      const std::size_t json_bytes = request.path.size() > 1 ? request.body.size() / 2 : request.body.size();
      const InferRequest infer = read_infer_request(request.body, json_bytes, 16);
      write_infer_response(infer, "m", "1", infer.inputs);
    });
    ignoring_refusals([&] {
      constexpr std::string_view kOffered[] = {"application/json", "image/png"};
      choose_type(request.header("accept"), kOffered);
      safe_name(request.header("x-file-name"));
    });
    return {.content_type = "text/plain", .body = request.path};
  }

  Response refusal(const HttpError& error) override { return error_response(error); }
  void finished(const Request&, const Response&, const Transfer&) override {}
};

}  // namespace
}  // namespace anomalyvlm::serve

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anomalyvlm::serve;
  static Readers readers;
  static Limits limits;
  limits.body_bytes = 1 << 16;
  static ConnectionServer server(readers, limits);
  MemoryWire wire({reinterpret_cast<const char*>(data), size});
  server.serve(wire);
  return 0;
}
