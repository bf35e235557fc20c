#include "prompts/toml_bounds.h"

#include <fmt/format.h>

namespace anomalyvlm::prompts {
namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::string run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        skip_to_line_end();
      } else if (c == '"' || c == '\'') {
        skip_string(c);
      } else {
        count(c);
        ++at_;
      }
      if (depth_ > kDeepestToml)
        return fmt::format("line {}: brackets and braces lie within each other more than {} deep", line_,
                           kDeepestToml);
      if (points_ >= kDeepestToml)
        return fmt::format("line {}: this key has more than {} parts", line_, kDeepestToml);
    }
    return {};
  }

 private:
  // Points join the parts of a key up to what cannot be in one; those of numbers and dates do no harm.
  void count(char c) {
    if (c == '.') {
      ++points_;
    } else if (c == '[' || c == '{') {
      ++depth_;
      points_ = 0;
    } else if (c == ']' || c == '}') {
      depth_ -= depth_ > 0 ? 1 : 0;
      points_ = 0;
    } else if (c == '=' || c == ',' || c == '\n') {
      points_ = 0;
    }
    line_ += c == '\n' ? 1 : 0;
  }

  void skip_to_line_end() {
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
  }

  // A string that is not closed ends with its line, or with the text if it may have several: then it is no
  // TOML.
  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool lines = text_.substr(at_).starts_with(three);
    const std::string_view closing = lines ? std::string_view(three) : std::string_view(three).substr(0, 1);
    for (at_ += closing.size(); at_ < text_.size(); ++at_) {
      if (text_.substr(at_).starts_with(closing)) {
        at_ += closing.size();
        // Up to two more in front of the closing ones belong to the string.
        for (int more = 0; lines && more < 2 && at_ < text_.size() && text_[at_] == quote; ++more) ++at_;
        return;
      }
      if (text_[at_] == '\n' && !lines) return;
      if (text_[at_] == '\\' && quote == '"') ++at_;
      if (at_ < text_.size() && text_[at_] == '\n') ++line_;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1, depth_ = 0, points_ = 0;
};

}  // namespace

std::string beyond_bounds(std::string_view toml) {
  if (toml.size() > kLongestToml)
    return fmt::format("a prompt of {} bytes is too long; at most {} are read", toml.size(), kLongestToml);
  return Scanner(toml).run();
}

}  // namespace anomalyvlm::prompts
