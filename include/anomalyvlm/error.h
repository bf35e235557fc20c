#pragma once
// The exception type of the library. Its text is one sentence for the user: what was wrong and what to do.
// Detector, Session and detect_batch() throw nothing else, except what the caller's own functions throw;
// functions on images, files and prompts may throw std::bad_alloc too. All functions outside of classes may
// be called by several threads at once.
#include <stdexcept>
#include <string>

#include "anomalyvlm/export.h"

namespace anomalyvlm {

// For programs; the numbers stay the same from version to version.
enum class ErrorKind {
  kBadInput = 1,   // an image, an option or an argument is unusable
  kBadModel = 2,   // a weight file lacks tensors, is damaged, or has another architecture
  kBadPrompt = 3,  // a prompt, a rule or a sentence was not understood
  kIo = 4,         // a file could not be read or written
  kInternal = 5,   // a bug in this library, or a library that it uses failed
  kNoMemory = 6,   // there is not enough memory
  kCancelled = 7,  // the caller cancelled the work
};

// "bad_input", "bad_model", "bad_prompt", "io", "internal", "no_memory", "cancelled": for logs and other
// programs.
ANOMALYVLM_API const char* error_code(ErrorKind kind);

class ANOMALYVLM_API Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
  ErrorKind kind() const { return kind_; }
  const char* code() const { return error_code(kind_); }

 private:
  ErrorKind kind_;
};

}  // namespace anomalyvlm
