#include "models/clip/architecture.h"

#include <nlohmann/json.hpp>

#include "models/clip/clip.h"

namespace anomalyvlm::clip {
namespace {

template <ClipConfig (*kConfig)()>
constexpr Architecture architecture(std::string_view name) {
  return {.name = name,
          .config = [] { return std::any(kConfig()); },
          .config_json = [] { return config_json(kConfig()); },
          .tensors = [] { return expected_tensors(kConfig()); },
          .ignorable = [] { return ignorable_tensors(); }};
}

}  // namespace

std::string config_json(const ClipConfig& c) {
  const auto transformer = [](const TransformerConfig& t) {
    return nlohmann::json{{"channels", t.channels}, {"layers", t.layers}, {"heads", t.heads}};
  };
  return nlohmann::json{{"model", "clip"},
                        {"embedding", c.embedding},
                        {"image_size", c.image_size},
                        {"patch", c.patch},
                        {"vision", transformer(c.vision)},
                        {"text", transformer(c.text)},
                        {"context", c.context},
                        {"vocabulary", c.vocabulary},
                        {"quick_gelu", c.quick_gelu},
                        {"norm_eps", c.norm_eps},
                        {"tokenizer", c.special_tokens == SpecialTokens::kOpenAi ? "openai" : "open_clip"}}
      .dump();
}

constinit const Architecture kVitB16 = architecture<ClipConfig::vit_b_16>("clip-vit-b-16");
constinit const Architecture kVitB16Plus240 =
    architecture<ClipConfig::vit_b_16_plus_240>("clip-vit-b-16-plus-240");

}  // namespace anomalyvlm::clip
