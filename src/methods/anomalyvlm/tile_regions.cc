#include "methods/anomalyvlm/tile_regions.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "core/check.h"
#include "regions/combine.h"

namespace anomalyvlm {
namespace {

// The same thing looks different in neighbouring tiles, as its surroundings differ.
constexpr double kLeastAgreement = 0.3;

struct Overlap {
  int both = 0, either = 0;
  void add(bool a, bool b) {
    both += a && b;
    either += a || b;
  }
  double share() const { return either == 0 ? 0 : static_cast<double>(both) / either; }
};

// Where two tiles see the same, or touch.
class Seam {
 public:
  Seam(const PixelRect& a, const PixelRect& b) : common_(intersection(a, b)), a_is_left_(a.x0 < b.x0) {}

  bool exists() const {
    const bool overlap = common_.width() > 0 && common_.height() > 0;
    return overlap || touches_across() || touches_down();
  }

  // 0..1: intersection over union of the masks on the seam. a's tile comes first, row by row: it is above, or
  // left; it can be right where the last row moved inwards.
  double agreement(const Region& a, const Region& b) const {
    if (touches_across()) {
      const Region &left = a_is_left_ ? a : b, &right = a_is_left_ ? b : a;
      const int x = common_.x0;
      if (left.rect().x1 < x || right.rect().x0 > x) return 0;  // most do not reach it
      return along(common_.y0, common_.y1, [&](int y) {
        return std::pair{left.is_inside(x - 1, y), right.is_inside(x, y)};
      });
    }
    if (touches_down()) {
      const int y = common_.y0;
      if (a.rect().y1 < y || b.rect().y0 > y) return 0;
      return along(common_.x0, common_.x1, [&](int x) {
        return std::pair{a.is_inside(x, y - 1), b.is_inside(x, y)};
      });
    }
    const PixelRect in_a = intersection(common_, a.rect()), in_b = intersection(common_, b.rect());
    if (intersection(in_a, in_b).empty()) return 0;
    Overlap overlap;
    for (int y = std::min(in_a.y0, in_b.y0); y < std::max(in_a.y1, in_b.y1); ++y)
      for (int x = std::min(in_a.x0, in_b.x0); x < std::max(in_a.x1, in_b.x1); ++x)
        overlap.add(a.is_inside(x, y), b.is_inside(x, y));
    return overlap.share();
  }

 private:
  bool touches_across() const { return common_.width() == 0 && common_.height() > 0; }
  bool touches_down() const { return common_.height() == 0 && common_.width() > 0; }

  // A slanted line goes on a pixel further along on the other side: so the best of three places counts.
  template <typename Sides>
  static double along(int from, int to, const Sides& sides) {
    std::vector<std::pair<bool, bool>> pixels;
    for (int i = from; i < to; ++i) pixels.push_back(sides(i));
    const int count = to - from;
    double best = 0;
    for (const int shift : {-1, 0, 1}) {
      Overlap overlap;
      for (int i = -1; i <= count; ++i) {
        const int j = i + shift;
        overlap.add(i >= 0 && i < count && pixels[static_cast<std::size_t>(i)].first,
                    j >= 0 && j < count && pixels[static_cast<std::size_t>(j)].second);
      }
      best = std::max(best, overlap.share());
    }
    return best;
  }

