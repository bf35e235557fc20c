// The one list of what anomalyvlm-golden can run. A runner is a function in a file of its own.
#include "reference/runner.h"

namespace anomalyvlm::golden {

void run_bert(const GoldenCase&, GoldenContext&, Outputs&);
void run_bert_tokenizer(const GoldenCase&, GoldenContext&, Outputs&);
void run_bi_attention(const GoldenCase&, GoldenContext&, Outputs&);
void run_bi_attention_block(const GoldenCase&, GoldenContext&, Outputs&);
void run_clip(const GoldenCase&, GoldenContext&, Outputs&);
void run_clip_tokenizer(const GoldenCase&, GoldenContext&, Outputs&);
void run_clipseg(const GoldenCase&, GoldenContext&, Outputs&);
void run_dinov2(const GoldenCase&, GoldenContext&, Outputs&);
void run_grounding_dino(const GoldenCase&, GoldenContext&, Outputs&);
void run_grounding_dino_preprocess(const GoldenCase&, GoldenContext&, Outputs&);
void run_hybrid_prompts(const GoldenCase&, GoldenContext&, Outputs&);
void run_image_ops(const GoldenCase&, GoldenContext&, Outputs&);
void run_metrics(const GoldenCase&, GoldenContext&, Outputs&);
void run_mobile_sam(const GoldenCase&, GoldenContext&, Outputs&);
void run_patchcore(const GoldenCase&, GoldenContext&, Outputs&);
void run_saa_e2e(const GoldenCase&, GoldenContext&, Outputs&);
void run_saliency_features(const GoldenCase&, GoldenContext&, Outputs&);
void run_saliency_image(const GoldenCase&, GoldenContext&, Outputs&);
void run_saliency_multi(const GoldenCase&, GoldenContext&, Outputs&);
void run_msdeform_core(const GoldenCase&, GoldenContext&, Outputs&);
void run_msdeform_module(const GoldenCase&, GoldenContext&, Outputs&);
void run_sam(const GoldenCase&, GoldenContext&, Outputs&);
void run_sam_predictor(const GoldenCase&, GoldenContext&, Outputs&);
void run_swin(const GoldenCase&, GoldenContext&, Outputs&);
void run_text_enhancer(const GoldenCase&, GoldenContext&, Outputs&);
void run_utad(const GoldenCase&, GoldenContext&, Outputs&);
void run_wide_resnet(const GoldenCase&, GoldenContext&, Outputs&);
void run_winclip(const GoldenCase&, GoldenContext&, Outputs&);

namespace {

struct Entry {
  const char* name;  // case.json's "model", whole or up to a space or '('; else its "kind"
  Runner run;
};

constexpr Entry kRunners[] = {
    {"hybrid_prompts", run_hybrid_prompts},
    {"image_ops", run_image_ops},
    {"saa_plus_end_to_end", run_saa_e2e},
    {"saliency_features", run_saliency_features},
    {"saliency_image", run_saliency_image},
    {"saliency_multi", run_saliency_multi},
    {"wide_resnet", run_wide_resnet},
    {"sam", run_sam},
    {"sam_tiny_cfg", run_sam},
    {"mobile_sam_tinyvit", run_mobile_sam},
    {"mobile_sam_cfg", run_mobile_sam},
    {"sam_predictor", run_sam_predictor},
    // Grounding DINO and its parts
    {"GroundingDINO", run_grounding_dino},
    {"groundingdino", run_grounding_dino},
    {"groundingdino preprocessing", run_grounding_dino_preprocess},
    {"bert", run_bert},
    {"bert_tokenizer", run_bert_tokenizer},
    {"BiAttentionBlock", run_bi_attention_block},
    {"BiMultiHeadAttention", run_bi_attention},
    {"multi_scale_deformable_attn_pytorch", run_msdeform_core},
    {"MultiScaleDeformableAttention", run_msdeform_module},
    {"Joiner", run_swin},
    {"TransformerEncoderLayer", run_text_enhancer},
    {"metrics", run_metrics},
    // CLIP and what is made of it
    {"clip", run_clip},
    {"clip_tiny", run_clip},
    {"clip_tokenizer", run_clip_tokenizer},
    {"clipseg", run_clipseg},
    {"clipseg_tiny", run_clipseg},
    {"DinoVisionTransformer", run_dinov2},
    {"dinov2", run_dinov2},
    {"dinov2_tiny", run_dinov2},
    // other methods
    {"patchcore", run_patchcore},
    {"utad", run_utad},
    {"winclip", run_winclip},
    {"winclip_tiny", run_winclip},
};

bool names_it(std::string_view entry, std::string_view model) {
  return model.starts_with(entry) &&
         (model.size() == entry.size() || model[entry.size()] == ' ' || model[entry.size()] == '(');
}

}  // namespace

Runner find_runner(const GoldenCase& golden) {
  const Entry* found = nullptr;
  for (const Entry& entry : kRunners)
    if (names_it(entry.name, golden.model)) found = &entry;
  for (const Entry& entry : kRunners)
    if (found == nullptr && golden.kind == entry.name) found = &entry;
  return found == nullptr ? nullptr : found->run;
}

}  // namespace anomalyvlm::golden
