#include <fmt/format.h>

#include "prompts/grammar.h"
#include "prompts/quantities.h"

namespace anomalyvlm {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? ", " : "") + quoted(text);
  return out + "]";
}

}  // namespace

std::string to_toml(const HybridPrompt& prompt) {
  std::string out;
  if (!prompt.phrases.empty()) out += "phrases = " + list(prompt.phrases) + "\n";
  if (!prompt.object.empty()) out += "object = " + quoted(prompt.object) + "\n";
  if (prompt.object_count) out += fmt::format("object_count = {}\n", *prompt.object_count);
  if (prompt.pixel_size_mm) out += "pixel_size_mm = " + prompts::number_text(*prompt.pixel_size_mm) + "\n";
  if (prompt.max_regions) out += fmt::format("max_regions = {}\n", *prompt.max_regions);
  if (prompt.only_named) out += "only_named = true\n";
  if (prompt.limit) out += "limit = " + prompts::number_text(*prompt.limit) + "\n";
  for (const KindLimit& limit : prompt.kind_limits)
    out += fmt::format("\n[[kind_limit]]\nphrases = {}\nmax_regions = {}\n", list(limit.phrases),
                       limit.max_regions);
  for (const Rule& rule : prompt.rules) {
    const bool place = rule.quantity == Quantity::kLocation;
    const std::string_view key = place ? prompts::symbol(rule.comparison) : prompts::info(rule.quantity).key;
    out += fmt::format("\n[[rule]]\n{} = {}\n", key, quoted(prompts::bound_text(rule)));
    if (!rule.phrases.empty()) out += "phrases = " + list(rule.phrases) + "\n";
    if (rule.criterion != 0)
      out += prompts::is_alone(prompt, rule) ? "criterion = true\n"
                                             : fmt::format("criterion = {}\n", rule.criterion);
  }
  return out;
}

}  // namespace anomalyvlm
