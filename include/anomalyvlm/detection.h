#pragma once
// The result of a detection: the anomaly map, and everything that led to it. Coordinates are pixels of the
// image as given, even if it was resized for the models.
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "anomalyvlm/export.h"
#include "anomalyvlm/region.h"

namespace anomalyvlm {

// The object under inspection (III-F). Without a mask its box is the object.
struct InspectedObject {
  Box box;
  Region mask;       // may be empty
  double score = 1;  // the model's confidence in it, 0..1; 1 for the whole image

  ANOMALYVLM_API static InspectedObject whole_image(int width, int height);
};

// Why a candidate was rejected.
struct Rejection {
  enum class By {
    kRule,        // prompt 2: it breaks rule number `rule` of the prompt
    kMaxRegions,  // prompt 3: others rank higher
    kObjectName,  // its phrase names the object, not a defect (profile `saa-plus`)
    kEmptyMask,   // the refiner found nothing in its box
    kKindLimit,   // others of its kinds rank higher; `rule` is an index into HybridPrompt::kind_limits
    kNotNamed,    // it is of another kind than those named, and nothing else counts
    kIgnored,     // more than half of it is where anomalies do not count (Detection::ignored)
    kReference,   // the references look the same there (DetectSettings::references)
  };
  By by = By::kRule;
  int rule = -1;  // index into HybridPrompt::rules (kKindLimit: kind_limits); -1 for the others
  // The measured value: in the rule's unit (NaN: the hue of a grey region), Candidate::named, or the rank.
  double value = 0;
  std::string text;            // "area 63.20% of the object; the rule: area < 50% of the object"
  std::string reference = {};  // of kReference: the name of the image that it looks like
};

// The phrase of a candidate that is more likely of a kind that the prompt does not name.
inline constexpr const char* kNotNamedPhrase = "defect (not named)";

// The verdict on an image under a limit on the image score (HybridPrompt::limit).
enum class Verdict {
  kNone,   // there is no limit
  kOk,     // the score is below the limit
  kNotOk,  // the score reaches the limit, or the image has no content (Detection::no_content)
};

// A region proposed by the generator (III-C) and segmented by the refiner (III-D). Methods that score each
// pixel cut regions out of their map: confidence is then the region's peak above the map's median, relative
// to the highest, refined_score the map's value at the peak, and saliency 0.
struct Candidate {
  int id = 0;        // its index among the generator's proposals
  Box box;           // bounding box of the mask's pixels above 0.5; without any, the proposal's box
  Box proposal_box;  // the generator's box
  Region mask;
  std::string phrase;     // the phrase that it matched; kNotNamedPhrase: a defect of a kind that is not named
  double confidence = 0;  // S, similarity to the phrase, 0..1; with nano: to a defect of any kind
  // Probability that it is of a kind that the prompt names, 0..1; 1 if that is unknown: the prompt names no
  // kind ("defect"), or the model includes it in the confidence.
  double named = 1;
  double saliency = 0;       // mean of the saliency map inside the mask (III-G)
  double refined_score = 0;  // S^r, Eq. 4; 0 or more, above 1 for salient regions of high confidence
  int object = 0;            // index of the object it belongs to
  std::optional<Rejection> rejected_by;  // none: it is part of the anomaly map

  // What the best are selected by: the refined score, reduced by up to three quarters the lower `named` is.
  ANOMALYVLM_API double rank() const;
};

struct Detection {
  int width = 0, height = 0;  // of the image as given
  FloatMap anomaly;           // Eq. 5; 0 where nothing was found, on the same scale as refined_score
  double image_score = 0;     // the map's maximum; with utad before its map was fitted to the image's pixels
  Verdict verdict = Verdict::kNone;
  // Why the image has nothing that could be inspected ("it is black"), however low its score is; empty: it
  // has.
  std::string no_content;
  Mask ignored;       // 1 where anomalies do not count (the map is 0 there); of the image's size, or empty
  FloatMap saliency;  // Eq. 3; 0 or more; empty for methods that have none
  std::vector<InspectedObject> objects;  // at least one: the whole image if none was asked for or found
  std::vector<Candidate> candidates;     // kept, then rejected; each by score times `named`
  std::size_t kept = 0;                  // how many candidates were not rejected

  std::vector<std::pair<std::string, double>> timings;  // seconds of wall-clock time per stage, in order
  std::vector<std::string> models;                      // the models used, one line each
  std::vector<std::string> notes;  // for the user: a phrase taken as "defect", an object not found
  std::string profile;             // of the method: "nano", "paper", "saa-plus"; "utad"
  int resize = 0;                  // side of the square the models saw; 0: the image's (or tile's) own size
  int tile = 0, tile_overlap = 0;  // tiles the image was cut into, pixels; 0: processed as a whole
  std::string method;              // "anomalyvlm", "utad", "patchcore", "winclip"
  std::optional<double>
      p_value;  // of the image score among good images (References::calibrate()); none: unknown
  // What it was compared with: "12 images, 2026-11-28T21:15:56Z" (References: date of the last change), or
  // "64 images of the batch, ..."; empty without references.
  std::string references;
};

}  // namespace anomalyvlm
