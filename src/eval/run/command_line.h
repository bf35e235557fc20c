#pragma once
// Command lines with which users repeat or continue a run.
#include <filesystem>
#include <string>

#include "anomalyvlm/detector.h"
#include "eval/metrics/evaluation_result.h"
#include "eval/run/plan.h"

namespace anomalyvlm::eval {

// A word as a POSIX shell takes it: quoted where it has to be.
std::string shell_word(const std::string& text);

// The options of detect that choose model, machine, size and tiles, each after a blank; not those that say
// what is so anyway.
std::string detector_words(const DetectorOptions& options);

// The same for what 'reference build' is told of references.
std::string reference_words(const ReferenceOptions& options);

// How anomalyvlm detect gives the maps of a category's run, but for their size: the options that choose model
// and image size, the prompt's file, and what the metrics suggest as threshold of the mask and limit of the
// score. Empty where no options of detect do the same as those of the run.
std::string detect_command(const RunPlan& plan, const CategoryResult& category,
                           const std::filesystem::path& prompt_file);

// What is not the same with it, as sentences; none: all is.
std::vector<std::string> detect_notes(const RunPlan& plan);

}  // namespace anomalyvlm::eval
