#include "models/bert/tokenizer.h"

#include <algorithm>

#include "core/check.h"
#include "core/platform.h"
#include "text/unicode.h"

namespace anomalyvlm {
namespace {

constexpr std::string_view kContinues = "##";
constexpr std::size_t kLargestVocabulary = std::size_t{64} << 20;  // bytes of a file

// Where words are written without spaces between them: CJK ideographs, each of which is a word. The seventh
// range begins 256 later than its block, as it does in the tokenizer followed here.
bool is_ideograph(char32_t c) {
  constexpr std::pair<char32_t, char32_t> kRanges[] = {
      {0x4E00, 0x9FFF},   {0x3400, 0x4DBF},   {0xF900, 0xFAFF},   {0x20000, 0x2A6DF},
      {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF}, {0x2F800, 0x2FA1F}};
  return std::any_of(std::begin(kRanges), std::end(kRanges),
                     [c](const auto& range) { return c >= range.first && c <= range.second; });
}

// The tokenizer followed here knows the categories of Unicode 8: what was assigned later has none.
bool has_category(char32_t c) { return first_version(c) <= 8; }

// All that is on an ASCII keyboard and neither letter nor digit counts, symbols such as "+" and "$" too.
bool is_mark(char32_t c) {
  const bool ascii =
      (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126);
  return ascii || (is_punctuation(c) && has_category(c));
}

bool is_dropped(char32_t c) {
  if (c == '\t' || c == '\n' || c == '\r') return false;
  return c == 0xFFFD || (is_control_or_format(c) && has_category(c));
}

// Without control characters, with plain spaces, and with spaces around ideographs.
std::u32string cleaned(std::u32string_view text) {
  std::u32string out;
  for (const char32_t c : text) {
    if (is_dropped(c)) continue;
    if (is_ideograph(c)) {
      out.append({U' ', c, U' '});
    } else {
      out.push_back(is_white_space(c) ? U' ' : c);
    }
  }
  return out;
}

// Without accents and capitals. Letter by letter, so a capital sigma never becomes a final one, and the
// accents need not be ordered first, which would take long for a malicious text with very many.
std::u32string plain_letters(std::u32string_view text) {
  std::u32string out;
  for (const char32_t c : text)
    for (const char32_t part : decomposed(c))
      if (!is_nonspacing_mark(part) || !has_category(part)) out.push_back(lower_case(part));
  return out;
}

// Calls visit(word) for each run between white space and punctuation marks, and for each mark.
template <typename Visit>
void for_each_word(std::u32string_view text, Visit&& visit) {
  std::size_t begin = 0;
  const auto end_word = [&](std::size_t end) {
    if (end > begin) visit(text.substr(begin, end - begin));
    begin = end + 1;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool mark = is_mark(text[i]);
    if (!mark && !is_white_space(text[i])) continue;
    end_word(i);
    if (mark) visit(text.substr(i, 1));
  }
  end_word(text.size());
}

}  // namespace

WordPieceTokenizer::WordPieceTokenizer(std::vector<std::string> vocabulary, std::size_t longest_word)
    : vocabulary_(std::move(vocabulary)), longest_word_(longest_word) {
  for (std::size_t i = 0; i < vocabulary_.size(); ++i) {
    const std::string& token = vocabulary_[i];
    const auto id = static_cast<std::int64_t>(i);
    ids_.insert_or_assign(token, id);
    if (token.starts_with(kContinues)) continuing_.insert_or_assign(token.substr(kContinues.size()), id);
    longest_piece_ = std::max(longest_piece_, token.size());
  }
  const auto required = [&](std::string_view token) {
    const auto found = ids_.find(token);
    if (found == ids_.end())
      fail(ErrorKind::kBadModel, "The vocabulary of {} tokens has no {}; it is not one of BERT's.",
           vocabulary_.size(), token);
    return found->second;
  };
  padding_ = required("[PAD]"), unknown_ = required("[UNK]"), start_ = required("[CLS]"),
  end_ = required("[SEP]");
  for (const char* token : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"})
    if (const auto found = ids_.find(std::string_view(token)); found != ids_.end())
      special_.emplace_back(token, found->second);
}

WordPieceTokenizer WordPieceTokenizer::parse(std::string_view lines, std::size_t longest_word) {
  std::vector<std::string> vocabulary;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view line = lines.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    vocabulary.emplace_back(line);
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return WordPieceTokenizer(std::move(vocabulary), longest_word);
}

WordPieceTokenizer WordPieceTokenizer::load(const std::filesystem::path& file, std::size_t longest_word) {
  const std::string lines = read_file(file, kLargestVocabulary);
  try {
    return parse(lines, longest_word);
  } catch (const Error& error) {
    fail(error.kind(), "{}: {}", file.string(), error.what());
  }
}

std::vector<std::int64_t> WordPieceTokenizer::encode(std::string_view text) const {
  std::vector<std::int64_t> ids = {start_};
  std::size_t begin = 0;
  for (std::size_t at = text.find('['); at != std::string_view::npos; at = text.find('[', at)) {
    const auto written = std::find_if(special_.begin(), special_.end(), [&](const auto& special) {
      return text.substr(at).starts_with(special.first);
    });
    if (written == special_.end()) {
      ++at;
      continue;
    }
    encode_plain(text.substr(begin, at - begin), ids);
    ids.push_back(written->second);
    begin = at += written->first.size();
  }
  encode_plain(text.substr(begin), ids);
  ids.push_back(end_);
  return ids;
}

void WordPieceTokenizer::encode_plain(std::string_view text, std::vector<std::int64_t>& ids) const {
  for_each_word(plain_letters(cleaned(from_utf8(text))),
                [&](std::u32string_view word) { encode_word(word, ids); });
}

void WordPieceTokenizer::encode_word(std::u32string_view word, std::vector<std::int64_t>& ids) const {
  const std::size_t before = ids.size();
  const auto unknown = [&] {
    ids.resize(before);
    ids.push_back(unknown_);
  };
  if (word.size() > longest_word_) return unknown();
  const std::string bytes = to_utf8(word);
  const std::string_view all = bytes;
  for (std::size_t begin = 0; begin < all.size();) {
    const auto& pieces = begin == 0 ? ids_ : continuing_;
    std::size_t length = std::min(all.size() - begin, longest_piece_);
    auto found = pieces.end();
    for (; length > 0 && found == pieces.end(); --length) found = pieces.find(all.substr(begin, length));
    if (found == pieces.end()) return unknown();
    ids.push_back(found->second);
    begin += found->first.size();
  }
}

const std::string& WordPieceTokenizer::token(std::int64_t id) const {
  if (id < 0 || id >= size())
    fail(ErrorKind::kBadInput, "There is no token {}: the vocabulary has {}.", id, size());
  return vocabulary_[static_cast<std::size_t>(id)];
}

std::vector<std::string> WordPieceTokenizer::tokens(std::span<const std::int64_t> ids) const {
  std::vector<std::string> out;
  out.reserve(ids.size());
  for (const std::int64_t i : ids) out.push_back(token(i));
  return out;
}

std::int64_t WordPieceTokenizer::id(std::string_view token) const {
  const auto found = ids_.find(token);
  return found == ids_.end() ? unknown_ : found->second;
}

}  // namespace anomalyvlm
