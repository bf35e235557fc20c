#pragma once
// How an image's evidence was gathered. It is kept with each image, since a run may be continued on another
// machine or with another build, which the report must show.
#include <string>
#include <utility>
#include <vector>

#include "detector/loaded.h"

namespace anomalyvlm::eval {

// Names and values for people, in order: "threads", "8".
using Provenance = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kModels = "models";    // the name of the line that says which models
constexpr const char* kCommand = "command";  // of that with the command line

// Of this process. `command`: the command line that asks for the run, empty if unknown.
Provenance provenance_of(const LoadedDetector& detector, int jobs, const std::string& command);

// One line a name; where the images differ all values, each with how many images it is of.
Provenance united(const std::vector<Provenance>& images);

// A sentence where not all images were gathered in the same way; empty: they were. Command lines that differ
// say nothing of that: what matters of them is in the other lines, or must be the same for a run to go on.
std::string mixed_note(const std::vector<Provenance>& images);

}  // namespace anomalyvlm::eval
