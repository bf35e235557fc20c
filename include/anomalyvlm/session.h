#pragma once
// One image that is asked about again and again: while rules and limits are tuned, or with other words.
//
//   anomalyvlm::Session session = detector.open(view);
//   auto found = session.detect(anomalyvlm::parse_prompt_text("Scratch. Dent."));      // the models run
//   found = session.detect(anomalyvlm::parse_prompt_text("Scratch. Dent. Anomalies are smaller than 5%."));
//   // ms
//
#include <cstddef>
#include <memory>

#include "anomalyvlm/detector.h"
#include "anomalyvlm/export.h"

namespace anomalyvlm {

// Keeps its own copy of the image, and the Detector's models alive. What the models computed is kept:
// features of the image for all prompts (not in tiles, which would take too much memory), and what they
// answered for the last eight sets of phrases and objects, so that another rule, limit, count or ignored area
// only repeats the judgement. With hundreds of regions in large images these answers can take gigabytes. For
// one thread at a time; several sessions may be used by as many threads. A moved-from Session throws
// Error(kBadInput).
class ANOMALYVLM_API Session {
 public:
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  // The same result as Detector::detect() of this image; Detection::timings has only the stages that ran.
  // Throws Error as that does.
  Detection detect(const HybridPrompt& prompt, const DetectSettings& settings = {});

  const Image& image() const;  // 8-bit RGB, as the models get it; write_results() takes it
  // Bytes of memory that the image, the answers and nano's features take, about; other models keep more.
  std::size_t memory() const;

 private:
  friend class Detector;
  struct Impl;
  explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace anomalyvlm
