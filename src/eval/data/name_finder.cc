#include "eval/data/name_finder.h"

#include "core/check.h"
#include "core/listing.h"
#include "text/unicode.h"

namespace anomalyvlm::eval {

namespace fs = std::filesystem;

const NameFinder::Entries& NameFinder::entries_of(const std::string& folder) {
  const auto [at, is_new] = folders_.try_emplace(folder);
  if (!is_new || !is_folder(root_ / folder)) return at->second;
  const Listing listing = list_folder(root_ / folder);
  for (const auto* names : {&listing.folders, &listing.files})
    for (const std::string& name : *names) at->second[folded_text(name)].push_back(name);
  return at->second;
}

std::optional<std::string> NameFinder::find(const std::string& name, const std::string& where) {
  if (is_file(root_ / name)) return name;
  fs::path real;
  for (const fs::path& part : fs::path(name)) {
    std::error_code ignored;
    if (fs::exists(root_ / real / part, ignored)) {
      real /= part;
      continue;
    }
    const Entries& entries = entries_of(real.generic_string());
    const auto found = entries.find(folded_text(part.string()));
    if (found == entries.end()) return std::nullopt;
    if (found->second.size() > 1)
      fail(ErrorKind::kBadInput, "{} names '{}', which may be any of {}: they differ in capitals only.",
           where, in_message(name), in_message(found->second));
    real /= found->second.front();
  }
  if (!is_file(root_ / real)) return std::nullopt;
  ++respelt_;
  return real.generic_string();
}

std::string NameFinder::existing(const std::string& name, const std::string& where) {
  if (auto found = find(name, where)) return *std::move(found);
  fail(ErrorKind::kBadInput, "{} names the file '{}', which is not there.", where,
       in_message((root_ / name).string()));
}

std::string NameFinder::note(const std::string& list) const {
  if (respelt_ == 0) return "";
  return fmt::format("{} in '{}' {} matched to {} in capitals or in how accents are composed.",
                     counted(respelt_, "name"), list, respelt_ == 1 ? "was" : "were",
                     respelt_ == 1 ? "a file whose name differs" : "files whose names differ");
}

}  // namespace anomalyvlm::eval
