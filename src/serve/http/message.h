#pragma once
// A request and its answer, as the service sees them: free of sockets and of the HTTP library.
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace anomalyvlm::serve {

using Clock = std::chrono::steady_clock;

// A part of a body of type multipart/form-data.
struct Part {
  std::string name, file_name, content_type, bytes;
};

// Names in lower case. Of a header that comes several times, the first.
using Headers = std::map<std::string, std::string, std::less<>>;

struct Request {
  std::string method;  // "GET"; HEAD is answered as GET, without the body
  std::string path;    // decoded, without the query
  std::multimap<std::string, std::string> query;
  Headers headers;
  std::string body;                   // decompressed; empty if there are parts
  std::vector<Part> parts;            // of multipart/form-data
  std::vector<std::string> captured;  // what stands for the "{id}" of the route's pattern

  std::string id;        // of this request, for logs
  std::string client;    // its token's name, else its address
  std::string owner;     // of what it stores: nobody else sees that. Empty without tokens
  std::stop_token stop;  // a stop request: the client has gone, or the deadline has passed
  std::function<void(Clock::time_point)> finish_by;  // sets that deadline; by default there is none
  bool counted = false;                              // among the requests that its client has at once
  Clock::time_point received = Clock::now();

  std::string_view header(std::string_view lower_case_name) const {
    const auto found = headers.find(lower_case_name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  }
};

// For the log and the metrics: what was found in an image.
struct Inspection {
  std::string image_sha256 = {};  // of the bytes as they came
  std::optional<double> score = {};
  std::string verdict = {};                                  // "OK", "not OK"; empty: none
  std::vector<std::pair<std::string, double>> seconds = {};  // per stage
  bool repeated = false;  // the image was judged before, and has been counted
};

struct Response {
  int status = 200;
  std::string content_type = {};
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::optional<Inspection> inspection = {};
};

// Becomes an answer with this status and a JSON body: {"error": {"code": ..., "message": ...}}.
struct HttpError : std::runtime_error {
  HttpError(int error_status, std::string error_code, const std::string& sentence)
      : std::runtime_error(sentence), status(error_status), code(std::move(error_code)) {}

  int status;
  std::string code;  // for programs: "not_found"
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::optional<std::pair<int, int>> place = {};  // bytes [begin, end) of the prompt's text
};

}  // namespace anomalyvlm::serve
