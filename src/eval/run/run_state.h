#pragma once
// The contents of a folder before a run starts or continues there: the run's own files, what an interrupted
// process left of them, or somebody else's. Private to RunFolder.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "eval/run/plan.h"

namespace anomalyvlm::eval {

// run.json, and whether it can be trusted.
struct SavedRun {
  enum State {
    kNone,     // there is none
    kWhole,    // `json` is what it says
    kDamaged,  // of this program, but empty or changed since it was written
    kOther,    // something else, or of another version of this program
  };
  State state = kNone;
  Json json = {};
};
SavedRun read_run(const std::filesystem::path& folder);
void write_run(const std::filesystem::path& folder, const Json& run);

// Identifies the configuration to which a line of results.jsonl belongs.
std::string run_digest(const Json& configuration);
// Those of the lines that are whole, each once.
std::vector<std::string> runs_of_lines(const std::filesystem::path& folder);

// Throws Error(kBadInput) if the folder holds other files, or something that is not a file in the place of
// one. Changes nothing.
void check_folder(const std::filesystem::path& folder);

// Removes what interrupted processes left half-written. Requires exclusive use of the run.
void remove_leftovers(const std::filesystem::path& folder);

// Of run.json.
constexpr const char* kRunFormat = "anomalyvlm.run 2";

}  // namespace anomalyvlm::eval
