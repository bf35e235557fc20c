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
  // The same, on top of a default prompt; a prompt file replaces the default as a whole.
  HybridPrompt over(const HybridPrompt& base) const;
  // A note for the user on prompt(): the defaults that apply if nothing was given.
  std::vector<std::string> notes() const;

  // The text that it is made of, if that is sentences and nothing else; otherwise empty.
  std::string sentences() const;

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
