#include "anomalyvlm/data_folder.h"

#include <cstdlib>

#include "core/check.h"
#include "core/closest.h"
#include "core/listing.h"
#include "core/platform.h"
#include "detector/boundary.h"
#include "detector/registry.h"
#include "models/nano/lexicon.h"
#include "models/nano/unknown_words.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExamples = "examples";

// Those that come with the program, as --prompt takes them: "generic", "mvtec/bottle", "screw".
std::vector<std::string> names_of_prompts(const fs::path& own) {
  std::vector<std::string> names;
  for (const std::string& file : list_folder(own).files) names.push_back(fs::path(file).stem());
  for (const std::string& folder : list_folder(own).folders)
    for (const std::string& file : list_folder(own / folder).files)
      names.push_back((folder == kExamples ? fs::path() : fs::path(folder)) / fs::path(file).stem());
  return names;
}

nano::Lexicon lexicon_of(const fs::path& data_folder) {
  return nano::Lexicon::from_metadata(*load_weights(nano_weights(data_folder)));
}

}  // namespace

fs::path find_data_folder(const fs::path& given) {
  const auto holds = [](const fs::path& folder) {
    std::error_code error;
    return !folder.empty() && fs::is_directory(folder / "models", error);
  };
  if (!given.empty()) {
    if (holds(given)) return given;
    fail(ErrorKind::kIo, "The data folder '{}' has no folder \"models\".", given.string());
  }
  if (const char* variable = std::getenv("ANOMALYVLM_DATA"); variable && *variable) {
    if (holds(variable)) return variable;
    fail(ErrorKind::kIo, "ANOMALYVLM_DATA is '{}', which has no folder \"models\".", variable);
  }
  const fs::path module = module_directory();
  // Installed beside the program (bin/) or the library (lib/, lib/x86_64-linux-gnu/); a build tree's bin/.
  for (const fs::path& place : {module / "../share/anomalyvlm", module / "../../share/anomalyvlm",
                                module / "../../..", fs::path(AVLM_DATA_DIR)}) {
    if (holds(place)) return place.lexically_normal();
  }
  fail(ErrorKind::kIo,
       "The models were not found near '{}' nor in '{}'; set ANOMALYVLM_DATA to the folder that holds "
       "\"models\".",
       module.string(), AVLM_DATA_DIR);
}

fs::path find_prompt(const std::string& name, const fs::path& data_folder) {
  std::error_code ignored;
  const bool is_absolute = fs::path(name).is_absolute();
  if ((fs::exists(name, ignored) && !is_folder(name)) || is_absolute) return name;
  constexpr std::string_view kOwn = "prompts/";
  const std::string below = name.starts_with(kOwn) ? name.substr(kOwn.size()) : name;
  const fs::path own = find_data_folder(data_folder) / "prompts";
  for (const fs::path& folder : {own, own / kExamples})
    for (const std::string& file : {below, below + ".toml"})
      if (is_file(folder / file)) return folder / file;
  const std::string stem = below.ends_with(".toml") ? below.substr(0, below.size() - 5) : below;
  const std::string meant = closest(stem, names_of_prompts(own));
  fail(ErrorKind::kIo,
       "There is no prompt file '{}', neither at this place nor among those that come with the program "
       "('{}'){}",
       name, own.string(), meant.empty() ? "." : fmt::format("; did you mean {}?", meant));
}

std::vector<std::vector<std::string>> known_defect_kinds(const fs::path& data_folder) {
  return guarded([&] { return lexicon_of(data_folder).families(); });
}

std::vector<std::string> notes_on_words(const HybridPrompt& prompt, const fs::path& data_folder) {
  const nano::Lexicon lexicon = lexicon_of(data_folder);
  std::vector<std::string> notes;
  for (const std::string& phrase : sought_phrases(prompt)) {
    const std::string unknown = nano::unknown_words(lexicon, phrase);
    if (unknown.empty()) continue;
    const bool other = !lexicon.indices(phrase).empty();
    notes.push_back(fmt::format("nano does not know {}: \"{}\" is {}.", unknown, phrase,
                                other ? "understood by its other words" : "taken as any defect"));
  }
  return notes;
}

}  // namespace anomalyvlm
