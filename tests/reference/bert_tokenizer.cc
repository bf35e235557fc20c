// The kind "bert_tokenizer": tokens, masks of phrases, phrases read back, captions made ready.
#include <algorithm>

#include "models/grounding_dino/captions.h"
#include "models/grounding_dino/phrases.h"
#include "reference/runner.h"
#include "reference/vocabulary.h"

namespace anomalyvlm::golden {

namespace {

namespace gdino = grounding_dino;
using Json = nlohmann::json;

class TokenizerCase {
 public:
  TokenizerCase(const GoldenCase& golden, Outputs& outputs)
      : info_(golden.info),
        config_(golden.info.value("config", Json::object())),
        tokenizer_(WordPieceTokenizer::load(
            find_vocabulary(golden),
            config_.value("max_input_chars_per_word", WordPieceTokenizer::kLongestWord))),
        out_(outputs) {
    if (const std::string padding = config_.value("padding", "longest"); padding != "longest")
      throw NotSupported("padding is " + padding + "; only longest is supported");
    equal("pad_id", tokenizer_.padding(), config_.value("pad_id", tokenizer_.padding()));
    const Json special = config_.value("special_tokens", Json::object());
    for (const auto& [token, id] : special.items())
      equal("special_tokens." + token, tokenizer_.id(token), id);
  }

  void run() {
    each("pairs", [&](const std::string& name, const Json& item) {
      equal(name, tokenizer_.encode(text(item, "text")), item.at("ids"));
    });
    each("fast_vs_slow", [&](const std::string& name, const Json& item) {
      equal(name, tokenizer_.encode(text(item, "text")), item.at("ids_fast"));
    });
    each("prompts", [&](const std::string& name, const Json& item) { run_prompt(name, item); });
    each("prompts_official_error", [&](const std::string& name, const Json& item) {
      const gdino::TokenizedCaptions captions = tokenized(item);
      equal(name + ".raises", has_bare_caption(captions), true);
    });
    each("phrases", [&](const std::string& name, const Json& item) { run_phrase(name, item); });
    each("preprocess_caption", [&](const std::string& name, const Json& item) {
      equal(name, gdino::detector_caption(text(item, "in")), item.at("out"));
    });
  }

 private:
  static Json list(const Json& parent, const char* key) { return parent.value(key, Json()); }
  static std::string text(const Json& item, const char* key) { return item.at(key).get<std::string>(); }

  template <typename Visit>
  void each(const char* key, Visit&& visit) {
    int index = 0;
    for (const Json& item : list(info_, key)) visit(fmt::format("{}.{}", key, index++), item);
  }

  void equal(const std::string& name, const Json& got, const Json& expected) {
    const bool ok = got == expected;
    out_.check(name, ok, ok ? "" : fmt::format("{} where {} is expected", got.dump(), expected.dump()));
  }

  gdino::TokenizedCaptions tokenized(const Json& item) const {
    return gdino::tokenize_captions(tokenizer_, item.at("captions").get<std::vector<std::string>>(),
                                    config_.value("max_text_len", std::int64_t{256}));
  }

  // What the authors' code cannot stack.
  static bool has_bare_caption(const gdino::TokenizedCaptions& captions) {
    return std::any_of(captions.phrases.begin(), captions.phrases.end(),
                       [](const auto& phrases) { return phrases.empty(); });
  }

  // As the authors keep them: a row of zeros and ones for each phrase.
  static Tensor rows(const std::vector<gdino::PhraseColumns>& phrases, std::int64_t columns) {
    const auto count = static_cast<std::int64_t>(phrases.size());
    std::vector<std::uint8_t> values(static_cast<std::size_t>(count * columns));
    for (std::int64_t i = 0; i < count; ++i)
      std::fill(values.begin() + i * columns + phrases[static_cast<std::size_t>(i)].begin,
                values.begin() + i * columns + phrases[static_cast<std::size_t>(i)].end, std::uint8_t{1});
    return Tensor::from({count, columns}, std::move(values));
  }

  void run_prompt(const std::string& name, const Json& item) {
    const gdino::TokenizedCaptions captions = tokenized(item);
    std::int64_t longest = 0;
    for (const Json& caption : item.at("captions"))
      longest = std::max<std::int64_t>(longest, std::ssize(tokenizer_.encode(caption.get<std::string>())));
    equal(name + ".n_tokens_before_truncation", longest, item.value("n_tokens_before_truncation", longest));
    if (item.contains("transfer_map"))
      equal(name + ".transfer_map", !has_bare_caption(captions), item["transfer_map"] == "ok");
    const std::string at = "prompt" + name.substr(name.rfind('.') + 1);
    out_.give(at + ".input_ids", captions.ids);
    out_.give(at + ".attention_mask", captions.real);
    out_.give(at + ".text_self_attention_masks", captions.masks);
    out_.give(at + ".position_ids", captions.positions);
    for (std::size_t i = 0; i < captions.phrases.size(); ++i)
      out_.give(fmt::format("{}.cate_to_token_mask.{}", at, i), rows(captions.phrases[i], longest));
  }

  void run_phrase(const std::string& name, const Json& item) {
    const std::vector<std::string> tokens = tokenizer_.tokens(tokenizer_.encode(text(item, "caption")));
    const auto chosen = item.at("posmap_true").get<std::vector<std::size_t>>();
    std::vector<float> scores(256);
    for (const std::size_t column : chosen) scores.at(column) = 1;
    const gdino::TokenRange range = {item.value("left_idx", gdino::kCaptionTokens.left),
                                     item.value("right_idx", gdino::kCaptionTokens.right)};
    equal(name, gdino::read_phrase(scores, tokens, 0.5F, range), item.at("phrase"));
    if (item.contains("phrase_predict"))
      equal(name + ".predict", gdino::detected_phrase(scores, tokens, 0.5F), item["phrase_predict"]);
    if (!item.contains("phrase_saa_copy")) return;
    Json whole;  // null where that code raises
    try {
      whole = gdino::read_phrase(scores, tokens, 0.5F);
    } catch (const Error&) {
    }
    equal(name + ".saa_copy", whole, item["phrase_saa_copy"]);
  }

  const Json& info_;
  Json config_;
  WordPieceTokenizer tokenizer_;
  Outputs& out_;
};

}  // namespace

void run_bert_tokenizer(const GoldenCase& golden, GoldenContext&, Outputs& outputs) {
  TokenizerCase(golden, outputs).run();
}

}  // namespace anomalyvlm::golden
