// The kind "clip_tokenizer": texts as the tokenizers of openai/CLIP and of open_clip number them.
#include "models/clip/tokenizer.h"

#include "reference/runner.h"
#include "reference/vocabulary.h"

namespace anomalyvlm::golden {

void run_clip_tokenizer(const GoldenCase& golden, GoldenContext&, Outputs& out) {
  const nlohmann::json& config = golden.info.at("config");
  const auto length = config.value("context_length", std::int64_t{77});
  const clip::TooLong openai_too_long =
      config.value("truncate", true) ? clip::TooLong::kCut : clip::TooLong::kRefuse;
  const std::filesystem::path file = find_vocabulary(golden, "bpe_simple_vocab_16e6.txt.gz");
  const auto openai = clip::Tokenizer::load(file, clip::SpecialTokens::kOpenAi);
  const auto openclip = clip::Tokenizer::load(file, clip::SpecialTokens::kOpenClip);
  std::vector<std::int64_t> openai_ids, openclip_ids;
  std::int64_t count = 0;
  for (const nlohmann::json& entry : golden.info.at("texts")) {
    const std::string text = (entry.is_string() ? entry : entry.at("text")).get<std::string>();
    for (const std::int64_t id : openai.context(text, length, openai_too_long)) openai_ids.push_back(id);
    for (const std::int64_t id : openclip.context(text, length, clip::TooLong::kCut))
      openclip_ids.push_back(id);
    if (const std::size_t n = openai.encode(text).size(); entry.is_object() && entry.value("n_bpe", n) != n)
      out.check(fmt::format("n_bpe of text {}", count), false,
                fmt::format("{} instead of {}", n, entry["n_bpe"].get<std::size_t>()));
    ++count;
  }
  out.give("ids_openai", Tensor::from<std::int64_t>({count, length}, std::move(openai_ids)));
  out.give("ids_openclip", Tensor::from<std::int64_t>({count, length}, std::move(openclip_ids)));
}

}  // namespace anomalyvlm::golden
