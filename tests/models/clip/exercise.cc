#include "models/clip/exercise.h"

#include <cstdlib>

#include "anomalyvlm/error.h"

namespace anomalyvlm::test {

const std::string_view kClipMerges =
    "#version: made up\n"
    "a c\nc r\na c</w>\nc k</w>\ncr ac\ncrac k</w>\nh o\nl e</w>\nho le</w>\na a\naa aa\n' s</w>\n1 2</w>\n"
    "\xC3\x83 \xC2\xA9</w>\n";

const clip::Tokenizer& clip_tokenizer() {
  static const auto tokenizer = clip::Tokenizer::parse(kClipMerges, clip::SpecialTokens::kOpenAi);
  return tokenizer;
}

void exercise_clip_tokenizer(std::string_view text) {
  const auto require = [](bool condition) {
    if (!condition) std::abort();
  };
  const clip::Tokenizer& tokenizer = clip_tokenizer();
  if (text.size() <= clip::Tokenizer::kLongestText) {
    const auto ids = tokenizer.context(text, 77, clip::TooLong::kCut);
    require(ids.size() == 77 && ids.front() == tokenizer.start());
    bool ended = false;
    for (const std::int64_t id : ids) {
      require(id >= 0 && id < tokenizer.size());
      ended |= id == tokenizer.end();
    }
    require(ended);
  }
  try {
    require(clip::Tokenizer::parse(text, clip::SpecialTokens::kOpenClip).size() >= 514);
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::kBadModel);
  }
}

}  // namespace anomalyvlm::test
