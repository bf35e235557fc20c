#pragma once
// The exception type of the library. Its text is one sentence for the user: what was wrong and what to do.
#include <stdexcept>
#include <string>

namespace anomalyvlm {

enum class ErrorKind {
  kBadInput,   // an image, an option or an argument is unusable
  kBadModel,   // a weight file lacks tensors, is damaged, or has another architecture
  kBadPrompt,  // a prompt, a rule or a sentence was not understood
  kIo,         // a file could not be read or written
  kInternal,   // a bug in this library
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace anomalyvlm
