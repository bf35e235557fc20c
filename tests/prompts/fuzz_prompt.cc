// libFuzzer: sentences, TOML and the released code's property sentence. Nothing but Error may come out, and
// what is understood must survive the way through TOML.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "anomalyvlm/error.h"
#include "anomalyvlm/prompt.h"
#include "prompts/saa_property.h"

namespace {

template <typename Body>
void expect_only_bad_prompt(const Body& body) {
  try {
    body();
  } catch (const anomalyvlm::Error& error) {
    if (error.kind() != anomalyvlm::ErrorKind::kBadPrompt) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anomalyvlm;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  HybridPrompt prompt;
  bool understood = false;
  expect_only_bad_prompt([&] {
    prompt = parse_prompt_text(text);
    understood = true;
  });
  expect_only_bad_prompt([&] { parse_prompt_toml(text, "fuzz.toml"); });
  expect_only_bad_prompt([&] { saa_property(text); });
  if (!understood) return 0;
  if (!(parse_prompt_toml(to_toml(prompt), "again.toml") == prompt)) std::abort();
  if (describe(prompt).empty()) std::abort();
  return 0;
}
