#include "weights/shown.h"

namespace anomalyvlm {

std::string shown(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  std::string result(text.substr(0, kLongest));
  for (char& c : result)
    if (c < ' ' || c > '~') c = '?';
  return text.size() > kLongest ? result + "..." : result;
}

}  // namespace anomalyvlm
