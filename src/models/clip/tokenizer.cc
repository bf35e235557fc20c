#include "models/clip/tokenizer.h"

#include <algorithm>
#include <array>
#include <queue>

#include "core/check.h"
#include "core/gzip.h"
#include "core/platform.h"
#include "text/html.h"
#include "text/repair.h"
#include "text/unicode.h"

namespace anomalyvlm::clip {
namespace {

constexpr std::size_t kLargestFile = std::size_t{64} << 20;  // bytes, also unpacked
constexpr std::string_view kEndOfWord = "</w>";
constexpr std::u32string_view kContractions[] = {U"'s", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d"};

// How the vocabulary writes bytes: as the characters of Latin-1 where these can be seen, the others as
// characters from U+0100 on. In the order of their tokens.
struct WrittenByte {
  unsigned byte;
  char32_t character;
};

std::array<WrittenByte, 256> written_bytes() {
  const auto visible = [](unsigned b) { return (b >= 33 && b <= 126) || (b >= 161 && b != 173); };
  std::array<WrittenByte, 256> all{};
  std::size_t n = 0;
  for (unsigned b = 0; b < 256; ++b)
    if (visible(b)) all[n++] = {b, b};
  char32_t next = 256;
  for (unsigned b = 0; b < 256; ++b)
    if (!visible(b)) all[n++] = {b, next++};
  return all;
}

std::string_view next_line(std::string_view& lines) {
  const std::size_t end = std::min(lines.find('\n'), lines.size());
  std::string_view line = lines.substr(0, end);
  lines.remove_prefix(std::min(end + 1, lines.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::u32string cleaned(std::string_view text) {
  std::u32string whole = from_utf8(repaired_text(text));
  for (int i = 0; i < 2; ++i) whole = unescaped_html(whole);
  std::u32string out;
  for (const char32_t c : from_utf8(stripped_text(to_utf8(whole))))
    if (!is_white_space(c)) {
      out.push_back(c);
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  return from_utf8(lower_text(stripped_text(to_utf8(out))));
}

// Whether a text begins with other text, where a long s counts as an s: so do patterns that ignore case.
bool begins_with(std::u32string_view text, std::u32string_view other) {
  const auto same = [](char32_t a, char32_t b) { return a == b || (a == U'ſ' && b == 's'); };
  return text.size() >= other.size() && std::equal(other.begin(), other.end(), text.begin(),
                                                   [&](char32_t b, char32_t a) { return same(a, b); });
}

// Neither blank, letter nor number. U+0345, whose capital is a letter, is none of all these.
bool is_symbol(char32_t c) { return !is_white_space(c) && !is_letter(c) && !is_number(c) && c != 0x345; }

template <typename Is>
std::size_t run_of(std::u32string_view text, const Is& is) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is) - text.begin());
}

// The length of what is encoded as a whole at the beginning of a text; 0: nothing is, the character is left
// out.
std::size_t word_length(std::u32string_view text) {
  for (const std::u32string_view contraction : kContractions)
    if (begins_with(text, contraction)) return contraction.size();
  if (is_letter(text.front())) return run_of(text, is_letter);
  return is_number(text.front()) ? 1 : run_of(text, is_symbol);
}

}  // namespace

Tokenizer Tokenizer::parse(std::string_view lines, SpecialTokens special) {
  Tokenizer made(special);
  std::unordered_map<std::string, std::int64_t> ids;
  const std::array<WrittenByte, 256> bytes = written_bytes();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto id = static_cast<std::int64_t>(i);
    const std::string written = to_utf8(std::u32string_view(&bytes[i].character, 1));
    made.bytes_[bytes[i].byte] = id;
    ids.emplace(written, id);
    ids.emplace(written + std::string(kEndOfWord), id + 256);
  }
  std::vector<std::pair<std::string, std::string>> parts;
  next_line(lines);  // about the file
  while (!lines.empty() && parts.size() < kMostMerges) {
    const std::string_view line = next_line(lines);
    if (line.empty()) continue;
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos || line.find(' ', blank + 1) != std::string_view::npos)
      fail(ErrorKind::kBadModel,
           "Line {} of the vocabulary is not two parts of a word; it is not one of CLIP's.",
           parts.size() + 2);
    parts.emplace_back(line.substr(0, blank), line.substr(blank + 1));
    ids.insert_or_assign(parts.back().first + parts.back().second,
                         static_cast<std::int64_t>(511 + parts.size()));
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto left = ids.find(parts[i].first), right = ids.find(parts[i].second);
    if (left == ids.end() || right == ids.end())
      fail(ErrorKind::kBadModel,
           "Line {} of the vocabulary joins what no line makes; it is not one of CLIP's.", i + 2);
    made.merges_.insert_or_assign(
        Pair{left->second, right->second},
        Merge{static_cast<std::int64_t>(i), ids.at(parts[i].first + parts[i].second)});
  }
  made.size_ = static_cast<std::int64_t>(512 + parts.size() + 2);
  return made;
}

Tokenizer Tokenizer::load(const std::filesystem::path& file, SpecialTokens special) {
  std::string content = read_file(file, kLargestFile);
  if (is_gzip(content)) content = gunzipped(content, kLargestFile, file.string());
  try {
    return parse(content, special);
  } catch (const Error& error) {
    fail(error.kind(), "{}: {}", file.string(), error.what());
  }
}

std::vector<std::int64_t> Tokenizer::encode(std::string_view text) const {
  if (text.size() > kLongestText)
    fail(ErrorKind::kBadInput, "A text of {} bytes is far too long for CLIP, which reads a sentence or two.",
         text.size());
  const bool openai = special_ == SpecialTokens::kOpenAi;
  const std::u32string_view start_word = openai ? U"<|startoftext|>" : U"<start_of_text>";
  const std::u32string_view end_word = openai ? U"<|endoftext|>" : U"<end_of_text>";
  std::vector<std::int64_t> ids;
  const std::u32string whole = cleaned(text);
  for (std::u32string_view rest = whole; !rest.empty();) {
    std::size_t length = 0;
    for (const std::u32string_view word : {start_word, end_word})
      if (begins_with(rest, word)) length = word.size();
    if (length == 0) length = word_length(rest);
    const std::u32string_view word = rest.substr(0, length);
    if (word == start_word) {
      ids.push_back(start());
    } else if (word == end_word) {
      ids.push_back(end());
    } else if (!word.empty()) {
      encode_word(to_utf8(word), ids);
    }
    rest.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return ids;
}

void Tokenizer::encode_word(std::string_view bytes, std::vector<std::int64_t>& ids) const {
  const std::size_t n = bytes.size();
  std::vector<std::int64_t> tokens(n);  // -1: merged into one before it
  std::vector<std::size_t> next(n), before(n);
  for (std::size_t i = 0; i < n; ++i) {
    tokens[i] = bytes_[static_cast<unsigned char>(bytes[i])] + (i + 1 == n ? 256 : 0);
    next[i] = i + 1;
    before[i] = i - 1;  // of the first: never used
  }
  struct Candidate {
    std::int64_t rank;
    std::size_t left;
    Pair pair;
    std::int64_t merged;
    bool operator>(const Candidate& other) const {
      return rank != other.rank ? rank > other.rank : left > other.left;
    }
  };
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> candidates;
  const auto consider = [&](std::size_t left) {
    if (left >= n || next[left] >= n) return;
    const Pair pair{tokens[left], tokens[next[left]]};
    if (const auto found = merges_.find(pair); found != merges_.end())
      candidates.push({found->second.rank, left, pair, found->second.merged});
  };
  for (std::size_t i = 0; i < n; ++i) consider(i);
  while (!candidates.empty()) {
    const Candidate best = candidates.top();
    candidates.pop();
    const std::size_t right = next[best.left];
    if (tokens[best.left] != best.pair.left || right >= n || tokens[right] != best.pair.right) continue;
    tokens[best.left] = best.merged;
    tokens[right] = -1;
    next[best.left] = next[right];
    if (next[right] < n) before[next[right]] = best.left;
    if (best.left > 0) consider(before[best.left]);
    consider(best.left);
  }
  for (const std::int64_t token : tokens)
    if (token >= 0) ids.push_back(token);
}

namespace {

// Cut in front of a character.
std::string excerpt_of(std::string_view text) {
  constexpr std::size_t kShown = 60;
  if (text.size() <= kShown) return std::string(text);
  std::size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

}  // namespace

std::vector<std::int64_t> Tokenizer::context(std::string_view text, std::int64_t context,
                                             TooLong too_long) const {
  AVLM_CHECK(context >= 2);
  std::vector<std::int64_t> ids = encode(text);
  if (const auto count = static_cast<std::int64_t>(ids.size());
      count > context - 2 && too_long == TooLong::kRefuse)
    fail(ErrorKind::kBadInput,
         "The text \"{}\" has {} tokens (words, or parts of them), but CLIP reads at most {}; shorten it.",
         excerpt_of(text), count, context - 2);
  const auto places = static_cast<std::size_t>(context);
  const bool is_cut = ids.size() + 2 > places;
  ids.insert(ids.begin(), start());
  ids.push_back(end());
  ids.resize(places);
  if (is_cut) ids.back() = end();
  return ids;
}

}  // namespace anomalyvlm::clip
