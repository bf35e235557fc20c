#pragma once
// Captions as Grounding DINO's text encoder takes them (Liu et al., 2023, section 3.4): a token sees only the
// phrase that it belongs to, and positions restart in each phrase. "[CLS]", "[SEP]", "." and "?" end a
// phrase.
#include "core/tensor.h"
#include "models/bert/tokenizer.h"

namespace anomalyvlm::grounding_dino {

// The tokens of a phrase, without the mark that ends it; none where two marks follow each other.
struct PhraseColumns {
  std::int64_t begin, end;
};

// B captions of at most T tokens.
struct TokenizedCaptions {
  Tensor ids;        // int64 [B, T], padded with "[PAD]"
  Tensor real;       // int64 [B, T]: 1 for a token, 0 for padding
  Tensor types;      // int64 [B, T]: all 0
  Tensor positions;  // int64 [B, T]: within the phrase
  Tensor masks;      // uint8 [B, T, T]: 1 where the token of the row sees the token of the column
  // Of each caption, its phrases, also those that were cut off.
  std::vector<std::vector<PhraseColumns>> phrases;

  std::int64_t batch() const { return ids.dim(0); }
  std::int64_t length() const { return ids.dim(1); }
};

// Tokenizes the captions as they are (detector_caption() is the caller's choice), pads them to the longest,
// computes masks and positions, and then truncates to `longest`, as the authors do. What is unexpected in
// that: the batch's last column is always alone, so in the longest caption the tokens behind its last mark
// see only themselves, while in a shorter one they see each other and "[SEP]". The authors' code raises for a
// caption without a phrase, for instance one that alone in its batch has no mark; here it gets the masks that
// the same rules give. Throws Error(kBadInput) for no captions or `longest` below 1.
TokenizedCaptions tokenize_captions(const WordPieceTokenizer& tokenizer,
                                    std::span<const std::string> captions, std::int64_t longest = 256);

// Phrases as the texts of as few captions as it takes, in their order, so that none is cut off: "crack.
// hole", "dent". A phrase is never parted between captions; a given one that holds full stops is several.
// `longest`: tokens of a caption with all its marks. Throws Error(kBadPrompt) that quotes a phrase which
// alone is longer.
std::vector<std::string> pack_captions(const WordPieceTokenizer& tokenizer,
                                       std::span<const std::string> phrases, std::int64_t longest = 256);

}  // namespace anomalyvlm::grounding_dino
