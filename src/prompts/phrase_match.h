#pragma once
// When a rule for some phrases applies to a candidate.
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

namespace anomalyvlm {

// Equal except for case, in every script, and for how accents are encoded.
bool same_name(std::string_view a, std::string_view b);
bool same_names(std::span<const std::string> a, std::span<const std::string> b);

// Names, of which no two are the same_name(): for many of them.
class NameSet {
 public:
  explicit NameSet(std::span<const std::string> names = {});
  bool add(std::string_view name);  // false: it is there

 private:
  std::unordered_set<std::string> folded_;
};

// The same words, singular or plural: "white print" and "white prints".
bool same_phrase(std::string_view a, std::string_view b);

// Whether a rule for `named` applies to a candidate found for `found`: the same phrase, or one that ends in
// it, so that what it names is meant ("crack" and "cracks" take in "hairline crack" and "crack on the edge",
// not "crack filler"). A candidate of several phrases ("hole. crack") is meant by each.
bool names_phrase(std::string_view named, std::string_view found);

}  // namespace anomalyvlm
