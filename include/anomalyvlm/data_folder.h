#pragma once
// What is installed with the library: prompts for common products, and the words that the embedded model
// knows. The argument `data_folder` is that of DetectorOptions.
#include <filesystem>
#include <string>
#include <vector>

#include "anomalyvlm/export.h"
#include "anomalyvlm/prompt.h"

namespace anomalyvlm {

// The folder that holds "models" and "prompts": `data_folder` if not empty, else $ANOMALYVLM_DATA, else
// beside the program or library (a build tree or an installation). Throws Error(kIo) that says where it
// looked.
ANOMALYVLM_API std::filesystem::path find_data_folder(const std::filesystem::path& data_folder = {});

// The prompt file of this name, for load_prompt(): a path if there is such a file or the path is absolute,
// else an installed prompt by its name ("generic", "mvtec/bottle", "screw"). Throws Error(kIo) if there is
// none.
ANOMALYVLM_API std::filesystem::path find_prompt(const std::string& name,
                                                 const std::filesystem::path& data_folder = {});

// The kinds of defects that the embedded model was trained on: of each its usual name, then its synonyms.
// Throws Error: kIo, kBadModel.
ANOMALYVLM_API std::vector<std::vector<std::string>> known_defect_kinds(
    const std::filesystem::path& data_folder = {});

// A sentence for each sought phrase with words that the embedded model does not know. Throws Error: kIo,
// kBadModel.
ANOMALYVLM_API std::vector<std::string> notes_on_words(const HybridPrompt& prompt,
                                                       const std::filesystem::path& data_folder = {});

}  // namespace anomalyvlm
