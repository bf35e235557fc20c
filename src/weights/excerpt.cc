#include "weights/excerpt.h"

namespace anomalyvlm {

std::string excerpt(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  std::string result(text.substr(0, kLongest));
  for (char& c : result)
    if (c < ' ' || c > '~') c = '?';
  return text.size() > kLongest ? result + "..." : result;
}

}  // namespace anomalyvlm
