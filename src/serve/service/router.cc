#include "serve/service/router.h"

#include <algorithm>

namespace anomalyvlm::serve {
namespace {

// Takes a part up to the next '/' off a path.
std::string_view take_part(std::string_view& path) {
  const std::size_t slash = std::min(path.find('/'), path.size());
  const std::string_view part = path.substr(0, slash);
  path.remove_prefix(std::min(slash + 1, path.size()));
  return part;
}

bool matches(std::string_view pattern, std::string_view path, std::vector<std::string>& captured) {
  if (std::count(pattern.begin(), pattern.end(), '/') != std::count(path.begin(), path.end(), '/'))
    return false;
  captured.clear();
  while (!pattern.empty() || !path.empty()) {
    const std::string_view wanted = take_part(pattern), given = take_part(path);
    if (wanted.starts_with('{')) {
      if (given.empty()) return false;
      captured.emplace_back(given);
    } else if (wanted != given) {
      return false;
    }
  }
  return true;
}

}  // namespace

const Route* Router::find(std::string_view method, std::string_view path, std::vector<std::string>& captured,
                          std::string& allowed) const {
  allowed.clear();
  for (const Route& route : routes_) {
    if (!matches(route.pattern, path, captured)) continue;
    if (route.method == method) return &route;
    allowed += (allowed.empty() ? "" : ", ") + route.method;
    if (route.method == "GET") allowed += ", HEAD";
  }
  captured.clear();
  return nullptr;
}

}  // namespace anomalyvlm::serve
