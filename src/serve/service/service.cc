#include "serve/service/service.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "serve/http/server.h"
#include "serve/service/kserve.h"
#include "serve/service/routes.h"

namespace anomalyvlm::serve {
namespace {

constexpr const char* kPolicy = "default-src 'none'; frame-ancestors 'none'";

// "host:port" without the port; of "[::1]:8080" without the brackets.
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('['))
    return authority.substr(1, std::min(authority.find(']'), authority.size()) - 1);
  return authority.substr(0, authority.find(':'));
}

bool names_loopback(std::string_view authority) {
  std::string host(host_of(authority));
  for (char& c : host) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return is_loopback(host);
}

Response answer_of(const Request& request, const HttpError& error) {
  return request.path.starts_with("/v2") ? kserve_error_response(error) : error_response(error);
}

// Whom the proxy names: the last of all that X-Forwarded-For lists, since clients can send such a header
// themselves.
std::string forwarded_for(const RequestHead& head, const std::string& otherwise) {
  std::string_view list;
  for (const auto& [name, value] : head.headers)
    if (name == "x-forwarded-for") list = value;
  std::string_view last = list.substr(list.rfind(',') + 1);
  while (!last.empty() && last.front() == ' ') last.remove_prefix(1);
  std::string address(last);
  return is_address(address) ? address : otherwise;
}

}  // namespace

Service::Service(Inspector& inspector, ServiceSettings settings, RequestLog& log, Metrics& metrics,
                 const Limits& limits)
    : inspector_(inspector), settings_(std::move(settings)), log_(log), metrics_(metrics), limits_(limits) {
  add_inspection_routes(router_, inspector_);
  add_information_routes(router_, inspector_, settings_, metrics_, stopping_);
  add_page_routes(router_);
  add_kserve_routes(router_, inspector_);
  add_gauges(metrics_, inspector_);
}

// A page of another host whose name was made to point at this machine (DNS rebinding) still sends its own
// name.
void Service::check_host(const RequestHead& head) const {
  if (!settings_.loopback || head.header("host").empty() || names_loopback(head.header("host"))) return;
  throw HttpError(403, "wrong_host",
                  "This server is for this machine alone; ask it as localhost or 127.0.0.1.");
}

// Browsers say which page sends a request, unless it only reads.
void Service::check_origin(const RequestHead& head) const {
  const std::string_view origin = head.header("origin");
  if (origin.empty()) return;
  const std::size_t scheme = origin.find("://");
  if (scheme != std::string_view::npos && origin.substr(scheme + 3) == head.header("host")) return;
  if (std::find(settings_.allowed_origins.begin(), settings_.allowed_origins.end(), origin) !=
      settings_.allowed_origins.end())
    return;
  throw HttpError(403, "wrong_origin",
                  "Pages of other hosts may not use this server; --allow-origin names those that may.");
}

void Service::check_token(const RequestHead& head, Request& request) const {
  if (settings_.tokens == nullptr) return;
  std::vector<std::string> captured;
  std::string allowed;
  const Route* route =
      router_.find(head.method == "HEAD" ? "GET" : head.method, head.path(), captured, allowed);
  // Browsers ask without a token whether they may send one.
  if ((route != nullptr && route->open) || head.method == "OPTIONS") return;
  constexpr std::string_view kScheme = "bearer ";  // in any case (RFC 9110, 11.1)
  const std::string_view given = head.header("authorization");
  const bool bearer = given.size() > kScheme.size() &&
                      std::equal(kScheme.begin(), kScheme.end(), given.begin(), [](char a, char b) {
                        return a == std::tolower(static_cast<unsigned char>(b));
                      });
  if (bearer) {
    if (const auto client = settings_.tokens->find(given.substr(kScheme.size()))) {
      request.client = client->name;
      request.owner = client->owner;
      return;
    }
  }
  HttpError error(401, "unauthorized",
                  "This server wants a token: send the header 'Authorization: Bearer TOKEN'.");
  error.headers.emplace_back("WWW-Authenticate", "Bearer");
  throw error;
}

void Service::take_turn(Request& request) {
  const std::lock_guard lock(mutex_);
  int& turns = turns_[request.client];
  if (turns >= limits_.client_requests) {
    HttpError error(
        429, "too_many_requests",
        fmt::format("This client has {} requests that are being answered; wait for them.", turns));
    error.headers.emplace_back("Retry-After", "1");
    throw error;
  }
  ++turns;
  request.counted = true;
}

std::optional<Response> Service::admit(const RequestHead& head, const std::string& address,
                                       Request& request) {
  request.id = random_id().substr(0, 16);
  request.client = address;
  if (settings_.behind_proxy) request.client = forwarded_for(head, address);
  try {
    check_host(head);
    check_origin(head);
    check_token(head, request);
    take_turn(request);
    return std::nullopt;
  } catch (const HttpError& error) {
    Response response = answer_of(request, error);
    add_safety_headers(request, response);
    return response;
  }
}

