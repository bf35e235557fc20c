// What names and shapes of a file tell, of published files too, and files that are damaged or of others.
#include "models/dinov2/config.h"

#include <gmock/gmock.h>

#include "errors.h"
#include "models/dinov2/architecture.h"
#include "models/dinov2/small_dinov2.h"
#include "models/shared_layouts.h"

namespace anomalyvlm::dinov2 {
namespace {

using test::error_of;
using ::testing::HasSubstr;

Tensor shaped(const Shape& shape) { return Tensor(DType::kF32, shape, nullptr, nullptr); }

// Without values, which nobody looks at.
WeightFile::Tensors tensors_of(const Dinov2Config& config) {
  WeightFile::Tensors tensors;
  for (const ExpectedTensor& tensor : expected_tensors(config))
    tensors.emplace(tensor.name, shaped(tensor.shape));
  return tensors;
}

TEST(Dinov2Files, TellHowTheyAreBuilt) {
  for (Dinov2Config config :
       {test::small_dinov2(), test::small_dinov2(4), test::small_dinov2(1, FeedForward::kSwiGlu)}) {
    config.heads = 1;  // is not told: one for each 64 channels, at least one
    EXPECT_EQ(read_config(WeightFile("w", tensors_of(config))).description(), config.description());
  }
}

TEST(Dinov2Files, OfTheAuthorsAreRead) {
  for (const auto& [layout, config, architecture] :
       {std::tuple{"dinov2_vits14", Dinov2Config::vit_s(), &kVitS14},
        {"dinov2_vits14_reg", Dinov2Config::vit_s_reg(), &kVitS14Reg},
        {"dinov2_vitb14", Dinov2Config::vit_b(), &kVitB14},
        {"dinov2_vitb14_reg", Dinov2Config::vit_b_reg(), &kVitB14Reg}}) {
    const std::filesystem::path path = test::shared_layout(layout);
    if (test::absent(path)) GTEST_SKIP() << "no " << path;
    WeightFile::Tensors tensors;
    for (const auto& [name, shape] : test::read_layout(path)) tensors.emplace(name, shaped(shape));
    const WeightFile file(layout, std::move(tensors));
    EXPECT_EQ(read_config(file).description(), config.description());
    EXPECT_NO_THROW(check_names(file, *architecture));
    EXPECT_EQ(parameters_of(*architecture) + static_cast<std::uint64_t>(config.channels), file.parameters())
        << "all but mask_token";
  }
}

// The error that a file gives after `change`, which must be one sentence.
std::string error_after(const std::function<void(WeightFile::Tensors&)>& change) {
  WeightFile::Tensors tensors = tensors_of(test::small_dinov2(2));
  change(tensors);
  const std::string text =
      error_of(ErrorKind::kBadModel, [&] { read_config(WeightFile("file.pth", std::move(tensors))); });
  EXPECT_THAT(text, HasSubstr("file.pth: "));
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  return text;
}

TEST(Dinov2Files, ThatAreDamagedOrOfOthersAreTold) {
  using Tensors = WeightFile::Tensors;
  EXPECT_THAT(error_after([](Tensors& t) { t.clear(); }), HasSubstr("no tensor 'patch_embed.proj.weight'"));
  EXPECT_THAT(error_after([](Tensors& t) { t.erase("pos_embed"); }), HasSubstr("no tensor 'pos_embed'"));
  EXPECT_THAT(error_after([](Tensors& t) { t.erase("blocks.0.mlp.fc1.weight"); }),
              HasSubstr("no tensor 'blocks.0.mlp.fc1.weight'"));
  EXPECT_THAT(error_after([](Tensors& t) { t.erase("blocks.1.norm1.weight"); }),
              AllOf(HasSubstr("there is a tensor 'blocks.1.attn.proj.bias'"),
                    HasSubstr("none named 'blocks.1.norm1.weight'")));
  EXPECT_THAT(error_after([](Tensors& t) {
                std::erase_if(t, [](const auto& e) { return e.first.starts_with("blocks."); });
              }),
              HasSubstr("no blocks of a transformer"));
}

TEST(Dinov2Files, ShapesThatCannotBeAreTold) {
  const auto error_of_shape = [](const std::string& name, const Shape& shape) {
    return error_after([&](WeightFile::Tensors& t) { t.insert_or_assign(name, shaped(shape)); });
  };
  for (const Shape& shape : {Shape{12, 3, 5}, {12, 4, 5, 5}, {12, 3, 5, 6}, {0, 3, 5, 5}})
    EXPECT_THAT(error_of_shape("patch_embed.proj.weight", shape), HasSubstr("is [channels, 3, side, side]"));
  for (const Shape& shape : {Shape{1, 11, 12}, {1, 1, 12}, {1, 10, 13}, {2, 10, 12}, {10, 12}, {1, 0, 12}})
    EXPECT_THAT(error_of_shape("pos_embed", shape), HasSubstr("is [1, 1 + side * side, 12]"));
  for (const Shape& shape : {Shape{1, 2, 13}, {2, 12}, {1, 0, 12}})
    EXPECT_THAT(error_of_shape("register_tokens", shape), HasSubstr("is [1, registers, 12]"));
  for (const Shape& shape : {Shape{17}, {17, 13}, {0, 12}})
    EXPECT_THAT(error_of_shape("blocks.0.mlp.fc1.weight", shape), HasSubstr("is [hidden, 12]"));
  EXPECT_THAT(error_of_shape("blocks.0.mlp.w12.weight", {17, 12}), HasSubstr("is [2 * hidden, 12]"));
}

}  // namespace
}  // namespace anomalyvlm::dinov2
