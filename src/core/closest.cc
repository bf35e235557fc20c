#include "core/closest.h"

#include <algorithm>
#include <vector>

namespace anomalyvlm {

std::size_t letter_edits(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      const std::size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({replaced, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

std::string closest(std::string_view word, std::span<const std::string> names) {
  constexpr std::size_t kLongest = 64;  // of words; what is longer was not mistyped
  if (word.size() > kLongest) return {};
  std::string best;
  std::size_t least = word.size() / 3 + 1;  // one of "log", two of "write", four of "threshold"
  if (word.size() < 3) least = 1;
  for (const std::string& name : names) {
    const std::size_t differ = letter_edits(word, name);
    if (differ > least || (differ == least && !best.empty())) continue;
    if (differ >= name.size()) continue;
    best = name;
    least = differ;
  }
  return best;
}

}  // namespace anomalyvlm
