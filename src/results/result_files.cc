#include "results/result_files.h"

#include <map>

#include "anomalyvlm/codec.h"
#include "anomalyvlm/results.h"
#include "core/check.h"
#include "core/listing.h"
#include "core/platform.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNear = 64;  // bytes within which a result's JSON says what it is

// As to_json() begins.
bool is_result_json(std::string_view start) {
  return start.starts_with('{') &&
         start.find("\"format\": \"anomalyvlm.detection\"") != std::string_view::npos;
}

std::string stem_of(const fs::path& input) {
  const std::string stem = input.stem().string();
  if (stem.empty() || stem == "." || stem == "..")
    fail(ErrorKind::kBadInput, "'{}' is not an image file: it has no name to call the results by.",
         input.string());
  return stem;
}

}  // namespace

void check_stem(const std::string& stem) {
  if (stem.empty()) fail(ErrorKind::kBadInput, "The results need a name: ResultOptions::stem is empty.");
  if (stem == "." || stem == ".." || stem.find_first_of(std::string_view("/\0", 2)) != std::string::npos)
    fail(ErrorKind::kBadInput,
         "The results cannot be called '{}': ResultOptions::stem is a name without folders.", stem);
}

bool is_result_file(const fs::path& path) {
  std::error_code ignored;
  if (fs::symlink_status(path, ignored).type() != fs::file_type::regular) return false;
  try {
    if (is_result_json(read_start(path, kNear))) return true;
    const std::string content = read_file(path);
    return software_of({reinterpret_cast<const std::uint8_t*>(content.data()), content.size()}) ==
           kResultSoftware;
  } catch (const Error&) {  // what cannot be read is not ours
    return false;
  }
}

void check_replaceable(const fs::path& path, bool overwrite) {
  std::error_code ignored;
  const fs::file_type type = fs::symlink_status(path, ignored).type();
  const fs::file_type meant = fs::status(path, ignored).type();  // by a link
  const bool replaceable = meant == fs::file_type::regular || meant == fs::file_type::not_found;
  if (type == fs::file_type::not_found || (overwrite ? replaceable : is_result_file(path))) return;
  if (meant == fs::file_type::directory)
    fail(ErrorKind::kBadInput,
         "A result would be called '{}', which is a folder. Choose another folder for the "
         "results.",
         path.string());
  if (!replaceable)
    fail(ErrorKind::kBadInput,
         "A result would be called '{}', which is a pipe or a device. Choose another folder for the results.",
         path.string());
  fail(ErrorKind::kBadInput,
       "'{}' is there and is not a result of an earlier call. Choose another folder for the results, or let "
       "them "
       "replace it (--overwrite).",
       path.string());
}

std::vector<std::string> plan_outputs(std::span<const fs::path> inputs, const ResultOptions& options,
                                      std::span<const fs::path> folders) {
  if (!folders.empty() && folders.size() != inputs.size())
    fail(ErrorKind::kBadInput,
         "There are {} folders for the results of {} images; there must be one for each.", folders.size(),
         inputs.size());
  std::map<fs::path, const fs::path*> given;  // inputs, in a form to compare
  for (const fs::path& input : inputs) {
    const auto [other, fresh] = given.emplace(place_of(input), &input);
    if (!fresh) fail(ErrorKind::kBadInput, "'{}' is given twice; nothing was done.", input.string());
  }
  std::map<fs::path, const fs::path*> taken;
  std::vector<std::string> stems;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const fs::path& input = inputs[i];
    ResultOptions own = options;
    own.stem = stem_of(input);
    if (!folders.empty()) own.dir = options.dir / folders[i];
    for (const fs::path& path : result_paths(own)) {
      const fs::path result = place_of(path);
      if (const auto [other, fresh] = taken.emplace(result, &input); !fresh)
        fail(ErrorKind::kBadInput,
             "'{}' and '{}' would both write '{}'; rename one of them or do them in separate calls. Nothing "
             "was done.",
             other->second->string(), input.string(), path.string());
      if (const auto replaced = given.find(result); replaced != given.end())
        fail(ErrorKind::kBadInput,
             "The results for '{}' would replace the image '{}'; choose another folder for them. Nothing was "
             "done.",
             input.string(), replaced->second->string());
      check_replaceable(path, options.overwrite);
    }
    stems.push_back(own.stem);
  }
  return stems;
}

}  // namespace anomalyvlm
