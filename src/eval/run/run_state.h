#pragma once
// What lies in a folder before a run begins or goes on there: its own files, what an ended process left of
// them, or somebody else's. Private to RunFolder.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "eval/run/plan.h"

namespace anomalyvlm::eval {

// run.json, as far as it can be believed.
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

// By which each line of results.jsonl says to which configuration it belongs.
std::string run_digest(const Json& configuration);
// Those of the lines that are whole, each once.
std::vector<std::string> runs_of_lines(const std::filesystem::path& folder);

// Throws Error(kBadInput) where the folder holds other people's files, or something that is no file in the
// place of one. Changes nothing.
void check_folder(const std::filesystem::path& folder);

// Removes what processes that were ended left half-written. For who has the run to himself.
void remove_leftovers(const std::filesystem::path& folder);

// Of run.json.
constexpr const char* kRunFormat = "anomalyvlm.run 2";

}  // namespace anomalyvlm::eval
