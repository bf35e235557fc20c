// libFuzzer: sentences, TOML and options. Nothing but Error may come out, and what is understood must survive
// the way through TOML. A reading for editors agrees with the parser, and its places and numbers are right.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "anomalyvlm/error.h"
#include "anomalyvlm/prompt.h"
#include "prompts/phrase_match.h"
#include "prompts/reading_properties.h"

namespace {

using namespace anomalyvlm;

template <typename Parse>
void check(const Parse& parse) {
  HybridPrompt prompt;
  try {
    prompt = parse();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kBadPrompt || std::string_view(error.what()).empty()) std::abort();
    return;
  }
  if (!(parse_prompt_toml(to_toml(prompt), "again.toml") == prompt)) std::abort();
  if (describe(prompt).empty()) std::abort();
  for (const std::string& phrase : prompt.phrases) {
    if (names_phrase(phrase, "crack on the edge. hole") && phrase.empty()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check([&] { return parse_prompt_text(text); });
  if (!test::broken_property(text, 2).empty()) std::abort();
  check([&] { return parse_prompt_toml(text, "fuzz.toml"); });
  if (size == 0) return 0;
  const auto options = prompt_options();
  const std::pair<std::string, std::string> option = {std::string(options[data[0] % options.size()].name),
                                                      std::string(text.substr(1))};
  check([&] { return parse_prompt_options({&option, 1}); });
  return 0;
}
