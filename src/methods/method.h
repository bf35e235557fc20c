#pragma once
// A method turns an image and a prompt into a detection, in two halves: it observes, which runs models, and
// judges, which is arithmetic over what they said and can be repeated with other rules and limits. Prompts
// are those that validate() accepts: callers that take them from outside check them first.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "anomalyvlm/detector.h"
#include "methods/evidence.h"
#include "references/coreset.h"
#include "roles/image_describer.h"
#include "roles/loaded_model.h"

namespace anomalyvlm {

struct JudgeSettings {
  Mask ignored = {};                         // DetectSettings::ignored
  std::optional<double> saliency_gain = {};  // of Eq. 4, in place of the profile's: for ablations
};

// The cheap half. Needs no model. Const and usable from several threads.
class Judge {
 public:
  virtual ~Judge() = default;
  // Prompts 2 and 3, refinement, fusion, verdict. Throws Error(kBadInput) for an ignored area of another
  // size.
  virtual Detection judge(const Image& image, Evidence evidence, const HybridPrompt& prompt,
                          const JudgeSettings& settings = {}) const = 0;
};

// Several prompts about one image, one after the other. For one thread.
class Observer {
 public:
  virtual ~Observer() = default;
  // As Method::observe().
  virtual Evidence observe(const HybridPrompt& prompt, const DetectSettings& settings) = 0;
  // Bytes of memory that it keeps between prompts, about.
  virtual std::size_t memory() const { return 0; }
};

// Const and usable from several threads.
class Method {
 public:
  explicit Method(std::shared_ptr<const Judge> judge) : judge_(std::move(judge)) {}
  virtual ~Method() = default;

  virtual std::vector<LoadedModel> models() const = 0;
  std::uint64_t parameters() const;  // of all models; 0: not known

  // What the models say of an image, for each of several prompts; their work is shared where it can be, and
  // its time counted once. Throws Cancelled when settings ask for it.
  virtual std::vector<Evidence> observe(const Image& image, std::span<const HybridPrompt> prompts,
                                        const DetectSettings& settings = {}) const = 0;

  // Keeps what prompts share. `image` must outlive the observer, as must this method.
  virtual std::unique_ptr<Observer> open(const Image& image) const = 0;

  // What references are described with, and what it says of an image, seen as observe() sees one. Null, and
  // nothing: the method compares with no references, and DetectSettings have none.
  virtual std::shared_ptr<const ImageDescriber> describer() const { return nullptr; }
  virtual std::vector<DescribedPart> describe(const Image& image) const;
  // Which of the references' vectors stand for all; share 1: all of them, as many as a bank may have.
  virtual CoresetOptions coreset() const { return {.share = 1}; }

  // Of a prompt what the models are asked: prompts with the same question have the same evidence. By default
  // its phrases and objects.
  virtual std::string question_of(const HybridPrompt& prompt) const;

  const std::shared_ptr<const Judge>& judge() const { return judge_; }

  // Both halves. `image` is not kept.
  Detection detect(const Image& image, const HybridPrompt& prompt, const DetectSettings& settings = {}) const;

 protected:
  // An observer that keeps nothing: for what would take too much memory.
  std::unique_ptr<Observer> observing_anew(const Image& image) const;

 private:
  std::shared_ptr<const Judge> judge_;
};

}  // namespace anomalyvlm
