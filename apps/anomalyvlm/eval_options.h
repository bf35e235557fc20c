#pragma once
// What the commands eval and study have in common: their options, and the run that these ask for.
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli_fwd.h"
#include "detector/loaded.h"
#include "detector/methods.h"
#include "eval/run/plan.h"
#include "eval/run/run_folder.h"
#include "prompt_options.h"

namespace anomalyvlm::cli {

class EvalOptions {
 public:
  // `default_out`: of --out, before the data set's name.
  EvalOptions(CLI::App& app, const std::string& default_out);

  // A run whose images have all been tried.
  struct Run {
    eval::RunPlan plan;
    std::shared_ptr<const Judge> judge;
    std::unique_ptr<eval::RunFolder> folder;
    std::vector<std::string> failures;  // images that could not be read: sentences
  };
  // Runs what is not done yet, with progress on the terminal. `compare_phrases`: asks for the names of the
  // defects and for "defect" too. Throws Error.
  Run run(bool compare_phrases) const;

  std::filesystem::path out() const;
  std::string command() const;  // as it was given, quoted for a shell
  const std::string& method() const { return given_->detector.method; }
  // Throws UsageError for a method that cannot be run on the same images with these options, Error(kIo) where
  // its weights are not there: what with_method() would end with, much later.
  void require_beside(const MethodEntry& method) const;
  bool reads_standard_input() const { return prompt_options_.reads_standard_input(); }

  // Command lines of other runs over the same images, into another folder: these options as they were given,
  // without what a command has declared beside them.
  std::vector<std::string> with_model(const std::string& model, const std::filesystem::path& out) const;
  // The method's own default model and profile. What it does not have is left out, as is --score-limit, for
  // scores are on another scale. Where it compares with no references, theirs are left out. `side`: of this
  // run.
  std::vector<std::string> with_method(const MethodEntry& method, int side,
                                       const std::filesystem::path& out) const;

 private:
  struct Given {
    std::string dataset, root, out, split, prompts, masks_orientation = "auto";
    std::vector<std::string> categories;
    int mask_above = -1, side = -1, jobs = 1, bits = 0;
    std::size_t limit = 0;
    std::optional<double> score_limit;
    std::size_t references = 0, left_out = 0;
    std::uint64_t seed = 1;
    bool mutual = false;
    ReferenceOptions reference;
    DetectorOptions detector;
  };
  // A data set without its references, and these.
  struct Data {
    eval::Dataset dataset;
    std::vector<eval::CategoryReferences> references;
  };
  Data data() const;
  // Options of another run in place of this one's; none: it goes without that one.
  using Changes = std::map<std::string, std::optional<std::string>, std::less<>>;
  std::vector<std::string> arguments(const Changes& changes) const;
  eval::RunPlan plan(const Data& data, const DetectorOptions& loaded, bool compare_phrases) const;

  std::shared_ptr<Given> given_ = std::make_shared<Given>();
  PromptOptions prompt_options_;
  std::string default_out_;
  const CLI::App* app_;
  std::set<std::string> own_;  // names of the options that are declared here
};

}  // namespace anomalyvlm::cli
