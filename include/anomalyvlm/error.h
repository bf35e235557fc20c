#pragma once
// The one exception type of the library. Its text is one sentence for a person: what was wrong and what to
// do.
#include <stdexcept>
#include <string>

namespace anomalyvlm {

enum class ErrorKind {
  kBadInput,   // an image, an option or an argument is not usable
  kBadModel,   // a weight file is missing tensors, damaged, or of another architecture
  kBadPrompt,  // a prompt, a rule or a sentence was not understood
  kIo,         // a file could not be read or written
  kInternal,   // a defect of this program
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace anomalyvlm
