#pragma once
// Which function answers which path.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/http/message.h"

namespace anomalyvlm::serve {

struct Route {
  std::string method;   // "GET"
  std::string pattern;  // "/v1/images/{id}/judge": "{...}" stands for one part of a path
  std::function<Response(const Request&)> handle;
  bool open = false;   // needs no token
  bool quiet = false;  // asked so often that only failures are logged
};

class Router {
 public:
  void add(Route route) { routes_.push_back(std::move(route)); }
  const std::vector<Route>& routes() const { return routes_; }

  // nullptr: there is none; then `allowed` gives the methods that the path has ("GET, DELETE"; empty: no such
  // path). `captured`: what stands for the pattern's "{...}".
  const Route* find(std::string_view method, std::string_view path, std::vector<std::string>& captured,
                    std::string& allowed) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace anomalyvlm::serve
