#pragma once
// What a profile asks of the models. Part of PipelineConfig; a model may ignore what does not apply to it.

namespace anomalyvlm {

class ReferencePool;

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
  double box_threshold = 0.1;   // region proposer: least confidence
  double text_threshold = 0.1;  // region proposer: least score of a word that is to be part of the phrase
  int max_proposals = 0;        // region proposer: the most confident so many; 0: all
  PhraseReading phrases = PhraseReading::kWithoutMarks;
  ColorOrder colors = ColorOrder::kRgb;  // into the refiner and the saliency's network
  int saliency_neighbors = 400;          // N of Eq. 3
  bool saliency_of_farthest = false;     // the N least similar instead of the most similar
  double saliency_factor = 1;            // times 1 - cosine
  double saliency_gain = 1;              // g of S^r = exp(g * (mean V - v)) * S, Eq. 4
  double usual_saliency = 0;             // v, the saliency that leaves a confidence as it is
  SaliencyScope saliency_scope = SaliencyScope::kOwnObject;
  ObjectChoice object_choice = ObjectChoice::kBest;
  // Good images of the product, which an image is compared with; null: there are none. Set for each image, no
  // part of a profile. It must outlive the roles.
  const ReferencePool* references = nullptr;
};

}  // namespace anomalyvlm
