#include "serve/service/json.h"

#include <fmt/format.h>

#include "anomalyvlm/error.h"

namespace anomalyvlm::serve {

Json parse_json(std::string_view text, int max_depth, const char* what, std::size_t most_bytes) {
  if (text.size() > most_bytes)
    throw HttpError(
        413, "json_too_large",
        fmt::format("{} has {} bytes of JSON; at most {} are read.", what, text.size(), most_bytes));
  const auto limit_depth = [&](int depth, Json::parse_event_t, const Json&) {
    if (depth > max_depth)
      throw HttpError(400, "json_too_deep",
                      fmt::format("{} is nested more than {} levels deep.", what, max_depth));
    return true;
  };
  try {
    return Json::parse(text.begin(), text.end(), limit_depth);
  } catch (const Json::parse_error& error) {
    throw HttpError(400, "malformed_json",
                    fmt::format("{} is not valid JSON: there is a mistake at byte {}.", what, error.byte));
  } catch (const Json::exception&) {
    throw HttpError(400, "malformed_json", fmt::format("{} has a number that is too large.", what));
  }
}

std::string to_text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Response json_response(const Json& json, int status) {
  return {.status = status, .content_type = "application/json", .body = to_text(json) + "\n"};
}

Response error_response(const HttpError& error) {
  Json body = {{"code", error.code}, {"message", error.what()}};
  if (error.place) {
    body["begin"] = error.place->first;
    body["end"] = error.place->second;
  }
  Response response = json_response({{"error", std::move(body)}}, error.status);
  response.headers = error.headers;
  return response;
}

Response kserve_error_response(const HttpError& error) {
  Response response = json_response({{"error", error.what()}, {"code", error.code}}, error.status);
  response.headers = error.headers;
  return response;
}

HttpError as_http_error(const std::exception& error) {
  if (const auto* http = dynamic_cast<const HttpError*>(&error)) return *http;
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr)
    return {503, "no_memory", "There is not enough memory for this request."};
  const auto* known = dynamic_cast<const Error*>(&error);
  if (known == nullptr) return {500, "internal", "The server failed; its log says more."};
  switch (known->kind()) {
    case ErrorKind::kBadInput:
    case ErrorKind::kBadPrompt:
      return {422, known->code(), known->what()};
    case ErrorKind::kIo:  // names the server's files
      return {500, known->code(), "The server could not read one of its files; its log says more."};
    case ErrorKind::kNoMemory:
      return {503, known->code(), known->what()};
    case ErrorKind::kCancelled:
      return {504, "deadline", "The request took longer than it was given."};
    default:
      return {500, known->code(), known->what()};
  }
}

}  // namespace anomalyvlm::serve
