#pragma once
// The options that make a hybrid prompt: a file, sentences (stronger), single rules (strongest).
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "anomalyvlm/prompt.h"
#include "cli_fwd.h"

namespace anomalyvlm::cli {

class PromptOptions {
 public:
  // `file`: how the prompt file is named, "--prompt" or "FILE".
  PromptOptions(CLI::App& app, const std::string& file);
  // Of all sources together; `without` when nothing was given. Throws Error(kBadPrompt).
  HybridPrompt prompt(const HybridPrompt& without = generic_prompt()) const;
  // The same, but over a prompt that holds where nothing else is said; a file takes its place as a whole.
  HybridPrompt over(const HybridPrompt& base) const;
  // What a person should know of prompt(): what holds where nothing was given.
  std::vector<std::string> notes() const;

  bool reads_standard_input() const { return given_->file == "-"; }

 private:
  bool nothing_given() const { return given_->file.empty() && given_->options.empty(); }

  struct Given {
    std::string file;
    std::vector<std::pair<std::string, std::string>> options;  // in the order of the command line
  };
  std::shared_ptr<Given> given_ = std::make_shared<Given>();
};

}  // namespace anomalyvlm::cli
