#pragma once
// JSON from and to clients.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "serve/http/message.h"

namespace anomalyvlm::serve {

using Json = nlohmann::ordered_json;

// Throws HttpError(400) for what is no JSON (RFC 8259), or is nested deeper, HttpError(413) for more bytes
// (as values they take many times the memory). `what`: "The request's body".
Json parse_json(std::string_view text, int max_depth, const char* what, std::size_t most_bytes = 1 << 20);
// Bytes that are no UTF-8 are replaced.
std::string to_text(const Json& json);

Response json_response(const Json& json, int status = 200);
// {"error": {"code": ..., "message": ...}}, with a place in the prompt's text if the error has one.
Response error_response(const HttpError& error);
// The same as KServe's protocol has it: {"error": SENTENCE, "code": ...}
Response kserve_error_response(const HttpError& error);
// The status and code of an error of the library.
HttpError as_http_error(const std::exception& error);

}  // namespace anomalyvlm::serve
