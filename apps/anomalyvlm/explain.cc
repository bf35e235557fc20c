#include "explain.h"

#include <fmt/format.h>

#include <algorithm>

namespace anomalyvlm::cli {
namespace {

std::size_t rejected(const Detection& d, Rejection::By by) {
  return static_cast<std::size_t>(
      std::count_if(d.candidates.begin(), d.candidates.end(),
                    [&](const Candidate& c) { return c.rejected_by && c.rejected_by->by == by; }));
}

std::string outcome(const std::string& stage, const Detection& d) {
  const std::size_t all = d.candidates.size();
  if (stage == "open")
    return fmt::format("{} x {} pixels{}", d.width, d.height,
                       d.resize > 0 ? fmt::format(", seen as {0} x {0}", d.resize) : "");
  if (stage == "object")
    return fmt::format("{} object{}", d.objects.size(), d.objects.size() == 1 ? "" : "s");
  if (stage == "propose") return fmt::format("{} candidates", all);
  if (stage == "refine") return fmt::format("{} masks", all - rejected(d, Rejection::By::kEmptyMask));
  if (stage == "compare")
    return fmt::format("{} look like the references", rejected(d, Rejection::By::kReference));
  if (stage == "filter")
    return fmt::format("{} broke a rule, {} name the object", rejected(d, Rejection::By::kRule),
                       rejected(d, Rejection::By::kObjectName));
  if (stage == "saliency" && !d.saliency.values.empty()) {
    const auto [low, high] = std::minmax_element(d.saliency.values.begin(), d.saliency.values.end());
    return fmt::format("{:.3f} to {:.3f}", *low, *high);
  }
  if (stage == "select")
    return fmt::format("{} kept, {} beyond the region number", d.kept,
                       rejected(d, Rejection::By::kMaxRegions) + rejected(d, Rejection::By::kKindLimit));
  if (stage == "fuse") return fmt::format("image score {:.3f}", d.image_score);
  return "";
}

}  // namespace

std::string explain(const Detection& d, const HybridPrompt& prompt) {
  std::string text = "Prompt\n" + describe(prompt);
  if (!text.ends_with('\n')) text += '\n';
  text += fmt::format("\nStages (profile {})\n", d.profile);
  for (const auto& [stage, seconds] : d.timings)
    text += fmt::format("  {:<9} {:8.1f} ms  {}\n", stage, seconds * 1e3, outcome(stage, d));
  text += fmt::format(
      "\nCandidates, by refined score (confidence raised by saliency, Eq. 4) times the probability of a "
      "named "
      "kind\n  {:>3}  {:<18} {:<24} {:>6} {:>6} {:>7} {:>6}  {}\n",
      "id", "phrase", "box x0 y0 x1 y1", "conf.", "sal.", "refined", "named", "outcome");
  for (const Candidate& c : d.candidates)
    text += fmt::format("  {:>3}  {:<18} {:<24} {:6.3f} {:6.3f} {:7.3f} {:6.2f}  {}\n", c.id, c.phrase,
                        fmt::format("{:.0f} {:.0f} {:.0f} {:.0f}", c.box.x0, c.box.y0, c.box.x1, c.box.y1),
                        c.confidence, c.saliency, c.refined_score, c.named,
                        c.rejected_by ? "rejected: " + c.rejected_by->text : "kept");
  for (const std::string& note : d.notes) text += "Note: " + note + "\n";
  return text;
}

}  // namespace anomalyvlm::cli
