#pragma once
// The stages that models carry out, behind one interface: a ModelSet opens an image, an ImageSession answers
// for it. The rest of the pipeline (rules, refinement, choice, fusion) is plain arithmetic.
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "anomalyvlm/detection.h"

namespace anomalyvlm {

// What a profile asks of the models. Part of PipelineConfig; a model set may ignore what does not apply to
// it.
enum class ColorOrder { kRgb, kBgr };
enum class SaliencyScope {
  kOwnObject,     // neighbours are sought in the same object; in the whole image when there is only one
  kOtherObjects,  // with several objects: distance to the most similar feature of the others (released code)
};
enum class ObjectChoice {
  kBest,        // the best boxes, as many as there are objects
  kBelowShare,  // all boxes above the threshold that take less than 1 / count of the image (released code)
};

enum class PhraseReading {
  kWithoutMarks,  // the words of the likeliest tokens (Grounding DINO's code)
  kAllTokens,     // and full stops, "[CLS]" and "[SEP]" where they are likely (released code)
};

struct StageOptions {
  double box_threshold = 0.1;   // region generator: least confidence
  double text_threshold = 0.1;  // region generator: least score of a word that is to be part of the phrase
  int max_proposals = 0;        // region generator: the most confident so many; 0: all
  PhraseReading phrases = PhraseReading::kWithoutMarks;
  ColorOrder colors = ColorOrder::kRgb;  // into the refiner and the saliency's network
  int saliency_neighbors = 400;          // N of Eq. 3
  bool saliency_of_farthest = false;     // the N least similar instead of the most similar
  double saliency_factor = 1;            // times 1 - cosine
  double saliency_gain = 1;              // g of S^r = exp(g * (mean V - v)) * S, Eq. 4
  double usual_saliency = 0;             // v, the saliency that leaves a confidence as it is
  SaliencyScope saliency_scope = SaliencyScope::kOwnObject;
  ObjectChoice object_choice = ObjectChoice::kBest;
};

// A candidate whose probability of being of a named kind is lower counts as one of another kind. Several
// times what chance gives one of some thirty kinds, and not a half: alike kinds (hole, pinhole, spot) share
// theirs.
constexpr double kNamedAbove = 0.2;

// Eq. 1: a box with its confidence and the phrase it was found for.
struct BoxCandidate {
  Box box;
  double score = 0;  // S, 0..1
  std::string phrase;
  double named = 1;  // as Candidate::named
  int region = -1;   // the session's own number for it, so that refine() knows it again; -1: it has none
};

// One image, its features computed at most once. For one thread. All coordinates in pixels of the image.
class ImageSession {
 public:
  virtual ~ImageSession() = default;

  // ARG, Eq. 1. The phrases make one caption ("crack. hole."). Empty: nothing found.
  virtual std::vector<BoxCandidate> propose(std::span<const std::string> phrases) = 0;
  // The same for several captions, in their order. By default one after the other.
  virtual std::vector<std::vector<BoxCandidate>> propose_each(
      std::span<const std::vector<std::string>> captions);
  // ARR, Eq. 2: a region for each candidate, in their order. Soft or binary; an empty one is allowed.
  virtual std::vector<Region> refine(std::span<const BoxCandidate> candidates) = 0;
  // Eq. 3, of the image's size. `objects` is never empty.
  virtual FloatMap saliency(std::span<const InspectedObject> objects) = 0;
  // The inspected objects of this name, best first; empty when none is found. `count`: how many the image
  // shows. By default: propose(), the choice of StageOptions::object_choice, refine().
  virtual std::vector<InspectedObject> objects(const std::string& name, int count);
  // The next prompt's questions begin: what was asked before is no part of it. Features stay.
  virtual void start_over() {}
  // What a person should know about the image or the phrases so far, for Detection::notes.
  virtual std::vector<std::string> notes() const { return {}; }

 protected:
  ImageSession(int width, int height, const StageOptions& options)
      : width_(width), height_(height), options_(options) {}
  const StageOptions& options() const { return options_; }
  int width() const { return width_; }
  int height() const { return height_; }

 private:
  int width_, height_;
  StageOptions options_;
};

// Weights loaded once; const and usable from several threads.
class ModelSet {
 public:
  virtual ~ModelSet() = default;
  // `image` must outlive the session.
  virtual std::unique_ptr<ImageSession> open(const Image& image, const StageOptions& options) const = 0;
  virtual std::vector<std::string> ids() const = 0;  // one line each: name, version, weights' SHA-256
};

}  // namespace anomalyvlm
