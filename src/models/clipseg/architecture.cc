#include "models/clipseg/architecture.h"

#include <nlohmann/json.hpp>

#include "models/clip/architecture.h"
#include "models/clipseg/clipseg.h"

namespace anomalyvlm::clipseg {
namespace {

std::string decoder_json(const ClipSegConfig& c) {
  return nlohmann::json{{"model", "clipseg"},   {"clip", nlohmann::json::parse(clip::config_json(c.clip))},
                        {"layers", c.layers},   {"channels", c.channels},
                        {"heads", c.heads},     {"feed_forward", c.feed_forward},
                        {"refined", c.refined}, {"up", c.up}}
      .dump();
}

template <ClipSegConfig (*kConfig)()>
constexpr Architecture decoder_architecture(std::string_view name) {
  return {.name = name,
          .config = [] { return std::any(kConfig()); },
          .config_json = [] { return decoder_json(kConfig()); },
          .tensors = [] { return expected_tensors(kConfig()); },
          .ignorable = [] { return ignorable_tensors(); }};
}

}  // namespace

constinit const Architecture kRd64 = decoder_architecture<ClipSegConfig::rd64>("clipseg-rd64");
constinit const Architecture kRd16 = decoder_architecture<ClipSegConfig::rd16>("clipseg-rd16");
constinit const Architecture kRd64Refined =
    decoder_architecture<ClipSegConfig::rd64_refined>("clipseg-rd64-refined");

}  // namespace anomalyvlm::clipseg