Response Service::handle(Request& request) {
  Response response;
  try {
    response = answer(request);
  } catch (const std::exception& error) {
    const HttpError http = as_http_error(error);
    if (http.status == 500) log_.write(Severity::kError, {{"id", request.id}, {"error", error.what()}});
    response = answer_of(request, http);
  }
  add_safety_headers(request, response);
  return response;
}

Response Service::answer(Request& request) {
  std::string allowed;
  const Route* route = router_.find(request.method, request.path, request.captured, allowed);
  if (route != nullptr) return route->handle(request);
  if (allowed.empty() && request.path.starts_with("/v2/models/"))
    throw HttpError(404, "not_found", "There is one model, 'anomalyvlm', and nothing else at this path.");
  if (allowed.empty())
    throw HttpError(404, "not_found", "There is nothing at this path; /openapi.json lists what there is.");
  if (request.method == "OPTIONS") return preflight(request, allowed);
  HttpError error(405, "method_not_allowed", fmt::format("This path takes {}.", allowed));
  error.headers.emplace_back("Allow", allowed + ", OPTIONS");
  throw error;
}

Response Service::preflight(const Request& request, const std::string& allowed) const {
  Response response{.status = 204};
  response.headers.emplace_back("Allow", allowed + ", OPTIONS");
  if (request.header("origin").empty() || settings_.allowed_origins.empty()) return response;
  response.headers.emplace_back("Access-Control-Allow-Methods", allowed);
  response.headers.emplace_back("Access-Control-Allow-Headers", "Authorization, Content-Type, X-File-Name");
  response.headers.emplace_back("Access-Control-Max-Age", "600");
  return response;
}

Response Service::refusal(const HttpError& error) {
  Response response = error_response(error);
  add_safety_headers({}, response);
  return response;
}

void Service::add_safety_headers(const Request& request, Response& response) const {
  const auto has = [&](const char* name) {
    return std::any_of(response.headers.begin(), response.headers.end(),
                       [&](const auto& header) { return header.first == name; });
  };
  const auto add = [&](const char* name, const std::string& value) {
    if (!has(name)) response.headers.emplace_back(name, value);
  };
  add("Content-Security-Policy", kPolicy);
  add("Cache-Control", "no-store");
  add("X-Content-Type-Options", "nosniff");
  add("X-Frame-Options", "DENY");
  add("Referrer-Policy", "no-referrer");
  add("Cross-Origin-Resource-Policy", "same-origin");
  add("X-Request-Id", request.id);
  if (settings_.allowed_origins.empty()) return;
  add("Vary", "Origin");
  const std::string_view origin = request.header("origin");
  if (std::find(settings_.allowed_origins.begin(), settings_.allowed_origins.end(), origin) !=
      settings_.allowed_origins.end())
    add("Access-Control-Allow-Origin", std::string(origin));
}

const Route* Service::route_of(const Request& request) const {
  std::vector<std::string> captured;
  std::string allowed;
  return router_.find(request.method == "HEAD" ? "GET" : request.method, request.path, captured, allowed);
}

void Service::finished(const Request& request, const Response& response, const Transfer& transfer) {
  if (request.counted) {
    const std::lock_guard lock(mutex_);
    const auto turns = turns_.find(request.client);
    if (--turns->second == 0) turns_.erase(turns);
  }
  constexpr int kClientHasGone = 499;  // as web servers log it
  const int status = transfer.client_has_gone ? kClientHasGone : response.status;
  const double seconds = std::chrono::duration<double>(Clock::now() - request.received).count();
  const Route* route = route_of(request);
  metrics_.count_request(route == nullptr ? "other" : route->pattern, status, seconds);
  if (response.inspection) metrics_.count_inspection(*response.inspection);

  Json line = {{"id", request.id},
               {"client", request.client},
               {"method", request.method},
               {"path", request.path.substr(0, 200)},
               {"status", status},
               {"ms", std::round(seconds * 1e5) / 100},
               {"received", transfer.received},
               {"sent", transfer.sent}};
  if (response.inspection) {
    const Inspection& inspection = *response.inspection;
    line["model"] = inspector_.detector().options().model;
    line["image"] = inspection.image_sha256;
    if (inspection.score) line["score"] = *inspection.score;
    if (!inspection.verdict.empty()) line["verdict"] = inspection.verdict;
    for (const auto& [stage, time] : inspection.seconds)
      line["stages_ms"][stage] = std::round(time * 1e5) / 100;
  }
  const Severity severity = status >= 500                      ? Severity::kError
                            : status >= 400                    ? Severity::kWarning
                            : route != nullptr && route->quiet ? Severity::kDebug
                                                               : Severity::kInfo;
  log_.write(severity, line);
}

}  // namespace anomalyvlm::serve
