#pragma once
// English text as sentences of words, numbers and symbols that know where they stood, and errors that point
// there.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "prompts/characters.h"
#include "prompts/prompt_errors.h"

namespace anomalyvlm::prompts {

inline constexpr std::string_view kDiameterSign =
    "\xC3\xB8";  // the word for \u00D8 and \u2300 in front of a number

struct Token {
  enum class Kind { kWord, kNumber, kSymbol, kQuoted, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;  // words in lower case; quoted text as it stands
  double number = 0;
  int begin = 0, end = 0;  // bytes of the sentence
};

struct Sentence {
  std::string source;                               // as written, without the full stop
  std::vector<Token> tokens;                        // the last one is kEnd
  int begin = 0;                                    // byte of the text
  std::optional<PlacedError> fault = std::nullopt;  // a quotation mark that is not closed
};

// A full stop, a semicolon and the end of a line end a sentence; a line that begins with '#' is a comment.
// Throws Error(kBadPrompt) for an open quotation mark and for text that is too long.
std::vector<Sentence> split_sentences(std::string_view text);
// The same of a plain_text(), but open quotation marks are faults of their sentences, which end with the
// line.
std::vector<Sentence> split_plain(std::string_view plain);
void require_readable_length(std::string_view text);  // Error(kBadPrompt): it is too long
// All of the text as one sentence: the value of an option or of a TOML key.
Sentence single_sentence(std::string_view text);

// Tokens [first, last) as they were written.
std::string text_of(const Sentence& sentence, int first, int last);
int find_symbol(const Sentence& sentence, std::string_view symbol);  // its token; -1: it is not there

// Throws an error that shows the message, then the sentence, then carets below bytes [begin, end).
[[noreturn]] void fail_at(const Sentence& sentence, int begin, int end, const std::string& message);

// Lower case, letters and their accents as one, underscores as spaces, runs of blanks as one; of a
// plain_text().
std::string normalised_phrase(std::string_view text);

}  // namespace anomalyvlm::prompts
