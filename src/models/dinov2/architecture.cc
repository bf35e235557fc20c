#include "models/dinov2/architecture.h"

#include <nlohmann/json.hpp>

#include "models/dinov2/dinov2.h"
#include "models/dinov2/hugging_face_names.h"

namespace anomalyvlm::dinov2 {
namespace {

using nlohmann::json;

json as_json(const Dinov2Config& c) {
  return {{"model", "dinov2"},
          {"channels", c.channels},
          {"blocks", c.blocks},
          {"heads", c.heads},
          {"registers", c.registers},
          {"feed_forward", c.feed_forward == FeedForward::kMlp ? "mlp" : "swiglu"},
          {"hidden", c.hidden},
          {"patch", c.patch},
          {"grid", c.grid},
          {"resampling", {{"antialias", c.resampling.antialias}, {"offset", c.resampling.offset}}},
          {"norm_eps", c.norm_eps}};
}

// Small tables.
constexpr std::string_view kExact[] = {"cls_token", "register_tokens", "pos_embed"};

constexpr OtherNames kHuggingFace = {"Hugging Face", has_hugging_face_names, with_authors_names};

template <Dinov2Config (*kConfig)()>
constexpr Architecture architecture(std::string_view name) {
  return {.name = name,
          .config = [] { return std::any(kConfig()); },
          .config_json = [] { return as_json(kConfig()).dump(); },
          .tensors = [] { return expected_tensors(kConfig()); },
          .ignorable = ignorable_tensors,
          .exact = kExact,
          .other_names = &kHuggingFace};
}

}  // namespace

constinit const Architecture kVitS14 = architecture<Dinov2Config::vit_s>("dinov2-vits14");
constinit const Architecture kVitS14Reg = architecture<Dinov2Config::vit_s_reg>("dinov2-vits14-reg");
constinit const Architecture kVitB14 = architecture<Dinov2Config::vit_b>("dinov2-vitb14");
constinit const Architecture kVitB14Reg = architecture<Dinov2Config::vit_b_reg>("dinov2-vitb14-reg");

}  // namespace anomalyvlm::dinov2