  PixelRect common_;
  bool a_is_left_;
};

// Sets of candidates that are one region.
class Groups {
 public:
  explicit Groups(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }
  std::size_t of(std::size_t i) const {
    while (parent_[i] != i) i = parent_[i];
    return i;
  }
  void unite(std::size_t i, std::size_t j) {
    const std::size_t a = of(i), b = of(j);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::size_t> parent_;
};

struct Match {
  double agreement;
  std::size_t first, second;
};

// Unites what agrees between two tiles, one to one.
void unite_neighbours(std::span<const TileCandidate> candidates, std::span<const std::size_t> first,
                      std::span<const std::size_t> second, const Seam& seam, Groups& groups) {
  std::vector<Match> matches;
  for (const std::size_t i : first) {
    for (const std::size_t j : second) {
      const double agreement = seam.agreement(candidates[i].candidate.mask, candidates[j].candidate.mask);
      if (agreement >= kLeastAgreement) matches.push_back({agreement, i, j});
    }
  }
  std::stable_sort(matches.begin(), matches.end(),
                   [](const Match& a, const Match& b) { return a.agreement > b.agreement; });
  std::vector<std::size_t> taken;
  const auto is_taken = [&](std::size_t i) {
    return std::find(taken.begin(), taken.end(), i) != taken.end();
  };
  for (const Match& match : matches) {
    if (is_taken(match.first) || is_taken(match.second)) continue;
    taken.insert(taken.end(), {match.first, match.second});
    groups.unite(match.first, match.second);
  }
}

// The parts of one region, in several tiles.
using Parts = std::vector<TileCandidate*>;

std::vector<const Region*> masks_of(const Parts& parts) {
  std::vector<const Region*> regions;
  for (const TileCandidate* part : parts) regions.push_back(&part->candidate.mask);
  return regions;
}

TileCandidate& surest(const Parts& parts) {
  return **std::max_element(parts.begin(), parts.end(), [](const auto* a, const auto* b) {
    return a->candidate.confidence < b->candidate.confidence;
  });
}

TileCandidate whole_of(const Parts& parts) {
  if (parts.size() == 1) return std::move(*parts[0]);
  Box box = parts[0]->candidate.proposal_box;
  for (const TileCandidate* part : parts) {
    const Box& b = part->candidate.proposal_box;
    box = {std::min(box.x0, b.x0), std::min(box.y0, b.y0), std::max(box.x1, b.x1), std::max(box.y1, b.y1)};
  }
  Region region = joined(masks_of(parts));
  for (TileCandidate* part : parts) part->candidate.mask = {};
  TileCandidate whole = std::move(surest(parts));
  whole.candidate.proposal_box = box;
  whole.candidate.box = region.bounds().empty() ? box : to_box(region.bounds());
  whole.candidate.mask = std::move(region);
  return whole;
}

// Which of the regions stay: the most confident whose joined ones fit into the memory.
std::vector<bool> fitting(std::span<const Parts> regions, std::size_t memory) {
  std::vector<double> confidence;
  std::vector<std::size_t> bytes;
  for (const Parts& parts : regions) {
    confidence.push_back(surest(parts).candidate.confidence);
    bytes.push_back(joined_bytes(masks_of(parts)));
  }
  return most_confident_that_fit(confidence, bytes, memory);
}

}  // namespace

std::vector<TileCandidate> join(std::vector<TileCandidate> candidates, std::span<const Tile> tiles,
                                std::size_t memory, std::size_t* left_out) {
  std::vector<std::vector<std::size_t>> of_tile(tiles.size());
  for (std::size_t i = 0; i < candidates.size(); ++i) of_tile[candidates[i].tile].push_back(i);
  Groups groups(candidates.size());
  for (std::size_t first = 0; first < tiles.size(); ++first) {
    if (of_tile[first].empty()) continue;
    for (std::size_t second = first + 1; second < tiles.size(); ++second) {
      if (of_tile[second].empty()) continue;
      const Seam seam(tiles[first].seen, tiles[second].seen);
      if (seam.exists()) unite_neighbours(candidates, of_tile[first], of_tile[second], seam, groups);
    }
  }
  std::map<std::size_t, Parts> united;  // by the first of them
  for (std::size_t i = 0; i < candidates.size(); ++i) united[groups.of(i)].push_back(&candidates[i]);
  std::vector<Parts> wholes;
  for (auto& [first, parts] : united) wholes.push_back(std::move(parts));
  const std::vector<bool> stays = fitting(wholes, memory);
  std::vector<TileCandidate> regions;
  for (std::size_t i = 0; i < wholes.size(); ++i)
    if (stays[i]) regions.push_back(whole_of(wholes[i]));
  if (left_out != nullptr) *left_out = wholes.size() - regions.size();
  return regions;
}

}  // namespace anomalyvlm
