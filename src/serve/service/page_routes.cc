#include <fmt/format.h>

#include <array>

#include "core/digest.h"
#include "serve/service/embedded.h"
#include "serve/service/routes.h"

namespace anomalyvlm::serve {
namespace {

constexpr const char* kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src "
    "'self'; base-uri 'none'; form-action "
    "'none'; frame-ancestors 'none'";

constexpr std::array<std::array<std::string_view, 2>, 5> kTypes = {{{".html", "text/html; charset=utf-8"},
                                                                    {".js", "text/javascript; charset=utf-8"},
                                                                    {".css", "text/css; charset=utf-8"},
                                                                    {".svg", "image/svg+xml"},
                                                                    {".json", "application/json"}}};

std::string type_of(std::string_view name) {
  for (const auto& [ending, type] : kTypes)
    if (name.ends_with(ending)) return std::string(type);
  return "application/octet-stream";
}

// Browsers ask each time whether the file has changed: another version of the program has other files.
Response embedded_answer(const Request& request, std::string_view name) {
  const EmbeddedFile* file = find_embedded(name);
  if (file == nullptr) throw HttpError(404, "not_found", "The page has no such file.");
  const std::string tag = fmt::format("\"{:016x}\"", digest_of(file->bytes.data(), file->bytes.size()));
  Response response;
  response.headers = {{"ETag", tag}, {"Cache-Control", "no-cache"}};
  // Also with 304: browsers take over the headers of that.
  if (name.ends_with(".html")) response.headers.emplace_back("Content-Security-Policy", kPagePolicy);
  // Alone, in a list, or weak as a proxy that compresses makes it.
  if (request.header("if-none-match").find(tag) != std::string_view::npos) {
    response.status = 304;
    return response;
  }
  response.content_type = type_of(name);
  response.body = file->bytes;
  return response;
}

}  // namespace

void add_page_routes(Router& router) {
  const auto add = [&](const char* pattern, auto name_of) {
    router.add({.method = "GET",
                .pattern = pattern,
                .handle = [name_of](const Request& r) { return embedded_answer(r, name_of(r)); },
                .open = true,
                .quiet = true});
  };
  add("/", [](const Request&) { return std::string("index.html"); });
  add("/page/{name}", [](const Request& r) { return r.captured[0]; });
  add("/openapi.json", [](const Request&) { return std::string("openapi.json"); });
}

}  // namespace anomalyvlm::serve
