#include <fmt/format.h>

#include <charconv>

#include "serve/service/routes.h"

namespace anomalyvlm::serve {
namespace {

// "%C3%BC" in a header becomes its bytes.
std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const bool escape =
        text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3;
    decoded += escape ? static_cast<char>(value) : text[i];
    if (escape) i += 2;
  }
  return decoded;
}

// Of the query, and the file's name as the header has it.
InspectOptions query_options(const Request& request) {
  InspectOptions options;
  if (!request.header("x-file-name").empty())
    options.name = safe_name(percent_decoded(request.header("x-file-name")));
  read_options(request.query, options);
  return options;
}

// Those, and of the body, which is a JSON object or empty.
InspectOptions body_options(const Inspector& inspector, const Request& request) {
  InspectOptions options = query_options(request);
  if (!request.body.empty())
    read_options(parse_json(request.body, inspector.limits().json_depth, "The request's body"), options);
  return options;
}

// A form: the image, the prompt, and other options.
Response detect_form(Inspector& inspector, const Request& request, InspectOptions options) {
  const Part* image = nullptr;
  for (const Part& part : request.parts) {
    if (part.name == "image") {
      image = &part;
      if (!part.file_name.empty()) options.name = safe_name(part.file_name);
    } else if (part.name == "options") {
      read_options(parse_json(part.bytes, inspector.limits().json_depth, "The part 'options'"), options);
    } else {
      read_options(Json{{part.name, part.bytes}}, options);
    }
  }
  if (image == nullptr) throw HttpError(400, "no_image", "The form has no part 'image'.");
  return inspector.detect(request, image->bytes, options);
}

Response detect(Inspector& inspector, const Request& request) {
  const InspectOptions options = query_options(request);
  if (request.header("content-type").starts_with("multipart/form-data"))
    return detect_form(inspector, request, options);
  return inspector.detect(request, request.body, options);
}

Response dropped(bool there) {
  if (!there) throw HttpError(404, "not_found", "There is nothing of this name (any more).");
  return {.status = 204};
}

Response make_references(Inspector& inspector, const Request& request) {
  const Json body = parse_json(request.body, inspector.limits().json_depth, "The request's body");
  const char* const kWanted = "The body is not {\"images\": [ID, ...]}, with one ID or more.";
  if (!body.is_object() || body.size() != 1 || !body.contains("images") || !body["images"].is_array() ||
      body["images"].empty())
    throw HttpError(400, "bad_option", kWanted);
  std::vector<std::string> ids;
  for (const Json& id : body["images"]) {
    if (!id.is_string()) throw HttpError(400, "bad_option", kWanted);
    ids.push_back(id.get<std::string>());
  }
  return inspector.make_references(request, ids);
}

}  // namespace

void add_inspection_routes(Router& router, Inspector& inspector) {
  const auto add = [&](const char* method, const char* pattern, auto handle) {
    router.add({.method = method, .pattern = pattern, .handle = [&inspector, handle](const Request& request) {
                  return handle(inspector, request);
                }});
  };
  add("POST", "/v1/detect", detect);
  add("POST", "/v1/images", [](Inspector& i, const Request& r) { return i.keep(r, query_options(r)); });
  add("DELETE", "/v1/images/{id}",
      [](Inspector& i, const Request& r) { return dropped(i.drop(r, r.captured[0])); });
  add("POST", "/v1/images/{id}/judge",
      [](Inspector& i, const Request& r) { return i.judge(r, r.captured[0], body_options(i, r)); });
  for (const char* what : {"overlay", "map", "saliency", "mask", "image"})
    router.add({.method = "GET",
                .pattern = fmt::format("/v1/images/{{id}}/{}", what),
                .handle = [&inspector, what](const Request& r) {
                  return inspector.layer(r, r.captured[0], what, query_options(r));
                }});
  add("POST", "/v1/references", make_references);
  add("DELETE", "/v1/references/{id}",
      [](Inspector& i, const Request& r) { return dropped(i.drop_references(r, r.captured[0])); });
}

}  // namespace anomalyvlm::serve
