#include "weights/name_check.h"

#include <algorithm>
#include <map>

#include "weights/excerpt.h"

namespace anomalyvlm {

namespace {

constexpr std::size_t kListed = 12;

bool ignored(std::string_view name, std::span<const std::string> patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches(pattern, name); });
}

// "3 missing: a, b, c" and, of a long list, only its beginning.
void add_list(std::string& text, std::string_view what, const std::vector<std::string>& items) {
  if (items.empty()) return;
  const std::size_t shown = std::min(items.size(), kListed);
  text += fmt::format("\n  {} {}: {}", items.size(), what,
                      fmt::join(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  if (items.size() > shown) text += fmt::format(" and {} more", items.size() - shown);
}

}  // namespace

bool matches(std::string_view pattern, std::string_view name) {
  // The last '*' passed takes up one more character each time that what follows it does not fit.
  std::size_t p = 0, n = 0, after_star = std::string_view::npos, taken = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      after_star = ++p;
      taken = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p, ++n;
    } else if (after_star != std::string_view::npos) {
      p = after_star;
      n = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

void check_names(const WeightFile& file, std::string_view model, std::span<const ExpectedTensor> expected,
                 std::span<const std::string> ignorable) {
  std::vector<std::string> missing, misshapen, extra;
  std::map<std::string_view, const ExpectedTensor*> wanted;
  for (const ExpectedTensor& want : expected) {
    if (!wanted.emplace(want.name, &want).second) continue;
    const Tensor* found = file.find(want.name);
    if (found == nullptr) {
      const auto type = file.unreadable().find(want.name);
      missing.push_back(
          type == file.unreadable().end()
              ? want.name
              : fmt::format("{} (there, but of the unknown element type {})", want.name, type->second));
    } else if (found->shape() != want.shape) {
      misshapen.push_back(
          fmt::format("{} is {}, not {}", want.name, to_string(found->shape()), to_string(want.shape)));
    }
  }
  for (const auto& [name, tensor] : file.tensors())
    if (!wanted.contains(name) && !ignored(name, ignorable)) extra.push_back(excerpt(name));
  if (missing.empty() && misshapen.empty() && extra.empty()) return;
  std::string text = fmt::format("{}: these weights do not fit the model {}:", file.source(), model);
  add_list(text, "missing", missing);
  add_list(text, "of another shape", misshapen);
  add_list(text, "not part of the model", extra);
  throw Error(ErrorKind::kBadModel, text);
}

}  // namespace anomalyvlm
