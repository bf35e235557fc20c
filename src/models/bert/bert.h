#pragma once
// BERT's encoder (Devlin et al., 2019): tokens to contextual vectors. Names of weights are Hugging Face's,
// without the prefix ("bert." in Grounding DINO's checkpoints).
#include <string>
#include <vector>

#include "nn/ops.h"
#include "nn/scope.h"

namespace anomalyvlm {

// The defaults are bert-base's.
struct BertConfig {
  std::int64_t vocabulary = 30522;  // rows of the words' table
  std::int64_t channels = 768;
  int layers = 12;
  std::int64_t heads = 12;
  std::int64_t feed_forward = 3072;  // channels within
  std::int64_t positions = 512;      // rows of their table
  std::int64_t types = 2;            // rows of the table of token types, of which row 0 is used
  nn::Unary activation = nn::Unary::kGelu;
  float norm_eps = 1e-12F;

  static BertConfig bert_base() { return {}; }
};

// The sum of each token's embeddings, from the tables below `prefix` ("bert" or ""), before the first norm.
// Looked up here and not in the graph, so that a compiled graph serves all texts of a length and the words'
// table (94 MB) stays in the mapped file. ids, positions, types: int64 [B, T] -> float32 [B, T, channels].
// Throws Error(kBadModel) for tables that are missing or do not fit each other, Error(kBadInput) for numbers
// beyond them.
Tensor bert_embeddings(const WeightFile& weights, const std::string& prefix, const Tensor& ids,
                       const Tensor& positions, const Tensor& types);

// What is added to attention's scores: 0 where the mask (uint8 or int64, [B, T, T], or [B, T] for all rows of
// a caption) is not 0, kNotSeen elsewhere -> float32 [B, 1, T, T] or [B, 1, 1, T].
constexpr float kNotSeen = -1e9F;
Tensor attention_bias(const Tensor& mask);

// embeddings [B, T, channels] from bert_embeddings(), bias [B or 1, 1, T or 1, T] from attention_bias()
// -> [B, T, channels]. Taps: "embeddings" (after the first norm), "layer0", "layer1", ...
nn::Value bert(const nn::Scope& at, const BertConfig& config, const nn::Value& embeddings,
               const nn::Value& bias);

// The tables, which no graph asks for; and patterns of what checkpoints hold besides and nothing here reads.
std::vector<ExpectedTensor> bert_tables(const BertConfig& config, const std::string& prefix);
std::vector<std::string> bert_ignorable(const std::string& prefix);

}  // namespace anomalyvlm
